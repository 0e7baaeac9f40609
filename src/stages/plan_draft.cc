#include "stages/plan_draft.h"

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/running.h"

namespace lakeshift::stages {
namespace {

std::string suffix_of(const engine::Kind& kind, const model::Object& object) {
  const std::string plain = engine::natural_key_of(kind, object.document);
  if (plain.empty() || object.key.size() <= plain.size() || !object.key.starts_with(plain))
    return {};
  return object.key.substr(plain.size());
}

void take_mapping(Planning& planning, Draft& draft, clouds::MappedDocument mapped) {
  draft.desired = std::move(mapped.document);
  draft.change.decisions = std::move(mapped.decisions);
  draft.needs = std::move(mapped.needs);
  const std::string key = engine::natural_key_of(*draft.kind, draft.desired);
  draft.change.target_key =
      key.empty() ? draft.source->key : key + suffix_of(*draft.kind, *draft.source);
  if (draft.decided) return;
  for (model::Finding& finding : mapped.findings) {
    if (finding.kind.empty()) finding.kind = draft.kind->name;
    if (finding.key.empty()) finding.key = draft.source->key;
    planning.findings.add(std::move(finding));
  }
  for (const clouds::Blocker& blocker : mapped.blockers) {
    decide(draft, model::Verb::blocked, blocker.code, blocker.reason);
    add_finding(planning, draft, blocker.code, model::Severity::blocking, "", blocker.reason,
                blocker.remedy);
  }
}

void select(const Planning& planning, Draft& draft) {
  const auto takes = [&](const Selection& selection) {
    return selection.takes(planning.input.kinds, *draft.source);
  };
  if (!takes(planning.input.route.select))
    decide(draft, model::Verb::excluded, "not-selected", "the route's selection leaves it out");
  else if (!takes(planning.input.only))
    decide(draft, model::Verb::excluded, "not-selected-now", "this run's --select leaves it out");
}

void check_read(Planning& planning, Draft& draft) {
  const model::Object& object = *draft.source;
  if (draft.decided || object.unread_code.empty()) return;
  decide(draft, model::Verb::failed, object.unread_code,
         "it could not be read: " + object.unread_reason);
  add_finding(planning, draft, "object-not-read", model::Severity::blocking, "",
              "it could not be read from the source: " + object.unread_reason,
              "repair the cause and run 'lakeshift discover' and 'lakeshift plan' again",
              object.unread_code);
}

Draft draft_of(Planning& planning, const model::Object& object, const engine::Kind& kind) {
  Draft draft;
  draft.source = &object;
  draft.kind = &kind;
  draft.change.source = object.id;
  draft.change.id = change_id_of(object.id.kind, object.key);
  draft.change.key = object.key;
  draft.change.name = object.name;
  draft.change.content = object.content;
  draft.change.fingerprint = engine::fingerprint_of(kind, object);
  draft.change.target_key = object.key;
  select(planning, draft);
  check_read(planning, draft);
  take_mapping(planning, draft, planning.input.mapper.map(kind, object));
  return draft;
}

}  // namespace

Planning::Planning(const PlanInput& planned)
    : input(planned), source(planned.source), target(planned.target) {}

std::string Planning::title_of(const Draft& draft) {
  return std::string(draft.kind->title) + " '" + draft.source->key + "'";
}

void decide(Draft& draft, model::Verb verb, const std::string& code, const std::string& reason) {
  model::Change& change = draft.change;
  if (draft.decided) {
    if (!contains(change.reason, reason)) change.reason += "; " + reason;
    return;
  }
  draft.decided = true;
  change.verb = verb;
  change.code = code;
  change.reason = reason;
}

void add_finding(Planning& planning, const Draft& draft, std::string code, model::Severity severity,
                 std::string where, std::string cause, std::string remedy, std::string evidence) {
  model::Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.kind = draft.kind->name;
  finding.key = draft.source->key;
  finding.where = std::move(where);
  finding.cause = std::move(cause);
  finding.remedy = std::move(remedy);
  finding.evidence = std::move(evidence);
  planning.findings.add(std::move(finding));
}

std::string change_id_of(std::string_view kind, std::string_view key) {
  std::string id = std::string(kind) + ":";
  bool altered = false;
  for (const char c : key) {
    const bool harmful =
        c == '{' || c == '}' || c == '$' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    id += harmful ? '_' : c;
    altered = altered || harmful;
  }
  // Two keys that differ only in such characters must not share an id.
  if (altered) id += "~" + sha256_hex(key).substr(0, 8);
  return id;
}

bool is_done_state(std::string_view state) {
  static constexpr std::array<std::string_view, 6> kDone = {"created",   "updated",  "adopted",
                                                            "unchanged", "verified", "cut-over"};
  return std::find(kDone.begin(), kDone.end(), state) != kDone.end();
}

void make_drafts(Planning& planning) {
  std::vector<const model::Object*> objects;
  for (const model::Object& object : planning.input.source.objects) objects.push_back(&object);
  std::sort(objects.begin(), objects.end(), [](const model::Object* a, const model::Object* b) {
    return std::tie(a->id.kind, a->key, a->id.id) < std::tie(b->id.kind, b->key, b->id.id);
  });
  planning.drafts.reserve(objects.size());
  for (const model::Object* object : objects) {
    const engine::Kind* kind = engine::find_kind(planning.input.kinds, object->id.kind);
    if (kind != nullptr && kind->moves)
      planning.drafts.push_back(draft_of(planning, *object, *kind));
  }
}

}  // namespace lakeshift::stages
