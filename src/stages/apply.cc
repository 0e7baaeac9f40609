#include "stages/apply.h"

#include <algorithm>
#include <set>

#include "core/base/digest.h"
#include "core/engine/generic.h"
#include "core/engine/graph.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kRun = "apply";
// {"plan": digest, "finished": bool, "whole": bool: the ledger knows every object of the plan}
constexpr const char* kNote = "apply";
constexpr std::size_t kNamedInErrors = 5;

std::string name_some(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamedInErrors; ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamedInErrors)
    text += " and " + std::to_string(names.size() - kNamedInErrors) + " more";
  return text;
}

Status check_kinds_of(const model::Plan& plan, engine::KindSet kinds) {
  for (const model::Change& change : plan.changes)
    if (engine::is_carried_out(change) && engine::find_kind(kinds, change.source.kind) == nullptr)
      return fail("unknown-kind", "the plan has objects of the kind '" + change.source.kind + "'",
                  "plan", "make the plan again with this version of lakeshift");
  return {};
}

struct RunNote {
  std::string plan;
  bool finished = true;
  bool whole = false;
};

Result<std::optional<RunNote>> read_note(state::Journal& journal) {
  LS_ASSIGN(const std::optional<Json> note, journal.note(kNote));
  if (!note) return std::nullopt;
  return RunNote{text_at(*note, "plan"), bool_at(*note, "finished", false),
                 bool_at(*note, "whole", false)};
}

Status write_note(state::Journal& journal, const RunNote& note) {
  return journal.put_note(
      kNote, {{"plan", note.plan}, {"finished", note.finished}, {"whole", note.whole}});
}

// Another plan must not take the place of a run that left calls in doubt.
Status check_in_doubt(const RunNote& note, const std::string& digest,
                      const std::vector<state::JournalEntry>& entries) {
  if (note.finished || note.plan == digest) return {};
  std::vector<std::string> in_doubt;
  for (const state::JournalEntry& entry : entries)
    if (entry.outcome == state::Outcome::pending)
      in_doubt.push_back("'" + entry.change + "' (" + entry.name + ")");
  if (in_doubt.empty()) return {};
  return fail("plan-changed",
              "an interrupted apply of the plan " + note.plan.substr(0, 12) + " left in doubt: " +
                  name_some(in_doubt) + "; this is the plan " + digest.substr(0, 12),
              "plan",
              "resume it with that plan first, or give it up with 'lakeshift apply --abandon', "
              "then discover the target "
              "and plan again");
}

std::set<std::string> paths_and_values(const std::vector<model::Difference>& differences) {
  std::set<std::string> texts;
  for (const model::Difference& difference : differences)
    if (difference.path != "$content" && !difference.path.starts_with('('))
      texts.insert(difference.path + "=" + dump_json(difference.before));
  return texts;
}

// What is different now from what the plan saw; empty when nothing is.
std::string drift_of(const model::Change& change, const engine::Kind& kind,
                     const model::InventoryIndex& current) {
  const std::string title = std::string(kind.title) + " '" + change.key + "'";
  if (change.verb == model::Verb::create) {
    const std::string& key = change.target_key.empty() ? change.key : change.target_key;
    if (kind.key_is_unique && current.by_key(kind.name, key) != nullptr) return title + " appeared";
    return {};
  }
  if (change.verb != model::Verb::update && change.verb != model::Verb::adopt) return {};
  const model::Object* object = current.by_id(kind.name, change.target_id);
  if (object == nullptr) return title + " is gone";
  std::string content_seen = change.content;
  for (const model::Difference& difference : change.differences)
    if (difference.path == "$content") content_seen = scalar_text(difference.before);
  if (!content_seen.empty() && object->content != content_seen) return title + " has other content";
  const auto now =
      paths_and_values(engine::differences_between(object->document, change.expected, kind.fields));
  const auto then = paths_and_values(change.differences);
  for (const std::string& text : now)
    if (!then.contains(text)) return title + " differs in " + text.substr(0, text.find('='));
  for (const std::string& text : then)
    if (!now.contains(text)) return title + " differs in " + text.substr(0, text.find('='));
  return {};
}

// `begun`: changes whose objects this run has touched already.
Status check_drift(const model::Plan& plan, engine::KindSet kinds,
                   const std::set<std::string>& begun, const model::Inventory& current_target) {
  const model::InventoryIndex current(current_target);
  std::vector<std::string> drifted;
  for (const model::Change& change : plan.changes) {
    const engine::Kind* kind = engine::find_kind(kinds, change.source.kind);
    if (kind == nullptr || begun.contains(change.id)) continue;
    if (std::string drift = drift_of(change, *kind, current); !drift.empty())
      drifted.push_back(std::move(drift));
  }
  if (drifted.empty()) return {};
  return fail("target-drifted", "the target changed since the plan was made: " + name_some(drifted),
              "side '" + plan.target + "'",
              "run 'lakeshift discover' and 'lakeshift plan' again, and read the new plan");
}

// Begins a run of this plan, or goes on with it. Returns its note. A refusal leaves everything as
// it was.
Result<RunNote> begin_run(const model::Plan& part, const std::string& digest, engine::KindSet kinds,
                          state::Journal& journal, const model::Inventory* current_target) {
  LS_ASSIGN(const std::optional<RunNote> note, read_note(journal));
  LS_ASSIGN(const std::vector<state::JournalEntry> entries, journal.entries(kRun));
  if (note) LS_TRY(check_in_doubt(*note, digest, entries));
  const bool resumes = note && note->plan == digest;
  std::set<std::string> begun;
  if (resumes)
    for (const state::JournalEntry& entry : entries) begun.insert(entry.change);
  if (current_target != nullptr) LS_TRY(check_drift(part, kinds, begun, *current_target));
  if (!resumes) LS_TRY(journal.forget_run(kRun));
  RunNote open{digest, false, resumes && note->whole};
  LS_TRY(write_note(journal, open));
  return open;
}

void emit_stage(world::Run& run, world::Event::Type type, long long total,
                const std::string& text) {
  world::Event event;
  event.type = type;
  event.stage = kRun;
  event.total = total;
  event.text = text;
  run.events.emit(event);
}

long long count_actions(const model::Plan& plan) {
  long long actions = 0;
  for (const model::Change& change : plan.changes)
    if (engine::is_carried_out(change)) actions += static_cast<long long>(change.actions.size());
  return actions;
}

Result<model::Accounting> account_for(const model::Plan& plan, const engine::WalkResult& walk) {
  model::Accounting accounting;
  for (const model::Change& change : plan.changes) {
    const auto outcome = walk.outcomes.find(change.id);
    if (outcome == walk.outcomes.end())
      return fail("accounting", "apply did not account for it", "change '" + change.id + "'",
                  "please report this");
    ++accounting[change.source.kind][outcome->second];
  }
  return accounting;
}

std::string_view past_of(model::Verb verb) {
  switch (verb) {
    case model::Verb::create:
      return "created";
    case model::Verb::update:
      return "updated";
    case model::Verb::adopt:
      return "adopted";
    default:
      return to_text(verb);
  }
}

}  // namespace

bool ApplyResult::complete() const { return !walk.stopped && walk.errors.empty(); }

std::string ApplyResult::summary() const {
  std::map<model::Verb, long long> sums;
  for (const auto& [kind, verbs] : accounting)
    for (const auto& [verb, amount] : verbs) sums[verb] += amount;
  std::string text;
  for (const model::Verb verb : model::kAllVerbs)
    if (sums[verb] != 0)
      text += (text.empty() ? "" : ", ") + std::to_string(sums[verb]) + " " +
              std::string(past_of(verb));
  if (walk.stopped) text += "; stopped before the end, run 'lakeshift apply' again to go on";
  return text.empty() ? "nothing to do" : text;
}

std::string digest_of(const model::Plan& plan) {
  return sha256_hex(dump_json(model::to_json(plan)));
}

Status check_ledger(const model::Plan& plan, state::Journal& journal) {
  LS_ASSIGN(const std::optional<RunNote> note, read_note(journal));
  if (!note || !note->whole || note->plan != digest_of(plan)) return {};
  LS_ASSIGN(const std::vector<state::LedgerRow> rows, journal.rows());
  std::set<std::string> known;
  for (const state::LedgerRow& row : rows)
    if (row.target_side == plan.target) known.insert(row.source.to_text());
  std::vector<std::string> lost;
  for (const model::Change& change : plan.changes)
    if (!known.contains(change.source.to_text()))
      lost.push_back(change.source.kind + " '" + change.key + "'");
  if (lost.empty()) return {};
  return fail("accounting",
              "apply accounted for every object, but the ledger does not know " + name_some(lost),
              "ledger",
              "the state was changed from outside: run 'lakeshift discover', 'plan' and 'apply' "
              "again, what is in the target is found there");
}

Result<std::optional<std::string>> open_run(state::Journal& journal) {
  LS_ASSIGN(const std::optional<RunNote> note, read_note(journal));
  if (!note || note->finished) return std::nullopt;
  return note->plan;
}

Result<bool> is_applied(const model::Plan& plan, state::Journal& journal) {
  LS_ASSIGN(const std::optional<RunNote> note, read_note(journal));
  if (!note || !note->finished || note->plan != digest_of(plan)) return false;
  LS_ASSIGN(const std::vector<state::JournalEntry> entries, journal.entries(kRun));
  return std::all_of(entries.begin(), entries.end(), [](const state::JournalEntry& entry) {
    return entry.outcome == state::Outcome::done;
  });
}

Status abandon_run(state::Journal& journal) {
  LS_TRY(journal.forget_run(kRun));
  return write_note(journal, {});
}

Result<ApplyResult> apply(const model::Plan& plan, engine::KindSet kinds, engine::Platform& target,
                          state::Journal& journal, const engine::Supplies& supplies,
                          world::Run& run, const model::Inventory* current_target,
                          const std::set<std::string>* part) {
  LS_TRY(check_kinds_of(plan, kinds));
  const std::string digest = digest_of(plan);
  std::optional<model::Plan> cut;
  if (part != nullptr) cut = model::cut_to(plan, *part);
  const model::Plan& now = cut ? *cut : plan;
  LS_ASSIGN(const RunNote note, begin_run(now, digest, kinds, journal, current_target));
  emit_stage(run, world::Event::Type::stage_started, count_actions(now), "");
  ApplyResult result;
  LS_ASSIGN(result.walk, engine::carry_out(now, kinds, target, journal, kRun, supplies, run));
  LS_ASSIGN(result.accounting, account_for(now, result.walk));
  if (!result.walk.stopped)
    LS_TRY(write_note(journal, {digest, true, note.whole || part == nullptr}));
  emit_stage(run, world::Event::Type::stage_finished, 0, result.summary());
  return result;
}

}  // namespace lakeshift::stages
