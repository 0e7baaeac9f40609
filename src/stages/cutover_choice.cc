#include "stages/cutover_choice.h"

#include <set>

#include "core/engine/graph.h"

namespace lakeshift::stages {
namespace {

tl::unexpected<Error> gate_closed(const std::string& gate, const std::string& why,
                                  const std::string& remedy) {
  return fail("gate-closed", why, "gate '" + gate + "'", remedy);
}

class Chooser {
 public:
  Chooser(const CutoverInput& input, const Switching& switching,
          const std::map<std::string, Switching>& all, const std::vector<state::LedgerRow>& rows)
      : input_(input), source_(input.source), target_(input.target) {
    for (const Workload& workload : switching.workloads)
      known_.insert({workload.kind, workload.source_id});
    for (const auto& [route, other] : all)
      if (route != route_of(input.plan) && route.starts_with(input.plan.source + ":"))
        for (const Workload& workload : other.workloads)
          elsewhere_[{workload.kind, workload.source_id}] = route;
    for (const state::LedgerRow& row : rows)
      if (row.target_side == input.plan.target) rows_[row.source] = &row;
    for (const model::Change& change : input.plan.changes) changes_[change.id] = &change;
  }

  Result<Choice> choose() {
    Choice choice;
    std::set<std::pair<std::string, std::string>> planned;
    for (const model::Change& change : input_.plan.changes) {
      planned.insert({change.source.kind, change.source.id});
      // It would run in both targets.
      if (const auto other = elsewhere_.find({change.source.kind, change.source.id});
          other != elsewhere_.end())
        choice.staying.push_back(change.source.kind + " '" + change.key +
                                 "' is switched by the route '" + other->second + "' already");
      else
        LS_TRY(consider(change, choice));
    }
    if (input_.ahead != nullptr)
      for (const model::Change& change : input_.ahead->changes)
        if (planned.insert({change.source.kind, change.source.id}).second)
          consider_new(change, choice);
    for (const model::Object& object : input_.source.objects)
      if (!planned.contains({object.id.kind, object.id.id}) && runs(object))
        choice.staying.push_back(object.id.kind + " '" + object.key + "' is not in the plan");
    return choice;
  }

 private:
  bool runs(const model::Object& object) const {
    const engine::Kind* kind = engine::find_kind(input_.kinds, object.id.kind);
    return kind != nullptr && kind->pause != nullptr && kind->runs_by_itself != nullptr &&
           kind->runs_by_itself(object.document) && input_.only.takes(input_.kinds, object);
  }

  // New since the plan was made: catching up makes it, then it is started like the others.
  void consider_new(const model::Change& change, Choice& choice) const {
    const model::Object* object = source_.by_id(change.source.kind, change.source.id);
    if (object == nullptr || known_.contains({change.source.kind, change.source.id}) ||
        !runs(*object))
      return;
    if (!engine::is_carried_out(change) && change.verb != model::Verb::adopt) {
      choice.staying.push_back(staying_line(change));
      return;
    }
    choice.workloads.push_back(workload_of(change, *object, {}));
  }

  static std::string staying_line(const model::Change& change) {
    return change.source.kind + " '" + change.key + "': " + std::string(to_text(change.verb)) +
           (change.reason.empty() ? "" : ", " + change.reason);
  }

  Status consider(const model::Change& change, Choice& choice) {
    const model::Object* object = source_.by_id(change.source.kind, change.source.id);
    if (object == nullptr || known_.contains({change.source.kind, change.source.id}) ||
        !runs(*object))
      return {};
    const std::string label = change.source.kind + " '" + change.key + "'";
    const auto found = rows_.find(change.source);
    const state::LedgerRow* row = found == rows_.end() ? nullptr : found->second;
    if (row == nullptr || !stands_in_target(row->state) || row->target_id.empty()) {
      // What the plan never meant to move stays; what apply owes closes the gate.
      if (!engine::is_carried_out(change) && change.verb != model::Verb::adopt &&
          change.verb != model::Verb::unchanged) {
        choice.staying.push_back(staying_line(change));
        return {};
      }
      return not_applied(label, row);
    }
    LS_TRY(check_requirements(change, label));
    choice.workloads.push_back(workload_of(change, *object, *row));
    return {};
  }

  static Status not_applied(const std::string& label, const state::LedgerRow* row) {
    return gate_closed(
        "apply complete",
        label + (row == nullptr ? std::string(" was not applied yet")
                                : " is '" + row->state + "'" +
                                      (row->reason.empty() ? "" : ": " + row->reason)),
        "run 'lakeshift apply' until nothing has failed, or leave it out with --exclude");
  }

  Status check_requirements(const model::Change& change, const std::string& label) const {
    for (const std::string& id : change.requires_changes) {
      const auto needed = changes_.find(id);
      if (needed == changes_.end() || !engine::is_carried_out(*needed->second)) continue;
      const auto row = rows_.find(needed->second->source);
      if (row != rows_.end() && stands_in_target(row->second->state)) continue;
      return gate_closed(
          "apply complete",
          label + " needs " + needed->second->source.kind + " '" + needed->second->key +
              "', which is not in the target",
          "run 'lakeshift apply' until nothing has failed, or leave it out with --exclude");
    }
    return {};
  }

  Workload workload_of(const model::Change& change, const model::Object& object,
                       const state::LedgerRow& row) const {
    const engine::Kind* kind = engine::find_kind(input_.kinds, change.source.kind);
    Workload workload;
    workload.kind = change.source.kind;
    workload.key = change.key;
    workload.name = object.name;
    workload.source_id = change.source.id;
    workload.target_id = row.target_id;
    workload.before = object.document;
    workload.status = "switching";
    workload.ledger_state = row.state;
    workload.content = object.content;
    workload.target_content = change.content;
    workload.pause = kind->pause(object);
    // A workload that somebody deletes meanwhile runs no more either.
    for (model::Action& action : workload.pause) action.tolerated.push_back("not-found");
    if (const model::Object* there = target_.by_id(change.source.kind, row.target_id);
        there != nullptr) {
      workload.target_ran = kind->runs_by_itself(there->document);
      workload.target_content = there->content;
      if (kind->resume != nullptr) workload.start = kind->resume(*there, object.document);
    }
    return workload;
  }

  const CutoverInput& input_;
  const model::InventoryIndex source_, target_;
  std::set<std::pair<std::string, std::string>> known_;
  std::map<std::pair<std::string, std::string>, std::string> elsewhere_;  // the route
  std::map<model::ObjectId, const state::LedgerRow*> rows_;
  std::map<std::string, const model::Change*> changes_;
};

}  // namespace

bool stands_in_target(const std::string& state) {
  return state == "created" || state == "updated" || state == "adopted" || state == "unchanged" ||
         state == "verified" || state == "cut-over";
}

std::string change_line(const model::Change& change) {
  std::string text =
      std::string(to_text(change.verb)) + " " + change.source.kind + " '" + change.key + "'";
  std::string paths;
  for (const model::Difference& difference : change.differences)
    paths += (paths.empty() ? "" : ", ") + difference.path;
  return paths.empty() ? text : text + " (" + paths + ")";
}

Result<Choice> choose_workloads(const CutoverInput& input, const Switching& switching) {
  LS_ASSIGN(const std::vector<state::LedgerRow> rows, input.journal.rows());
  LS_ASSIGN(const auto all, all_switchings(input.journal));
  return Chooser(input, switching, all, rows).choose();
}

Status check_gates(const CutoverInput& input) {
  for (engine::Platform* platform : {&input.source_platform, &input.target_platform}) {
    const Json about = platform->describe();
    if (!bool_at(about, "admin", true))
      return gate_closed(
          "caller may write",
          "'" + text_at(about, "user") + "' is no admin of side '" + platform->side() + "'",
          "make it an admin there for the time of the cutover");
  }
  for (const Gate& gate : input.gates) {
    const Status open = gate.check();
    if (open) continue;
    Error error = open.error();
    Error closed{"gate-closed", (error.about.empty() ? "" : error.about + ": ") + error.message,
                 "gate '" + gate.name + "'", error.remedy};
    closed.cause = std::make_shared<const Error>(std::move(error));
    return fail(std::move(closed));
  }
  return {};
}

}  // namespace lakeshift::stages
