#include "knowledge/transfers/postgres_groups.h"

#include <algorithm>

namespace lakeshift::transfers {

namespace {

constexpr std::size_t kMostRows = 500;  // of a statement

// An element of an array's text: quoted unless it is a plain number.
void add_element(std::string& array, const databases::PostgresParameter& value) {
  array += array.size() > 1 ? "," : "";
  if (!value.bytes) {
    array += "NULL";
    return;
  }
  const std::string_view text = *value.bytes;
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) {
    array += text;
    return;
  }
  array += '"';
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t at = std::min(text.find_first_of("\"\\", from), text.size());
    array.append(text, from, at - from);
    if (at < text.size()) {
      array += '\\';
      array += text[at];
    }
    from = at + 1;
  }
  array += '"';
}

}  // namespace

Status ChangeGroups::add(Kind kind, const Prepared& prepared, std::span<const Parameter> values,
                         std::string key, ApplyBatch::Change change) {
  const AppliedRelation& relation = *change.relation;
  Table& table = tables_[&relation];
  const bool ordered = relation.target.other_unique;
  const auto known = key.empty() ? table.rows.end() : table.rows.find(key);
  if (known != table.rows.end()) {
    Group& group = table.groups[known->second.first];
    if (!ordered && kind == Kind::update && group.prepared == &prepared) {
      // Sets the same columns of the same row: the later values stand.
      std::copy(
          values.begin(), values.end(),
          group.values.begin() + static_cast<std::ptrdiff_t>(known->second.second * values.size()));
      group.changes[known->second.second] = std::move(change);
      return {};
    }
    LS_TRY(send(table));
  }
  // Without a key nothing says which rows are others.
  const bool mixes = !ordered && !key.empty();
  auto group = std::find_if(table.groups.begin(), table.groups.end(),
                            [&](const Group& one) { return one.prepared == &prepared; });
  if (group == table.groups.end()) {
    if (!mixes) LS_TRY(send(table));
    table.groups.push_back({&prepared, {}, {}});
    group = std::prev(table.groups.end());
  }
  if (!key.empty())
    table.rows[std::move(key)] = {static_cast<std::size_t>(group - table.groups.begin()),
                                  group->changes.size()};
  group->values.insert(group->values.end(), values.begin(), values.end());
  group->changes.push_back(std::move(change));
  return group->changes.size() < kMostRows ? Status{} : send(table);
}

Status ChangeGroups::send(const AppliedRelation& relation) {
  const auto found = tables_.find(&relation);
  return found == tables_.end() ? Status{} : send(found->second);
}

Status ChangeGroups::send() {
  for (auto& [relation, table] : tables_) LS_TRY(send(table));
  tables_.clear();
  kept_.clear();
  return {};
}

Status ChangeGroups::send(Table& table) {
  const std::vector<Group> groups = std::exchange(table.groups, {});
  table.rows.clear();
  for (const Group& group : groups) LS_TRY(send(group));
  return {};
}

Status ChangeGroups::send(const Group& group) {
  const std::size_t rows = group.changes.size(), width = group.values.size() / rows;
  if (rows == 1) return batch_.apply(group.prepared->name, group.values, group.changes[0]);
  arrays_.assign(width, "{");
  for (std::size_t i = 0; i < group.values.size(); ++i)
    add_element(arrays_[i % width], group.values[i]);
  std::vector<Parameter> parameters;
  for (std::string& array : arrays_) parameters.emplace_back(array += '}');
  return batch_.apply_all(group.prepared->all, parameters, rows, group.changes[0]);
}

}  // namespace lakeshift::transfers
