#include "stages/verify_target.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"

namespace lakeshift::stages {
namespace {

// lakeshift's objects in the target, with what the plan wanted.
struct Ours {
  const model::Change* change;
  const engine::Kind* kind;
  const model::Object* object;
};

std::vector<Ours> ours_of(const VerifyInput& input, const Wanted& wanted) {
  const model::InventoryIndex target(input.target);
  std::vector<Ours> ours;
  for (const model::Change& change : input.plan.changes) {
    const engine::Kind* kind = engine::find_kind(input.kinds, change.source.kind);
    const std::string id = wanted.target_id_of(change);
    if (kind == nullptr || id.empty()) continue;
    if (const model::Object* object = target.by_id(change.source.kind, id); object != nullptr)
      ours.push_back({&change, kind, object});
  }
  return ours;
}

model::Finding finding_of(const Ours& one, std::string code, std::string where, std::string cause,
                          std::string remedy) {
  model::Finding finding;
  finding.code = std::move(code);
  finding.severity = model::Severity::blocking;
  finding.kind = one.kind->name;
  finding.key = one.change->key;
  finding.where = std::move(where);
  finding.cause = std::move(cause);
  finding.remedy = std::move(remedy);
  return finding;
}

bool is_there(const model::InventoryIndex& target, const std::string& kind,
              const model::Field& field, const std::string& value) {
  if (field.target_field.empty()) return target.by_id(kind, value) != nullptr;
  return std::any_of(target.inventory().objects.begin(), target.inventory().objects.end(),
                     [&](const model::Object& object) {
                       return object.id.kind == kind &&
                              scalar_text(at_path(object.document, field.target_field)) == value;
                     });
}

// Kinds whose objects the inventory holds completely: only for these does absence mean something.
bool is_judged(const VerifyInput& input, const std::string& name) {
  const engine::Kind* kind = engine::find_kind(input.kinds, name);
  if (kind == nullptr || !kind->moves) return false;
  return std::none_of(input.target.counts.begin(), input.target.counts.end(),
                      [&](const model::KindCount& count) {
                        return count.kind == name && !count.unavailable.empty();
                      });
}

void look_for_dangling(const VerifyInput& input, const model::InventoryIndex& target,
                       const Ours& one, std::vector<model::Finding>& findings) {
  model::walk_fields(
      one.object->document, one.kind->fields, [&](const model::Visit& visit, const Json& value) {
        if (visit.field == nullptr || !value.is_primitive() || value.is_null()) return;
        if (visit.field->meaning != model::Meaning::reference ||
            visit.field->role == model::Role::read_only)
          return;
        const std::string text = scalar_text(value);
        const auto kinds = split(visit.field->target, '|');
        if (text.empty()) return;
        for (const std::string& kind : kinds)
          if (!is_judged(input, kind) || is_there(target, kind, *visit.field, text)) return;
        findings.push_back(
            finding_of(one, "dangling-in-target", visit.path,
                       "'" + visit.path + "' refers to the " +
                           replace_all(std::string(visit.field->target), "|", " or ") + " '" +
                           text + "', which the target does not have",
                       "plan and apply again"));
      });
}

}  // namespace

void find_running(const VerifyInput& input, const Wanted& wanted,
                  std::vector<model::Finding>& findings) {
  for (const Ours& one : ours_of(input, wanted)) {
    if (one.kind->runs_by_itself == nullptr) continue;
    const bool runs = one.kind->runs_by_itself(one.object->document);
    const state::LedgerRow* row = wanted.row_of(one.change->source);
    const bool started = input.cut_over && row != nullptr && row->state == "cut-over";
    const bool meant =
        one.change->expected.is_object() && one.kind->runs_by_itself(one.change->expected);
    if (runs && !started && !meant)
      findings.push_back(finding_of(one, "runs-in-target", "",
                                    input.cut_over
                                        ? "it runs by itself, but the cutover did not start it"
                                        : "it runs by itself before the cutover",
                                    "pause it in the target, or find out who started it"));
    if (started && !runs)
      findings.push_back(finding_of(one, "not-running", "",
                                    "the cutover started it, but it does not run by itself",
                                    "start it in the target, or find out who paused it"));
  }
}

void find_dangling(const VerifyInput& input, const Wanted& wanted,
                   std::vector<model::Finding>& findings) {
  const model::InventoryIndex target(input.target);
  for (const Ours& one : ours_of(input, wanted)) look_for_dangling(input, target, one, findings);
}

void find_extra(const VerifyInput& input, const Wanted& wanted,
                std::vector<model::Finding>& findings) {
  std::set<const model::Object*> planned;
  for (const Ours& one : ours_of(input, wanted)) planned.insert(one.object);
  // What other routes of this migration brought there is theirs.
  std::set<std::pair<std::string, std::string>> of_others;
  for (const state::LedgerRow& row : input.ledger)
    if (row.target_side == input.target.side && row.source.side != input.plan.source)
      of_others.insert({row.source.kind, row.target_id});
  std::map<std::string, std::vector<std::string>> extra;
  for (const model::Object& object : input.target.objects) {
    const engine::Kind* kind = engine::find_kind(input.kinds, object.id.kind);
    if (kind == nullptr || !kind->moves || planned.contains(&object)) continue;
    const std::string stamp = engine::stamp_of(*kind, object.document);
    if (!stamp.starts_with(input.plan.source + "/")) {
      if (of_others.contains({object.id.kind, object.id.id})) continue;
      extra[object.id.kind].push_back(object.key);
      continue;
    }
    model::Finding finding;
    finding.code = "orphan-in-target";
    finding.severity = model::Severity::blocking;
    finding.kind = object.id.kind;
    finding.key = object.key;
    finding.cause =
        "its stamp says it was made for '" + stamp + "', but no object of the plan is it";
    finding.remedy =
        "remove it from the target (" + object.id.id + ") when the plan's own is there";
    findings.push_back(std::move(finding));
  }
  for (auto& [kind, keys] : extra) {
    model::Finding finding;
    finding.code = "extra-in-target";
    finding.severity = model::Severity::info;
    finding.kind = kind;
    finding.cause =
        "the target has " + std::to_string(keys.size()) + " that the plan does not know";
    finding.remedy = "nothing to do when they are meant to be there";
    if (keys.size() > 10) keys.resize(10);
    finding.evidence = join(keys, ", ");
    findings.push_back(std::move(finding));
  }
}

}  // namespace lakeshift::stages
