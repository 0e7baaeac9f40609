#include "surfaces/report/report_data.h"

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/state/inventory_store.h"
#include "surfaces/report/journey_state.h"

namespace lakeshift::report {
namespace {

constexpr std::string_view kPatchCode = "code-patch";

using RowIndex = std::map<model::ObjectId, state::LedgerRow>;
using JudgementIndex = std::map<model::ObjectId, const model::Judgement*>;

Json platform_json(const std::string& side, const model::Inventory* inventory,
                   const Json& from_plan) {
  const Json& platform = inventory ? inventory->platform : from_plan;
  Json json = {{"name", side}};
  if (platform.is_object()) json["platform"] = platform;
  return json;
}

Json differences_json(const std::vector<model::Difference>& differences) {
  Json list = Json::array();
  for (const model::Difference& difference : differences) {
    Json item = {
        {"path", difference.path}, {"before", difference.before}, {"after", difference.after}};
    if (!difference.reason.empty()) item["reason"] = difference.reason;
    if (difference.replaces) item["replaces"] = true;
    list.push_back(std::move(item));
  }
  return list;
}

Json decisions_json(const std::vector<model::Decision>& decisions) {
  Json list = Json::array();
  for (const model::Decision& decision : decisions)
    list.push_back({{"path", decision.path},
                    {"rule", decision.rule},
                    {"before", decision.before},
                    {"after", decision.after},
                    {"explanation", decision.explanation}});
  return list;
}

void put_text(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

void add_verdict(Json& json, const model::Judgement& judgement) {
  json["verdict"] = std::string(model::to_text(judgement.verdict));
  put_text(json, "verdict_code", judgement.code);
  put_text(json, "verdict_reason", judgement.reason);
  if (!judgement.differences.empty()) json["unexpected"] = differences_json(judgement.differences);
  if (!judgement.expected.empty()) json["expected"] = differences_json(judgement.expected);
}

void add_urls(Json& json,
              const std::map<std::pair<std::string, std::string>, const Json*>& mapping) {
  const auto found = mapping.find({text_at(json, "kind"), text_at(json, "source_id")});
  if (found == mapping.end()) return;
  for (const auto& [name, value] : found->second->items()) {
    const bool is_address = name.starts_with("old_") || name.starts_with("new_");
    if (is_address && value.is_string() && name != "old_id" && name != "new_id")
      json[(name.starts_with("old_") ? "source_" : "target_") + name.substr(4)] = value;
  }
}

Json object_json(const model::Change& change, const state::LedgerRow* row,
                 const model::Judgement* judgement) {
  const std::string outcome = outcome_of(change, row);
  Json json = {{"id", change.id},
               {"kind", change.source.kind},
               {"key", change.key},
               {"planned", std::string(model::to_text(change.verb))},
               {"outcome", outcome},
               {"source_id", change.source.id},
               {"calls", change.actions.size()}};
  if (change.name != change.key) put_text(json, "name", change.name);
  if (change.target_key != change.key) put_text(json, "target_key", change.target_key);
  put_text(json, "target_id", row && !row->target_id.empty() ? row->target_id : change.target_id);
  const bool from_row = row && (outcome == "failed" || outcome == "blocked") && !row->code.empty();
  put_text(json, "code", from_row ? row->code : change.code);
  put_text(json, "reason", from_row ? row->reason : change.reason);
  put_text(json, "owner", change.owner);
  if (!change.differences.empty() && change.verb != model::Verb::create)
    json["differences"] = differences_json(change.differences);
  if (!change.decisions.empty()) json["decisions"] = decisions_json(change.decisions);
  Json notes = Json::array();
  for (const model::Action& action : change.actions)
    if (!action.note.empty()) notes.push_back(action.name + ": " + action.note);
  if (!notes.empty()) json["notes"] = notes;
  if (judgement) add_verdict(json, *judgement);
  return json;
}

// The ledger's rows of this route. What was cut over has the state that it had before: how it came
// into the target.
RowIndex rows_of(const ReportInput& input) {
  std::map<std::pair<std::string, std::string>, std::string> before;
  if (const Json& previous = member(input.cutover, "previous"); previous.is_array())
    for (const Json& workload : previous)
      before[{text_at(workload, "kind"), text_at(workload, "source_id")}] =
          text_at(workload, "ledger_state");
  RowIndex rows;
  for (const state::LedgerRow& row : input.ledger) {
    if (row.target_side != input.target_side) continue;
    state::LedgerRow& kept = rows[row.source] = row;
    if (row.state != "cut-over") continue;
    const auto known = before.find({row.source.kind, row.source.id});
    if (known != before.end())
      kept.state = known->second;
    else if (!row.stamp.empty())
      kept.state = "created";
  }
  return rows;
}

Json objects_json(const ReportInput& input) {
  const RowIndex rows = rows_of(input);
  JudgementIndex judgements;
  for (const model::Judgement& judgement : input.judgements)
    judgements[judgement.source] = &judgement;
  std::map<std::pair<std::string, std::string>, const Json*> mapping;
  if (input.mapping.is_array())
    for (const Json& item : input.mapping)
      mapping[{text_at(item, "kind"), text_at(item, "old_id")}] = &item;
  Json list = Json::array();
  if (!input.plan) return list;
  for (const model::Change& change : input.plan->changes) {
    const auto row = rows.find(change.source);
    const auto judgement = judgements.find(change.source);
    Json item = object_json(change, row == rows.end() ? nullptr : &row->second,
                            judgement == judgements.end() ? nullptr : judgement->second);
    add_urls(item, mapping);
    list.push_back(std::move(item));
  }
  return list;
}

std::string title_of(engine::KindSet kinds, const std::string& name) {
  const engine::Kind* kind = engine::find_kind(kinds, name);
  if (kind) return std::string(kind->plural);
  std::string title = name;
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

struct KindRow {
  long long found = 0;
  bool counted = false;  // by discovery, not only by the plan
  std::string unavailable;
  std::map<std::string, long long> outcomes, verdicts;
};

Json accounting_json(const ReportInput& input, const Json& objects) {
  std::map<std::string, KindRow> rows;
  Json not_moved = Json::array();
  if (input.source) {
    for (const model::KindCount& count : input.source->counts) {
      if (!count.moves) {
        not_moved.push_back({{"kind", count.kind},
                             {"title", title_of(input.kinds, count.kind)},
                             {"found", count.listed - count.out_of_scope},
                             {"unavailable", count.unavailable}});
        continue;
      }
      KindRow& row = rows[count.kind];
      row.found = count.listed - count.out_of_scope;
      row.counted = true;
      row.unavailable = count.unavailable;
    }
  }
  for (const Json& object : objects) {
    KindRow& row = rows[text_at(object, "kind")];
    ++row.outcomes[text_at(object, "outcome")];
    if (object.contains("verdict")) ++row.verdicts[text_at(object, "verdict")];
    if (!row.counted) ++row.found;
  }
  Json kinds = Json::array();
  std::map<std::string, long long> outcomes, verdicts;
  long long found = 0;
  bool adds_up = true;
  for (const auto& [kind, row] : rows) {
    long long sum = 0;
    for (const auto& [outcome, count] : row.outcomes) {
      sum += count;
      outcomes[outcome] += count;
    }
    for (const auto& [verdict, count] : row.verdicts) verdicts[verdict] += count;
    const bool equal = !input.plan || sum == row.found;
    adds_up = adds_up && equal;
    found += row.found;
    Json item = {{"kind", kind},
                 {"title", title_of(input.kinds, kind)},
                 {"found", row.found},
                 {"outcomes", row.outcomes},
                 {"verdicts", row.verdicts},
                 {"adds_up", equal}};
    put_text(item, "unavailable", row.unavailable);
    kinds.push_back(std::move(item));
  }
  return {{"found", found},     {"outcomes", outcomes}, {"verdicts", verdicts},
          {"adds_up", adds_up}, {"kinds", kinds},       {"not_moved", not_moved}};
}

Json findings_json(const ReportInput& input) {
  std::vector<model::Finding> findings = input.findings;
  if (input.plan)
    findings.insert(findings.end(), input.plan->findings.begin(), input.plan->findings.end());
  std::stable_sort(findings.begin(), findings.end(),
                   [](const model::Finding& a, const model::Finding& b) {
                     return std::tie(b.severity, a.code, a.kind, a.key, a.where) <
                            std::tie(a.severity, b.code, b.kind, b.key, b.where);
                   });
  Json list = Json::array();
  for (const model::Finding& finding : findings) {
    if (finding.code == kPatchCode) continue;
    Json item = model::to_json(finding);
    if (list.empty() || list.back() != item) list.push_back(std::move(item));
  }
  return list;
}

// Planning reports a reviewable patch of code as a finding whose evidence is the patch.
Json patches_json(const ReportInput& input) {
  Json list = Json::array();
  if (!input.plan) return list;
  for (const model::Finding& finding : input.plan->findings)
    if (finding.code == kPatchCode)
      list.push_back({{"kind", finding.kind}, {"key", finding.key}, {"patch", finding.evidence}});
  return list;
}

Json timeline_json(const std::vector<state::JournalEntry>& journal) {
  Json list = Json::array();
  for (const state::JournalEntry& entry : journal) {
    Json item = {
        {"run", entry.run},           {"change", entry.change},
        {"name", entry.name},         {"started", entry.started},
        {"attempts", entry.attempts}, {"outcome", std::string(state::to_text(entry.outcome))}};
    put_text(item, "ended", entry.ended);
    put_text(item, "bound_id", entry.bound_id);
    put_text(item, "error_code", entry.error_code);
    put_text(item, "error_message", entry.error_message);
    put_text(item, "error_remedy", entry.error_remedy);
    list.push_back(std::move(item));
  }
  return list;
}

Json evidence_json(const ReportInput& input) {
  Json json = Json::object();
  if (input.source) json["source_inventory_digest"] = state::digest_of(*input.source);
  if (input.target) json["target_inventory_digest"] = state::digest_of(*input.target);
  if (input.plan) {
    json["plan_digest"] = sha256_hex(dump_json(model::to_json(*input.plan)));
    json["plan_source_digest"] = input.plan->source_digest;
    json["plan_target_digest"] = input.plan->target_digest;
    std::size_t calls = 0;
    for (const model::Change& change : input.plan->changes) calls += change.actions.size();
    json["calls_planned"] = calls;
  }
  std::map<std::string, long long> attempts;
  std::map<std::string, std::map<std::string, long long>> outcomes;
  for (const state::JournalEntry& entry : input.journal) {
    attempts[entry.run] += entry.attempts;
    ++outcomes[entry.run][std::string(state::to_text(entry.outcome))];
  }
  json["journal_attempts"] = attempts;
  json["journal_outcomes"] = outcomes;
  return json;
}

Json objects_where(const Json& objects, std::string_view outcome) {
  Json list = Json::array();
  for (const Json& object : objects) {
    if (text_at(object, "outcome") != outcome) continue;
    Json item = Json::object();
    for (const char* name :
         {"id", "kind", "key", "name", "owner", "code", "reason", "source_url", "target_url"})
      if (object.contains(name)) item[name] = member(object, name);
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::string outcome_of(const model::Change& change, const state::LedgerRow* row) {
  static const std::map<std::string, std::string, std::less<>> kVerbs = {
      {"created", "create"}, {"updated", "update"}, {"adopted", "adopt"}};
  std::string planned(model::to_text(change.verb));
  // By a later plan it is as wanted; how it became so is what the ledger remembers.
  if (change.verb == model::Verb::unchanged) {
    const auto done = row ? kVerbs.find(row->state) : kVerbs.end();
    return done == kVerbs.end() ? planned : done->second;
  }
  if (change.verb != model::Verb::create && change.verb != model::Verb::update &&
      change.verb != model::Verb::adopt)
    return planned;
  if (!row || row->state.empty() || row->state == "found" || row->state == "planned") return "open";
  if (row->state == "failed" || row->state == "blocked") return row->state;
  return planned;
}

Json report_data(const ReportInput& input) {
  const Json no_platform;
  Json data = {{"format", "lakeshift-report"},
               {"version", 1},
               {"lakeshift", input.version},
               {"generated", input.generated}};
  data["source"] = platform_json(input.source_side, input.source,
                                 input.plan ? input.plan->source_platform : no_platform);
  data["target"] = platform_json(input.target_side, input.target,
                                 input.plan ? input.plan->target_platform : no_platform);
  data["objects"] = objects_json(input);
  data["accounting"] = accounting_json(input, data["objects"]);
  data["findings"] = findings_json(input);
  data["manual"] = objects_where(data["objects"], "manual");
  data["timeline"] = timeline_json(input.journal);
  data["evidence"] = evidence_json(input);
  data["rehearsal"] = input.rehearsal;
  data["acceptance"] = input.acceptance;
  data["cutover"] = input.cutover.is_object()
                        ? Json{{"phase", text_at(input.cutover, "phase", "source")}}
                        : Json(nullptr);
  data["routes"] = input.routes;
  data["backfill"] = input.backfill;
  data["first_runs"] = input.first_runs;
  data["patches"] = patches_json(input);
  data["verified"] = input.verified;
  data["journey"] = journey_of(input, data["accounting"], data["objects"]);
  data["workloads"] = workloads_sentence(input);
  data["next"] = next_steps(input, data["accounting"], data["objects"]);
  return data;
}

}  // namespace lakeshift::report
