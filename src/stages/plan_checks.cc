#include "stages/plan_checks.h"

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/platforms/core_quota.h"
#include "knowledge/platforms/limits.h"

namespace lakeshift::stages {
namespace {

constexpr std::size_t kScanned = 10'000'000;  // what the platform itself imports at most

bool is_counted(const platforms::ObjectLimit& limit, std::string_view kind) {
  const auto kinds = split(limit.kinds, '|');
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string part_of(const platforms::ObjectLimit& limit, const std::string& key) {
  return limit.scope == "key-prefix" ? key.substr(0, key.find('/')) : std::string();
}

void check_limit(Planning& planning, const platforms::ObjectLimit& limit) {
  struct Room {
    long long there = 0, added = 0;
  };
  std::map<std::string, Room> parts;
  for (const model::Object& object : planning.input.target.objects)
    if (is_counted(limit, object.id.kind)) ++parts[part_of(limit, object.key)].there;
  for (const Draft& draft : planning.drafts)
    if (!draft.decided && draft.change.verb == model::Verb::create &&
        is_counted(limit, draft.kind->name))
      ++parts[part_of(limit, draft.change.target_key)].added;
  for (const auto& [part, room] : parts) {
    if (room.added == 0 || room.there + room.added <= limit.most) continue;
    model::Finding finding;
    finding.code = "limit-exceeded";
    finding.severity = model::Severity::blocking;
    finding.kind = split(limit.kinds, '|').front();
    finding.key = part;
    finding.cause = "the target has " + std::to_string(room.there) + " and would get " +
                    std::to_string(room.added) + " more, but holds at most " +
                    std::to_string(limit.most) + " (" + limit.source + ")";
    finding.remedy =
        "remove some from the target, move fewer with a selection, or have the limit raised";
    planning.findings.add(std::move(finding));
  }
}

// The cloud takes such a cluster and fails when it starts: only a warning, and known before.
void check_cores(Planning& planning, const Draft& draft) {
  const Json& types = member(planning.input.target.reference, "node_types");
  for (const platforms::CoreDemand& demand : platforms::beyond_core_quota(draft.desired, types))
    add_finding(planning, draft, "core-quota-too-small", model::Severity::warning, demand.place,
                "it needs " + std::to_string(demand.cores) + " cores of '" + demand.node_type +
                    "' at its largest, but the target's quota is " + std::to_string(demand.quota),
                "have the quota raised before cutover, or map it to fewer workers or another node "
                "type in mapping.yaml");
}

void take_scan(Planning& planning, const Draft& draft, clouds::Mapper::ScannedText scanned) {
  for (model::Finding& finding : scanned.findings) {
    finding.kind = draft.kind->name;
    finding.key = draft.source->key;
    planning.findings.add(std::move(finding));
  }
  if (scanned.patch.empty()) return;
  add_finding(
      planning, draft, "code-patch", model::Severity::info, "",
      "its text names things of the old cloud whose new names are certain; it is moved as it is",
      "review the patch and apply it in the target after the move", std::move(scanned.patch));
}

}  // namespace

void check_room(Planning& planning) {
  const auto limits = platforms::object_limits();
  if (!limits) return;  // the table is part of the binary; its own test reads it
  for (const platforms::ObjectLimit& limit : *limits) check_limit(planning, limit);
  for (const Draft& draft : planning.drafts)
    if (!draft.decided) check_cores(planning, draft);
}

Status scan_code(Planning& planning) {
  if (!planning.input.content) return {};
  for (const Draft& draft : planning.drafts) {
    if (draft.source->content.empty() || draft.change.verb == model::Verb::excluded) continue;
    auto text = planning.input.content(draft.source->content);
    if (!text)
      return fail_because(text.error(), Planning::title_of(draft),
                          "its content cannot be read from the work directory");
    if (text->size() > kScanned || !is_valid_utf8(*text)) continue;
    take_scan(planning, draft, planning.input.mapper.scan(*draft.kind, *draft.source, *text));
  }
  return {};
}

}  // namespace lakeshift::stages
