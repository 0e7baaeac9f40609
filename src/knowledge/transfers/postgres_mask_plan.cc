#include "knowledge/transfers/postgres_mask_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_mask_catalog.h"

namespace lakeshift::transfers {

using formats::MaskKind;
using formats::MaskRule;
using formats::MaskShape;

namespace {

constexpr std::int64_t kLeastHash = 32;  // hexadecimal digits that do not collide

model::Finding finding(model::Severity severity, const std::string& code, const std::string& key,
                       const std::string& cause, const std::string& remedy) {
  model::Finding made;
  made.code = code;
  made.severity = severity;
  made.kind = "column";
  made.key = key;
  made.where = "source";
  made.cause = cause;
  made.remedy = remedy;
  return made;
}

std::string rule_text(const MaskRule& rule) {
  std::string text = fmt::format("{}/{}/{}/{}", formats::to_text(rule.kind), rule.domain,
                                 rule.within, rule.suffix);
  for (const auto& [path, of] : rule.paths) text += "[" + path + "=" + rule_text(of) + "]";
  return text;
}

class Planner {
 public:
  Planner(MaskCatalog catalog, const MaskRules& rules, const formats::MaskKey& key)
      : catalog_(std::move(catalog)), rules_(rules), key_(key), group_(catalog_.columns.size()) {
    std::iota(group_.begin(), group_.end(), std::size_t{0});
    for (const auto& [one, other] : catalog_.joined) group_[root(one)] = root(other);
  }

  MaskPlan plan() {
    look_at_encoding();
    look_for_missing();
    for (std::size_t i = 0; i < catalog_.columns.size(); ++i) gather(i);
    for (std::size_t i = 0; i < catalog_.columns.size(); ++i) decide(i);
    tell_defaults();
    return std::move(plan_);
  }

 private:
  struct Group {
    const MaskRule* declared = nullptr;
    std::string by;          // the column that declares it
    bool sequenced = false;  // numbers of a sequence are among its columns
    bool partition_key = false;
    std::int64_t limit = 0;  // the least of its columns'
    MaskType type = MaskType::other;
    bool typed = false;
  };

  std::size_t root(std::size_t at) {
    while (group_[at] != at) at = group_[at] = group_[group_[at]];
    return at;
  }
  void complain(const MaskColumn& column, const std::string& code, const std::string& cause,
                const std::string& remedy) {
    plan_.findings.push_back(
        finding(model::Severity::blocking, code, column.label(), cause, remedy));
  }

  void look_at_encoding() {
    if (catalog_.encoding == "UTF8" || catalog_.encoding == "LATIN1") return;
    plan_.findings.push_back(
        finding(model::Severity::blocking, "mask-encoding", "the database",
                "its encoding " + catalog_.encoding + " has not every letter that a mask may write",
                "make the masked copy from a UTF8 database: move it to one first"));
  }

  // Names in the configuration that nothing bears: a mask that was mistyped masks nothing.
  void look_for_missing() {
    for (const auto& [table, columns] : rules_.tables)
      for (const auto& [name, rule] : columns) {
        std::vector<std::string> known;
        bool found = false;
        for (const MaskColumn& column : catalog_.columns) {
          if (column.schema + "." + column.table != table) continue;
          found = found || column.name == name;
          known.push_back(column.name);
        }
        if (found) continue;
        const std::string near = closest(name, known);
        plan_.findings.push_back(
            finding(model::Severity::blocking, "mask-column-missing", table + "." + name,
                    known.empty() ? "the source has no such table" : "the table has no such column",
                    !near.empty() ? "did you mean '" + near + "'?" : "take it out of 'masks'"));
      }
  }

  const MaskRule* declared(const MaskColumn& column) const {
    const auto table = rules_.tables.find(column.schema + "." + column.table);
    if (table == rules_.tables.end()) return nullptr;
    const auto rule = table->second.find(column.name);
    return rule == table->second.end() ? nullptr : &rule->second;
  }

  void gather(std::size_t at) {
    const MaskColumn& column = catalog_.columns[at];
    Group& group = groups_[root(at)];
    group.sequenced = group.sequenced || column.sequenced;
    group.partition_key = group.partition_key || column.partition_key;
    if (column.shape.limit > 0)
      group.limit =
          group.limit == 0 ? column.shape.limit : std::min(group.limit, column.shape.limit);
    if (!group.typed) group.type = column.type;
    group.typed = true;
    const MaskRule* rule = declared(column);
    if (rule == nullptr) return;
    if (group.declared != nullptr && rule_text(*group.declared) != rule_text(*rule)) {
      complain(column, "mask-reference",
               "its mask is not that of " + group.by + ", which a foreign key joins it with",
               "declare one of them only, or both alike: else rows would not join");
      return;
    }
    group.declared = rule;
    group.by = column.label();
  }

  void decide(std::size_t at) {
    const MaskColumn& column = catalog_.columns[at];
    const Group& group = groups_[root(at)];
    MaskRule rule = group.declared != nullptr ? *group.declared : by_default(column, group);
    if (group.declared != nullptr) {
      check(column, group, rule);
    } else if (rule.kind == MaskKind::null && column.not_null) {
      complain(column, "mask-not-null",
               "no mask is known for " + column.type_text + ", and the column takes no NULL",
               "declare 'keep' for it, or leave the table out");
    }
    if (rule.kind == MaskKind::null) rule.domain.clear();
    put(column, group, rule);
  }

  MaskRule by_default(const MaskColumn& column, const Group& group) {
    MaskRule rule;
    rule.kind = default_mask(group.type);
    std::string why;
    if (rules_.keeps_unknown)
      why = "unknown: keep";
    else if (group.sequenced && group.type == MaskType::whole)
      why = "given by a sequence";
    else if (group.partition_key)
      why = "its value says which partition a row is in";
    else if (group.type == MaskType::choice)
      why = "a choice among few values";
    if (!why.empty()) rule.kind = MaskKind::keep;
    if (!column.fields.empty() && why.empty()) rule.kind = MaskKind::text;  // field by field
    if (column.generated) return rule;
    auto& told = defaults_[column.schema + "." + column.table];
    const std::string_view kind =
        column.fields.empty() || !why.empty() ? formats::to_text(rule.kind) : "field by field";
    told.push_back(fmt::format("{}: {}{}", column.name, kind, why.empty() ? "" : " (" + why + ")"));
    return rule;
  }

  void check(const MaskColumn& column, const Group& group, const MaskRule& rule) {
    const std::string kind(formats::to_text(rule.kind));
    if (!takes(column.type, rule.kind) && (column.fields.empty() || rule.kind != MaskKind::text))
      complain(column, "mask-type", "mask '" + kind + "' writes no " + column.type_text,
               "declare '" + std::string(formats::to_text(default_mask(column.type))) +
                   "', 'keep' or 'null'");
    if (rule.kind == MaskKind::null && column.not_null)
      complain(column, "mask-not-null", "the column takes no NULL", "declare another mask");
    const bool short_hash = group.limit > 0 && group.limit < kLeastHash;
    if (rule.kind == MaskKind::hash && column.unique && short_hash)
      complain(
          column, "mask-not-unique",
          fmt::format("{} hexadecimal digits of a hash would collide, and the column is unique",
                      group.limit),
          "declare 'text' or another mask that keeps values apart");
    if (rule.kind != MaskKind::keep && column.partition_key)
      complain(column, "mask-partition-key", "its value says which partition a row is in",
               "declare 'keep' for it");
  }

  void put(const MaskColumn& column, const Group& group, const MaskRule& rule) {
    formats::RowMask& row = plan_.tables[{column.schema, column.table}];
    row.columns.push_back(column.name);
    plan_.columns[column.label()] = column.generated ? "keep/computed" : rule_text(rule);
    if (column.generated || rule.kind == MaskKind::keep) {
      row.masks.push_back(nullptr);
      return;
    }
    MaskShape shape = column.shape;
    shape.limit = group.limit;
    for (MaskShape& part : shape.parts) part.limit = group.limit;
    for (const MaskField& field : column.fields) {
      MaskRule of_field = rule;
      of_field.kind = default_mask(field.type);
      shape.parts.push_back(field.shape);
      shape.rules.push_back(of_field.kind == MaskKind::text ? rule : of_field);
    }
    row.masks.push_back(std::make_shared<const formats::Mask>(key_, rule, std::move(shape)));
  }

  void tell_defaults() {
    for (const auto& [table, told] : defaults_) {
      model::Finding made = finding(
          model::Severity::info, "mask-default", table,
          fmt::format("{} columns without a declared mask: {}", told.size(), join(told, ", ")),
          "declare masks where these are not what you want");
      made.kind = "table";
      plan_.findings.push_back(std::move(made));
    }
  }

  const MaskCatalog catalog_;
  const MaskRules& rules_;
  const formats::MaskKey& key_;
  std::vector<std::size_t> group_;
  std::map<std::size_t, Group> groups_;
  std::map<std::string, std::vector<std::string>> defaults_;
  MaskPlan plan_;
};

}  // namespace

bool MaskPlan::blocked() const {
  return std::any_of(findings.begin(), findings.end(), [](const model::Finding& one) {
    return one.severity == model::Severity::blocking;
  });
}

formats::RowMask MaskPlan::of(const TableName& table,
                              const std::vector<std::string>& wanted) const {
  static const formats::MaskKey no_key{""};
  formats::RowMask row;
  row.columns = wanted;
  const auto known = tables.find(table);
  for (const std::string& column : wanted) {
    if (known != tables.end()) {
      const auto& names = known->second.columns;
      if (const auto found = std::find(names.begin(), names.end(), column); found != names.end()) {
        row.masks.push_back(known->second.masks[static_cast<std::size_t>(found - names.begin())]);
        continue;
      }
    }
    MaskRule nothing;
    nothing.kind = MaskKind::null;
    row.masks.push_back(std::make_shared<const formats::Mask>(no_key, nothing));
  }
  return row;
}

Result<MaskPlan> plan_masks(databases::PostgresSession& source, const MaskRules& rules,
                            const formats::MaskKey& key) {
  LS_ASSIGN(MaskCatalog catalog, read_mask_catalog(source));
  return Planner(std::move(catalog), rules, key).plan();
}

}  // namespace lakeshift::transfers
