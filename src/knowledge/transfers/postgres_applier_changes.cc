// How each message of the stream becomes statements in the target.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_applier.h"

namespace lakeshift::transfers {

namespace pgoutput = databases::pgoutput;
using databases::PostgresParameter;
using databases::quote_name;
using pgoutput::Old;
using pgoutput::Tuple;
using pgoutput::Value;

namespace {

constexpr const char* kMessagePrefix = "lakeshift";
constexpr std::int64_t kLargePages = 256;
constexpr std::int64_t kLookAgain = 10'000;   // changes of a table that was not large
constexpr std::size_t kLargeRow = 64u << 10;  // bytes; goes alone

std::vector<bool> unchanged_in(const Tuple& row) {
  std::vector<bool> unchanged(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) unchanged[i] = row[i].kind == Value::Kind::unchanged;
  return unchanged;
}

std::string kind_of(char change, Old old, const std::vector<bool>& unchanged) {
  std::string kind = {change, old == Old::absent ? 'a' : old == Old::key ? 'k' : 'r'};
  if (std::find(unchanged.begin(), unchanged.end(), true) == unchanged.end()) return kind;
  for (const bool is : unchanged) kind += is ? '1' : '0';
  return kind;
}

SourceRelation own(const pgoutput::Relation& relation) {
  SourceRelation owned{
      std::string(relation.schema), std::string(relation.name), relation.identity, {}};
  for (const pgoutput::Column& column : relation.columns)
    owned.columns.push_back(
        {std::string(column.name), column.type, column.modifier, column.is_key});
  return owned;
}

bool is_same(const SourceRelation& a, const SourceRelation& b) {
  return a.schema == b.schema && a.name == b.name && a.identity == b.identity &&
         std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const SourceColumn& x, const SourceColumn& y) {
                      return x.name == y.name && x.type_id == y.type_id &&
                             x.modifier == y.modifier && x.is_key == y.is_key;
                    });
}

// What tells the row of a change; "" when the target has no key for it.
std::string key_of(const AppliedRelation& relation, const Tuple& row) {
  std::string key;
  for (const std::size_t column : relation.unique) {
    key += std::to_string(row[column].bytes.size()) + ":";
    key += row[column].bytes;
  }
  return key;
}

bool is_same_key(const AppliedRelation& relation, const Tuple& before, const Tuple& row) {
  return std::all_of(relation.unique.begin(), relation.unique.end(), [&](std::size_t column) {
    return row[column].kind != Value::Kind::unchanged && before[column].bytes == row[column].bytes;
  });
}

tl::unexpected<Error> wrong_width(const AppliedRelation& relation, std::size_t values) {
  return fail(
      "bad-pgoutput",
      fmt::format("a row of {} values for {} columns", values, relation.source.columns.size()),
      relation.about(), "report it with the server's version");
}

}  // namespace

Status Applier::on(const pgoutput::Begin& begin, const At&) {
  LS_TRY(hold(begin.commit_lsn));
  in_transaction_ = true;
  commit_ = begin.commit_lsn;
  // The server leaves these out by itself; it must not depend on that.
  skipping_ = begin.commit_lsn < recorded_;
  return {};
}

Status Applier::on(const pgoutput::Commit& commit, const At&) {
  in_transaction_ = false;
  if (skipping_) return {};
  done_commit_ = commit.commit_lsn;
  done_end_ = commit.end_lsn;
  done_time_ = commit.commit_time;
  ++batch_transactions_;
  return {};
}

Status Applier::on(const pgoutput::Relation& relation, const At&) {
  const auto known = relations_.find(relation.id);
  if (known != relations_.end() && is_same(known->second->source, own(relation))) return {};
  LS_TRY(groups_->send());
  LS_ASSIGN(relations_[relation.id], resolve(relation));
  return {};
}

Result<Applier::Relation> Applier::resolve(const pgoutput::Relation& relation) {
  auto applied = std::make_shared<AppliedRelation>();
  applied->source = own(relation);
  const TableName name{applied->source.schema, applied->source.name};
  applied->ignored = name.first == kLedgerSchema;
  if (applied->ignored) return applied;
  if (const auto copied = copied_.find(name); copied != copied_.end())
    applied->copied_at = copied->second;
  if (silence_ == Silence::disabled_triggers) LS_TRY(disable_triggers(*catalogue_, name));
  auto target = read_relation(*catalogue_, name.first, name.second);
  RelationChange change{table_text(name), {}, commit_};
  if (target) {
    applied->target = std::move(*target);
    const StatementWriter writer(applied->source, applied->target);
    change.differences = writer.differences();
    applied->always = writer.always_columns();
    applied->unique = writer.unique_columns();
    applied->one_by_one = silence_ != Silence::replica_role || applied->target.loud_triggers ||
                          one_by_one_.contains(applied->about());
  } else if (target.error().code == "target-table-missing") {
    change.differences = {"the target has no such table"};
  } else {
    return fail(target.error());
  }
  if (change.differences.empty()) {
    if (options_.masks) LS_TRY(find_masks(*applied));
    return applied;
  }
  relation_change_ = change;
  return fail("relation-changed", join(change.differences, "; "), change.table,
              "make the table in the target as it is in the source (ALTER TABLE, CREATE TABLE), "
              "then run again; nothing is lost, the changes wait in the slot");
}

Status Applier::find_masks(AppliedRelation& relation) {
  std::vector<std::string> columns;
  for (const SourceColumn& column : relation.source.columns) columns.push_back(column.name);
  relation.withheld = true;
  LS_ASSIGN(relation.mask, options_.masks(relation.source.schema, relation.source.name, columns));
  return {};
}

Result<Applier::Relation> Applier::relation_of(std::uint32_t id) {
  const auto known = relations_.find(id);
  if (known == relations_.end())
    return fail("bad-pgoutput", fmt::format("a change of the unannounced relation {}", id),
                "replication slot " + options_.slot, "report it with the server's version");
  if (skipping_) return Relation{};
  if (known->second->ignored) {
    ++state_.own_schema;
    return Relation{};
  }
  if (commit_ < known->second->copied_at) {
    ++state_.already_copied;
    return Relation{};
  }
  return known->second;
}

Status Applier::prepare(const std::string& sql, std::string& name) {
  if (sql.empty()) return {};
  name = fmt::format("ls_{}", ++statements_);
  return batch_->prepare(name, sql);
}

template <typename Write, typename WriteAll>
Result<const AppliedRelation::Prepared*> Applier::prepared(const Relation& relation,
                                                           const std::string& kind,
                                                           const Write& write,
                                                           const WriteAll& write_all) {
  const auto found = relation->prepared.find(kind);
  if (found != relation->prepared.end()) return &found->second;
  const StatementWriter writer(relation->source, relation->target);
  LS_ASSIGN(ChangeStatement statement, write(writer));
  AppliedRelation::Prepared made;
  LS_TRY(prepare(statement.sql, made.name));
  if (!relation->one_by_one && !made.name.empty()) {
    LS_ASSIGN(const ChangeStatement all, write_all(writer));
    LS_TRY(prepare(all.sql, made.all));
  }
  made.parameters = std::move(statement.parameters);
  return &relation->prepared.emplace(kind, std::move(made)).first->second;
}

// Many rows of a small table may be found by reading all of it, by a plan that is kept while the
// table grows.
bool Applier::is_large(const Relation& relation) {
  if (relation->target.pages >= kLargePages) return true;
  if (++relation->looked_at % kLookAgain != 0) return false;
  const auto now = read_relation(*catalogue_, relation->target.schema, relation->target.name);
  if (now) relation->target.pages = now->pages;
  return false;
}

Status Applier::send(const Relation& relation, const AppliedRelation::Prepared& prepared,
                     ChangeGroups::Kind kind, const Tuple* old_row, const Tuple* row,
                     const At& at) {
  ++batch_changes_;
  if (options_.on_touch) {
    const bool added = kind == ChangeGroups::Kind::insert;
    if (row != nullptr) tell_touched(*relation, row, added);
    if (old_row != nullptr && old_row != row) tell_touched(*relation, old_row, false);
  }
  if (prepared.name.empty()) return {};
  parameters_.clear();
  std::size_t bytes = 0;
  for (const Parameter& parameter : prepared.parameters) {
    const Value& value = (*(parameter.from_old ? old_row : row))[parameter.column];
    if (value.kind == Value::Kind::unchanged)
      return fail("bad-pgoutput", "a value that finds the row was left out of the stream",
                  relation->about(), "report it with the server's version");
    databases::PostgresParameter& bound = parameters_.emplace_back();
    if (value.kind == Value::Kind::null) continue;
    bound.bytes = value.bytes;
    const auto& masks = relation->mask.masks;
    if (parameter.column < masks.size() && masks[parameter.column]) {
      auto masked = masks[parameter.column]->apply(value.bytes);
      bound.bytes.reset();
      if (masked) bound.bytes = groups_->keep(std::move(*masked));
    }
    bytes += bound.bytes ? bound.bytes->size() : 0;
  }
  ++unchecked_changes_;
  unchecked_bytes_ += at.chunk->pieces[at.piece].size;
  batch_bytes_ += at.chunk->pieces[at.piece].size;
  ApplyBatch::Change change{relation, at.chunk, at.piece, kind == ChangeGroups::Kind::remove};
  using Kind = ChangeGroups::Kind;
  const bool renames =
      kind == Kind::update && old_row != row && !is_same_key(*relation, *old_row, *row);
  const bool together = !prepared.all.empty() && bytes <= kLargeRow && !renames &&
                        (kind == Kind::insert || is_large(relation));
  if (together) {
    std::string key = key_of(*relation, old_row != nullptr ? *old_row : *row);
    return groups_->add(kind, prepared, parameters_, std::move(key), std::move(change));
  }
  LS_TRY(groups_->send(*relation));
  return batch_->apply(prepared.name, parameters_, std::move(change));
}

void Applier::tell_touched(const AppliedRelation& relation, const Tuple* row, bool added) {
  TouchedRow touched{relation.source.schema, relation.source.name, {}, added};
  std::size_t keys = 0;
  for (const TargetColumn& column : relation.target.columns) keys += column.in_key ? 1U : 0U;
  for (std::size_t i = 0; row != nullptr && i < relation.source.columns.size(); ++i) {
    const TargetColumn* column = relation.target.find(relation.source.columns[i].name);
    if (column == nullptr || !column->in_key || (*row)[i].kind != Value::Kind::text) continue;
    touched.key.emplace_back(column->name, (*row)[i].bytes);
  }
  if (touched.key.size() != keys) touched.key.clear();
  options_.on_touch(std::move(touched));
}

Status Applier::on(const pgoutput::Insert& insert, const At& at) {
  LS_ASSIGN(const Relation relation, relation_of(insert.relation));
  if (!relation) return {};
  if (insert.row.size() != relation->source.columns.size())
    return wrong_width(*relation, insert.row.size());
  LS_ASSIGN(const auto* statement,
            prepared(
                relation, "i", [](const StatementWriter& to) { return to.insert(); },
                [](const StatementWriter& to) { return to.insert_all(); }));
  return send(relation, *statement, ChangeGroups::Kind::insert, nullptr, &insert.row, at);
}

Status Applier::on(const pgoutput::Update& update, const At& at) {
  LS_ASSIGN(const Relation relation, relation_of(update.relation));
  if (!relation) return {};
  const std::size_t width = relation->source.columns.size();
  if (update.row.size() != width) return wrong_width(*relation, update.row.size());
  if (update.old != Old::absent && update.old_row.size() != width)
    return wrong_width(*relation, update.old_row.size());
  const std::vector<bool> unchanged = unchanged_in(update.row);
  const bool replace =
      update.old != Old::absent &&
      std::any_of(relation->always.begin(), relation->always.end(), [&](std::size_t i) {
        return (update.old == Old::row || relation->source.columns[i].is_key) && !unchanged[i] &&
               update.old_row[i].bytes != update.row[i].bytes;
      });
  LS_ASSIGN(const auto* statement,
            prepared(
                relation, kind_of(replace ? 'r' : 'u', update.old, unchanged),
                [&](const StatementWriter& to) {
                  return replace ? to.replace(update.old, unchanged)
                                 : to.update(update.old, unchanged);
                },
                [&](const StatementWriter& to) {
                  return replace ? Result<ChangeStatement>() : to.update_all(update.old, unchanged);
                }));
  return send(relation, *statement, ChangeGroups::Kind::update,
              update.old == Old::absent ? &update.row : &update.old_row, &update.row, at);
}

Status Applier::on(const pgoutput::Delete& gone, const At& at) {
  LS_ASSIGN(const Relation relation, relation_of(gone.relation));
  if (!relation) return {};
  if (gone.old_row.size() != relation->source.columns.size())
    return wrong_width(*relation, gone.old_row.size());
  LS_ASSIGN(const auto* statement,
            prepared(
                relation, kind_of('d', gone.old, {}),
                [&](const StatementWriter& to) { return to.remove(gone.old); },
                [&](const StatementWriter& to) { return to.remove_all(gone.old); }));
  return send(relation, *statement, ChangeGroups::Kind::remove, &gone.old_row, nullptr, at);
}

Status Applier::on(const pgoutput::Truncate& truncate, const At&) {
  std::string tables;
  for (const std::uint32_t id : truncate.relations) {
    LS_ASSIGN(const Relation relation, relation_of(id));
    if (!relation) continue;
    if (options_.on_touch) tell_touched(*relation, nullptr, false);
    // The stream names every table that CASCADE reached: nothing else is to be emptied here.
    tables += (tables.empty() ? "" : ", ") +
              std::string(relation->target.kind == 'r' ? "ONLY " : "") +
              quote_name(relation->target.schema, relation->target.name);
  }
  if (tables.empty()) return {};
  ++batch_changes_;
  ++unchecked_changes_;
  LS_TRY(groups_->send());
  return batch_->statement(
      "TRUNCATE " + tables + (truncate.restart_identity ? " RESTART IDENTITY" : ""),
      "TRUNCATE " + tables);
}

Status Applier::on(const pgoutput::Logical& message, const At&) {
  if (message.prefix == kMessagePrefix && options_.on_message)
    options_.on_message(message.content, message.lsn);
  return {};
}

}  // namespace lakeshift::transfers
