// Two workspaces between which a small company was applied, and the processes that cut it over and
// back: each reads the sides, catches up and switches as the command does, over what is durable.
#pragma once

#include "stages/cutover.h"
#include "stages/journey_catch_up.h"
#include "tests/unit/fakes/faulty_journal.h"
#include "tests/unit/journey/one_of_each.h"
#include "tests/unit/journey/twin_state.h"
#include "tests/unit/journey/two_workspaces.h"

namespace lakeshift::journey {

// Everything that outlives a process.
struct Durable {
  Json source, target;  // what the twins hold
  model::Plan plan;     // the saved one
  std::vector<state::LedgerRow> rows;
  std::map<std::string, Json> notes;
  std::vector<state::JournalEntry> entries;
};

class Switching {
 public:
  using Verb = Result<stages::CutoverReport> (*)(const stages::CutoverInput&, world::Run&);

  // Applied, then changed in the source by its people.
  Switching() {
    put_one_of_each(workspaces.fake.files, "/estate");
    const Status loaded = workspaces.from.server->load("/estate");
    EXPECT_TRUE(loaded) << loaded.error().to_text();
    for (Workspace* side : {&workspaces.from, &workspaces.to}) offer_little(*side);
    workspaces.user = mapping_of_one_of_each();
    EXPECT_TRUE(workspaces.look());
    auto plan = workspaces.plan();
    EXPECT_TRUE(plan) << plan.error().to_text();
    saved = std::move(*plan);
    const auto applied = workspaces.apply(saved);
    EXPECT_TRUE(applied && applied->complete());
    people_go_on();
  }

  Durable keep() {
    Durable all{workspaces.from.server->dump(), workspaces.to.server->dump(), saved, {}, {}, {}};
    all.rows = *workspaces.journal->rows();
    for (const char* name : {"apply", "cutover", "cutover-history", "catch-up"})
      if (const auto note = *workspaces.journal->note(name)) all.notes[name] = *note;
    for (const char* run : {"apply", "cutover old:new", "rollback old:new"}) {
      const auto entries = *workspaces.journal->entries(run);
      all.entries.insert(all.entries.end(), entries.begin(), entries.end());
    }
    return all;
  }
  void restore(const Durable& all) {
    ASSERT_TRUE(workspaces.from.server->restore(all.source));
    ASSERT_TRUE(workspaces.to.server->restore(all.target));
    saved = all.plan;
    workspaces.journal = std::move(*state::Journal::open_in_memory());
    for (const state::LedgerRow& row : all.rows) ASSERT_TRUE(workspaces.journal->put_row(row));
    for (const auto& [name, note] : all.notes)
      ASSERT_TRUE(workspaces.journal->put_note(name, note));
    for (const state::JournalEntry& entry : all.entries) {
      ASSERT_TRUE(workspaces.journal->intend(entry));
      ASSERT_EQ(entry.outcome, state::Outcome::done);
      ASSERT_TRUE(workspaces.journal->settle(entry));
    }
  }

  // A process from its start to its end.
  Result<stages::CutoverReport> process(Verb verb, state::Journal& journal) {
    LS_TRY(look());
    return switch_over(verb, journal);
  }
  Result<stages::CutoverReport> process(Verb verb) { return process(verb, *workspaces.journal); }
  Status look() {
    LS_ASSIGN(workspaces.source, read(workspaces.from));
    LS_ASSIGN(workspaces.target, read(workspaces.to));
    return {};
  }
  // The same when it has read the sides.
  Result<stages::CutoverReport> switch_over(Verb verb, state::Journal& journal) {
    LS_TRY(stages::check_ledger(saved, journal));
    const model::Plan plan = saved;
    const model::Inventory from = workspaces.source, to = workspaces.target;
    stages::CatchUp catch_up(work(journal), plan, from, to);
    stages::CutoverInput input{
        plan,    from, to, workspaces.kinds, *workspaces.from.platform, *workspaces.to.platform,
        journal, {}};
    input.supplies = workspaces.supplies();
    if (verb == stages::cutover) {
      const std::string phase = stages::cutover_state(journal, "old:new")->phase;
      if (phase == "source" || phase == "target") LS_TRY(catch_up.look_ahead());
      input.ahead = catch_up.ahead();
      input.catch_up = [&] { return catch_up.bring(); };
      input.gates.push_back({"verify equal", [&] { return catch_up.check_equal(); }});
      LS_ASSIGN(input.freeze, stages::freezes_of(workspaces.kinds, from));
    }
    return verb(input, *workspaces.to.run);
  }

  // A run of a job that the switch has to wait for.
  void start_run(Workspace& side) {
    const Json held = side.server->dump();
    for (const Json& job : member(held, "job"))
      if (text_at(member(job, "settings"), "name") == "nightly")
        ask(side, "/api/2.2/jobs/run-now", {{"job_id", member(job, "job_id")}});
  }

  // What both sides and the ledger hold, with natural keys in place of ids. Runs tell when, not
  // what.
  std::vector<std::string> state() {
    std::vector<std::string> lines;
    for (const auto& [name, side] :
         {std::pair("old ", &workspaces.from), std::pair("new ", &workspaces.to)})
      for (const std::string& line : normalised(side->server->dump()))
        if (!line.starts_with("run ")) lines.push_back(name + line);
    const auto rows = *workspaces.journal->rows();
    for (const state::LedgerRow& row : rows)
      lines.push_back("ledger " + row.source.kind + " " + row.key + " " + row.state + " " +
                      row.code);
    lines.push_back("phase " + stages::cutover_state(*workspaces.journal, "old:new")->phase);
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  // All that a next process finds: the state, the saved plan and what the journal says of each
  // call.
  std::string left_behind() {
    std::string text = stages::digest_of(saved);
    for (const std::string& line : state()) text += line + "\n";
    for (const char* run : {"apply", "cutover old:new", "rollback old:new"}) {
      const auto entries = *workspaces.journal->entries(run);
      for (const state::JournalEntry& entry : entries)
        text += entry.run + entry.change + std::to_string(entry.action) +
                std::string(state::to_text(entry.outcome)) + entry.bound_id + "\n";
    }
    return sha256_hex(text);
  }

  Journey workspaces{"aws", "aws"};
  model::Plan saved;

 private:
  Result<model::Inventory> read(Workspace& side) {
    LS_ASSIGN(model::Inventory found, workspaces.discover(side));
    LS_TRY(stages::undo_freeze(*workspaces.journal, found));
    return found;
  }

  stages::CatchUpWork work(state::Journal& journal) {
    stages::CatchUpWork work{journal, workspaces.kinds, {}, {}, {}, {}, {}, {}};
    work.read_source = [this] { return read(workspaces.from); };
    work.read_target = [this] { return read(workspaces.to); };
    work.plan = [this](const model::Inventory& from, const model::Inventory& to) {
      workspaces.source = from;
      workspaces.target = to;
      return workspaces.plan();
    };
    work.keep = [this](const model::Plan& plan) -> Status {
      saved = plan;
      return {};
    };
    work.apply = [this, &journal](const model::Plan& plan, const std::set<std::string>& part) {
      return stages::apply(plan, workspaces.kinds, *workspaces.to.platform, journal,
                           workspaces.supplies(), *workspaces.to.run, nullptr, &part);
    };
    return work;
  }

  // Some node types and runtimes instead of hundreds: processes read them again and again.
  static void offer_little(Workspace& side) {
    Json all = side.server->dump();
    const auto keep = [&](const char* list, const char* name, std::string_view start) {
      Json few = Json::array();
      for (const Json& item : all["reference"][list])
        if (text_at(item, name).starts_with(start)) few.push_back(item);
      all["reference"][list] = std::move(few);
    };
    keep("node_types", "node_type_id", "m5.");
    keep("versions", "key", "15.4.");
    ASSERT_TRUE(side.server->restore(all));
  }

  void ask(Workspace& side, const std::string& path, Json body) {
    engine::Call call;
    call.method = "POST";
    call.path = path;
    call.body = std::move(body);
    const auto answer = side.platform->call(call, {});
    ASSERT_TRUE(answer) << answer.error().to_text();
  }

  // Edits a job and a notebook, and adds one of each.
  void people_go_on() {
    ask(workspaces.from, "/api/2.2/jobs/update",
        {{"job_id", 901}, {"new_settings", {{"timeout_seconds", 1234}}}});
    for (const char* path : {"/Shared/etl/load", "/Shared/etl/late"})
      ask(workspaces.from, "/api/2.0/workspace/import",
          {{"path", path},
           {"format", "SOURCE"},
           {"language", "PYTHON"},
           {"overwrite", true},
           {"content", "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgnbmV3JykK"}});
    ask(workspaces.from, "/api/2.2/jobs/create",
        {{"name", "late"},
         {"schedule",
          {{"quartz_cron_expression", "0 0 3 * * ?"},
           {"timezone_id", "UTC"},
           {"pause_status", "UNPAUSED"}}},
         {"tasks",
          {{{"task_key", "a"},
            {"existing_cluster_id", "0101-000000-clst1"},
            {"notebook_task", {{"notebook_path", "/Shared/etl/late"}}}}}}});
  }
};

}  // namespace lakeshift::journey
