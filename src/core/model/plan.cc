#include "core/model/plan.h"

#include <set>

#include "core/model/plan_json.h"

namespace lakeshift::model {
namespace {

constexpr std::string_view kFormat = "plan";

Status check_head(const Json& json) {
  if (!json.is_object() || text_at(json, "format") != kFormat)
    return fail("bad-plan", "this is not a plan: its 'format' is '" + text_at(json, "format") + "'",
                "plan", "make one with 'lakeshift plan'");
  const long long version = int_at(json, "version", 0);
  if (version > Plan::kVersion)
    return fail("newer-format",
                "the plan has format version " + std::to_string(version) +
                    ", this lakeshift reads up to " + std::to_string(Plan::kVersion),
                "plan",
                "use the newer lakeshift that made it, or make the plan again with this one");
  if (version < 1) return fail("bad-plan", "the plan's 'version' is missing", "plan");
  return {};
}

Status read_changes(const Json& json, Plan& plan) {
  const Json& changes = member(json, "changes");
  if (!changes.is_array()) return fail("bad-plan", "'changes' is not a list", "plan");
  std::set<std::string> ids;
  for (const Json& item : changes) {
    LS_ASSIGN(Change change, change_from_json(item));
    if (!ids.insert(change.id).second)
      return fail("bad-plan", "the id '" + change.id + "' is used twice", "plan");
    plan.changes.push_back(std::move(change));
  }
  return {};
}

long long sum_of(const std::map<Verb, long long>& verbs) {
  long long sum = 0;
  for (const auto& [verb, amount] : verbs) sum += amount;
  return sum;
}

PerKind sums_of(const Accounting& accounting) {
  PerKind sums;
  for (const auto& [kind, verbs] : accounting) sums[kind] = sum_of(verbs);
  return sums;
}

// The changes are as many, kind by kind, as the plan says it found.
Status check_found(const Json& found, const Accounting& accounting) {
  PerKind said;
  if (found.is_object())
    for (const auto& [kind, amount] : found.items()) said[kind] = int_at(found, kind, -1);
  const std::string wrong = disagreement_of(said, "found", sums_of(accounting), "planned");
  if (wrong.empty()) return {};
  return fail("accounting", "the plan's changes do not add up: " + wrong, "plan",
              "it was changed after it was made: make it again with 'lakeshift plan'; to leave "
              "objects out, use --select");
}

}  // namespace

std::string_view to_text(Verb verb) {
  switch (verb) {
    case Verb::create:
      return "create";
    case Verb::update:
      return "update";
    case Verb::adopt:
      return "adopt";
    case Verb::unchanged:
      return "unchanged";
    case Verb::manual:
      return "manual";
    case Verb::blocked:
      return "blocked";
    case Verb::failed:
      return "failed";
    case Verb::excluded:
      return "excluded";
  }
  return "failed";
}

Verb verb_from_text(std::string_view text) {
  for (const Verb verb : kAllVerbs)
    if (to_text(verb) == text) return verb;
  return Verb::failed;
}

const Change* Plan::find(std::string_view id) const {
  for (const Change& change : changes)
    if (change.id == id) return &change;
  return nullptr;
}

Json to_json(const Plan& plan) {
  Json json = {{"format", kFormat},
               {"version", Plan::kVersion},
               {"source", plan.source},
               {"target", plan.target},
               {"source_platform", plan.source_platform},
               {"target_platform", plan.target_platform},
               {"source_digest", plan.source_digest},
               {"target_digest", plan.target_digest},
               {"found", Json::object()},
               {"changes", Json::array()},
               {"findings", Json::array()},
               {"not_moved", Json::array()}};
  for (const auto& [kind, verbs] : account(plan)) json["found"][kind] = sum_of(verbs);
  for (const Change& change : plan.changes) json["changes"].push_back(to_json(change));
  for (const Finding& finding : plan.findings) json["findings"].push_back(to_json(finding));
  for (const KindCount& count : plan.not_moved) json["not_moved"].push_back(to_json(count));
  return json;
}

Result<Plan> plan_from_json(const Json& json) {
  LS_TRY(check_head(json));
  Plan plan;
  plan.source = text_at(json, "source");
  plan.target = text_at(json, "target");
  plan.source_platform = member(json, "source_platform");
  plan.target_platform = member(json, "target_platform");
  plan.source_digest = text_at(json, "source_digest");
  plan.target_digest = text_at(json, "target_digest");
  LS_TRY(read_changes(json, plan));
  LS_TRY(check_found(member(json, "found"), account(plan)));
  if (const Json& findings = member(json, "findings"); findings.is_array())
    for (const Json& item : findings) plan.findings.push_back(finding_from_json(item));
  if (const Json& counts = member(json, "not_moved"); counts.is_array())
    for (const Json& item : counts) plan.not_moved.push_back(kind_count_from_json(item));
  return plan;
}

Accounting account(const Plan& plan) {
  Accounting accounting;
  for (const Change& change : plan.changes) ++accounting[change.source.kind][change.verb];
  return accounting;
}

Status check_accounting(const Inventory& source, const Accounting& accounting) {
  PerKind found = held_by(source), listed, held;
  for (const KindCount& count : source.counts) {
    const auto here = found.find(count.kind);
    if (!count.moves) {
      if (here != found.end()) found.erase(here);
    } else if (count.unavailable.empty()) {
      listed[count.kind] = count.listed - count.out_of_scope;
      held[count.kind] = here == found.end() ? 0 : here->second;
    }
  }
  const std::string lost =
      disagreement_of(listed, "listed in scope", held, "held by the inventory");
  const std::string left = disagreement_of(found, "found", sums_of(accounting), "accounted for");
  if (lost.empty() && left.empty()) return {};
  return fail(
      "accounting",
      "the counts do not add up: " + lost + (lost.empty() || left.empty() ? "" : "; ") + left,
      "inventory of '" + source.side + "'",
      "this is a defect of lakeshift; nothing was changed by this check, please report it");
}

Plan cut_to(Plan plan, const std::set<std::string>& change_ids) {
  std::erase_if(plan.changes,
                [&](const Change& change) { return !change_ids.contains(change.id); });
  return plan;
}

}  // namespace lakeshift::model
