// Staging copies and rehearsals in the section `moves` of lakeshift.yaml.
#include "knowledge/transfers/postgres_mask_plan.h"
#include "stages/config_reader.h"

namespace lakeshift::stages {
namespace {

using formats::MaskKind;
using formats::MaskRule;

MaskRule read_rule(ConfigReader& reader, const YAML::Node& node, const std::string& what) {
  MaskRule rule;
  const auto kind_of = [&](const std::string& text, const YAML::Node& at) {
    if (const auto kind = formats::mask_kind(text)) {
      rule.kind = *kind;
    } else {
      reader.complain(at, "'" + text + "' is no mask, of " + what,
                      ConfigReader::suggestion(text, formats::mask_kind_names()));
    }
  };
  if (node.IsNull()) {
    rule.kind = MaskKind::null;  // YAML's own word for it
    return rule;
  }
  if (node.IsScalar()) {
    kind_of(node.Scalar(), node);
    return rule;
  }
  if (!reader.check_names(node, "mask of " + what, {"as", "domain", "within", "suffix", "paths"}))
    return rule;
  const YAML::Node as = node["as"];
  kind_of(as && as.IsNull() ? "null" : reader.text(node, "as", node["paths"] ? "json" : "text"),
          node);
  rule.domain = reader.text(node, "domain");
  rule.within = reader.number(node, "within", 0, 2, 1'000'000'000);
  rule.suffix = reader.text(node, "suffix", rule.suffix);
  const YAML::Node paths = node["paths"];
  if (!paths || paths.IsNull()) return rule;
  if (!paths.IsMap() || rule.kind != MaskKind::json) {
    reader.complain(paths, "'paths' of " + what + " is a map, and for masks of json only",
                    "write {as: json, paths: {customer.email: email}}");
    return rule;
  }
  for (const auto& entry : paths)
    rule.paths[entry.first.Scalar()] =
        read_rule(reader, entry.second, what + " " + entry.first.Scalar());
  return rule;
}

void read_masks(ConfigReader& reader, const YAML::Node& body, transfers::MaskRules& rules) {
  rules.keeps_unknown = reader.one_of(body, "unknown", "mask", {"mask", "keep"}) == "keep";
  const YAML::Node masks = body["masks"];
  if (!masks || masks.IsNull()) return;
  const auto complain = [&](const YAML::Node& at) {
    reader.complain(at, "'masks' is a map of tables, each a map of columns",
                    "write for example: masks: {public.customer: {email: email, note: text}}");
  };
  if (!masks.IsMap()) return complain(masks);
  for (const auto& table : masks) {
    if (!table.first.IsScalar() || !table.second.IsMap()) return complain(table.first);
    const std::string name = table.first.Scalar();
    for (const auto& column : table.second) {
      if (!column.first.IsScalar()) return complain(column.first);
      const std::string about = name + "." + column.first.Scalar();
      rules.tables[name][column.first.Scalar()] = read_rule(reader, column.second, about);
    }
  }
}

void read_subset(ConfigReader& reader, const YAML::Node& body, transfers::MaskRules& rules) {
  const YAML::Node subset = body["subset"];
  if (!subset || subset.IsNull()) return;
  const auto complain = [&](const YAML::Node& at) {
    reader.complain(at, "'subset' is a map of tables and which of their rows come along",
                    "write for example: subset: {public.orders: \"placed > now() - interval '30 "
                    "days'\", public.customer: 5%}");
  };
  if (!subset.IsMap()) return complain(subset);
  for (const auto& entry : subset) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar() || trim(entry.second.Scalar()).empty())
      return complain(entry.first);
    rules.subset[entry.first.Scalar()] = std::string(trim(entry.second.Scalar()));
  }
}

}  // namespace

void read_staging(ConfigReader& reader, const YAML::Node& body, MoveConfig& move) {
  move.staging_of = reader.text(body, "staging_of");
  move.mask_key_file = reader.text(body, "mask_key_file");
  if (move.is_staging()) {
    auto rules = std::make_shared<transfers::MaskRules>();
    read_masks(reader, body, *rules);
    read_subset(reader, body, *rules);
    move.masks = std::move(rules);
    for (const char* other : {"source", "rehearsal", "rehearsed", "hooks"})
      if (body[other])
        reader.complain(body[other], std::string("a staging copy has no '") + other + "'",
                        "write it under the move that it is a copy of");
    return;
  }
  for (const char* other : {"masks", "unknown", "mask_key_file", "subset"})
    if (body[other])
      reader.complain(body[other], std::string("'") + other + "' is for a masked staging copy",
                      "add staging_of: and the name of the move that it is a copy of");
  const YAML::Node rehearsal = body["rehearsal"];
  if (!rehearsal || rehearsal.IsNull()) return;
  if (!reader.check_names(rehearsal, "'rehearsal'", {"staging", "target"})) return;
  move.rehearsal_staging = reader.text(rehearsal, "staging");
  move.rehearsal_target = reader.text(rehearsal, "target");
  if (move.rehearsal_staging.empty() || move.rehearsal_target.empty())
    reader.complain(rehearsal, "a rehearsal needs 'staging' and 'target'",
                    "staging: the name of the staging copy; target: another empty database");
}

void join_staging(ConfigReader& reader, const YAML::Node& name,
                  std::map<std::string, MoveConfig>& moves) {
  MoveConfig& move = moves[name.Scalar()];
  const auto complain = [&](const std::string& wanted, const std::string& message) {
    std::vector<std::string> names;
    for (const auto& [one, config] : moves) names.push_back(one);
    reader.complain(name, message, ConfigReader::suggestion(wanted, names));
  };
  if (!move.rehearsal_staging.empty()) {
    const auto staging = moves.find(move.rehearsal_staging);
    if (staging == moves.end() || staging->second.staging_of != move.name)
      complain(move.rehearsal_staging,
               "'" + move.rehearsal_staging + "' is no staging copy of '" + move.name + "'");
  }
  if (!move.is_staging()) return;
  const auto of = moves.find(move.staging_of);
  if (of == moves.end() || of->second.is_staging()) {
    complain(move.staging_of, "'" + move.staging_of + "' is no move to make a staging copy of");
    return;
  }
  move.source = of->second.source;
  if (move.applications.empty()) move.applications = of->second.applications;
  if (move.leave_out.empty()) move.leave_out = of->second.leave_out;
  if (move.accept.empty()) move.accept = of->second.accept;
}

}  // namespace lakeshift::stages
