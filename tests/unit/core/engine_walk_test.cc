#include <gtest/gtest.h>

#include "core/engine/graph.h"
#include "tests/unit/core/engine_estate.h"

namespace lakeshift::engine::testing {
namespace {

using model::Verb;

TEST(Graph, orders_actions_by_change_and_by_reference) {
  const model::Plan plan = estate_plan();
  const auto graph = build_graph(plan);
  ASSERT_TRUE(graph) << graph.error().to_text();
  std::map<std::string, std::size_t> node;
  for (std::size_t i = 0; i < graph->nodes.size(); ++i)
    node[plan.changes[graph->nodes[i].change].id + "/" + std::to_string(graph->nodes[i].action)] =
        i;
  const auto follows = [&](const std::string& before, const std::string& after) {
    const auto& next = graph->nodes[node.at(before)].next;
    return std::find(next.begin(), next.end(), node.at(after)) != next.end();
  };
  EXPECT_TRUE(follows("job:a/0", "job:a/1"));
  EXPECT_TRUE(follows("pool:p/0", "job:a/1"));
  EXPECT_TRUE(follows("job:b/0", "job:a/1"));
  EXPECT_TRUE(follows("job:a/0", "job:b/0"));
  EXPECT_TRUE(follows("principal:robot/0", "job:b/0"));
  EXPECT_TRUE(follows("scope:s/0", "secret:s/k/0"));
  EXPECT_TRUE(follows("pool:p/0", "note:/n/0")) << "needs";
  EXPECT_EQ(graph->nodes[node.at("job:b/1")].waits_for, 2U);
  EXPECT_FALSE(node.contains("pool:old/0"));
}

TEST(Graph, names_the_changes_of_a_cycle_and_only_those) {
  model::Plan plan = estate_plan();
  plan.changes[3].actions.erase(plan.changes[3].actions.begin());  // job a without its stub
  plan.changes[3].actions[0].binds = "id";
  const auto graph = build_graph(plan);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, "cyclic-plan");
  EXPECT_NE(graph.error().message.find("'job:a', 'job:b'"), std::string::npos)
      << graph.error().message;
  EXPECT_EQ(graph.error().message.find("pool"), std::string::npos);
}

TEST(Graph, finds_components_and_waves) {
  // 0 -> 1 -> 2 -> 1, 3 -> 0, 4 alone, 5 -> 5
  const std::vector<std::vector<std::size_t>> edges = {{1}, {2}, {1}, {0}, {}, {5}};
  const auto found = components(edges);
  EXPECT_EQ(found, (std::vector<std::vector<std::size_t>>{{1, 2}, {0}, {3}, {4}, {5}}));
  EXPECT_EQ(waves(edges), (std::vector<int>{1, 0, 0, 2, 0, 0}));
}

TEST(Graph, survives_chains_as_long_as_an_estate) {
  std::vector<std::vector<std::size_t>> edges(200'000);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) edges[i] = {i + 1};
  EXPECT_EQ(waves(edges)[0], 199'999);
}

TEST(FillIn, replaces_placeholders_of_every_shape) {
  const Bound bound = [](const std::string& change, const std::string& field) -> Result<Json> {
    if (change == "missing") return fail("dependency-failed", "no");
    return field == "id" ? Json(42) : Json(change + "." + field);
  };
  const Json value = {
      {"number", reference_to("job:a")},
      {"text", "x" + reference_text("job:a") + "/" + reference_text("p:q", "name") + "y"},
      {"list", {reference_to("p:q", "application.id"), 3, nullptr}},
      {"content", {{"$content", {{"sha256", "s"}, {"encoding", "base64"}}}}},
      {"$ref", "a member of that name is no placeholder"},
      {"plain", {{"$ref", {{"change", "c"}}}, {"and", "more"}}}};
  const auto filled = fill_in(value, bound, supplies());
  ASSERT_TRUE(filled) << filled.error().to_text();
  EXPECT_EQ(member(*filled, "number"), 42);
  EXPECT_EQ(member(*filled, "text"), "x42/p:q.namey");
  EXPECT_EQ(member(*filled, "list"), Json({"p:q.application.id", 3, nullptr}));
  EXPECT_EQ(member(*filled, "content"), "cHJpbnQoMSkK");
  EXPECT_EQ(member(*filled, "plain"), member(value, "plain"));
  EXPECT_EQ(fill_in(Json({{"a", {reference_to("missing")}}}), bound, supplies()).error().code,
            "dependency-failed");
}

TEST(FillIn, copes_with_every_character_in_a_change_id) {
  const std::string id = "job:a+}b{c%d:e/\xF0\x9F\x98\x80 ${ref:x";
  std::vector<std::string> ids;
  list_references(Json("before " + reference_text(id) + " after"), ids);
  list_references(reference_to(id), ids);
  EXPECT_EQ(ids, (std::vector<std::string>{id, id}));
  const auto text =
      fill_in_text("${ref:no end " + reference_text(id),
                   [&](const std::string& change, const std::string&) -> Result<Json> {
                     return Json(change == id ? "ok" : "bad");
                   });
  EXPECT_EQ(*text, "${ref:no end ok");
}

TEST(FillIn, refuses_what_a_text_cannot_hold_and_says_what_is_missing) {
  const Bound bound = [](const std::string&, const std::string&) -> Result<Json> {
    return Json(1);
  };
  const Supplies bytes = {
      [](const std::string&) -> Result<std::string> { return std::string("\xFF"); },
      [](const Json&) -> Result<std::string> { return std::string("\xFF"); }};
  const Json secret = {{"$secret", {{"scope", "s"}, {"key", "k"}}}};
  EXPECT_EQ(fill_in(secret, bound, bytes).error().code, "secret-not-text");
  EXPECT_EQ(*fill_in({{"$secret", {{"scope", "s"}, {"encoding", "base64"}}}}, bound, bytes),
            "/w==");
  EXPECT_EQ(fill_in({{"$content", {{"sha256", "s"}}}}, bound, bytes).error().code,
            "content-not-text");
  const auto none = fill_in(secret, bound, {});
  EXPECT_EQ(none.error().code, "secret-unavailable");
  EXPECT_NE(none.error().about.find("s/k"), std::string::npos);
}

TEST(Walk, carries_out_a_plan_once) {
  Stage stage;
  const auto first = stage.apply(*stage.durable);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->errors.empty());
  EXPECT_EQ(first->outcomes.at("job:a"), Verb::create);
  EXPECT_EQ(first->outcomes.at("pool:old"), Verb::adopt);
  EXPECT_FALSE(first->stopped);
  const std::string state = stage.target.normalised();
  const auto calls = stage.target.calls();
  const auto again = stage.apply(*stage.durable);
  ASSERT_TRUE(again);
  EXPECT_EQ(stage.target.calls(), calls) << "what is done is not called again";
  EXPECT_EQ(again->resumed, 9);
  EXPECT_EQ(stage.target.normalised(), state);
}

TEST(Walk, sends_native_ids_and_members_of_answers) {
  Stage stage;
  ASSERT_TRUE(stage.apply(*stage.durable));
  for (const auto& object : stage.target.objects()) {
    if (text_at(object.body, "name") != "b") continue;
    EXPECT_TRUE(member(object.body, "job_id").is_number()) << "job ids are numbers";
    EXPECT_TRUE(text_at(object.body, "run_as").starts_with("app-"));
    EXPECT_NE(text_at(object.body, "text").find("id-100001"), std::string::npos)
        << "an adopted object's id";
  }
}

TEST(Walk, blocks_only_what_depends_on_a_failure_and_names_the_culprit) {
  Stage stage;
  stage.target.refuse_calls_with("/api/principal/create",
                                 {"quota-exceeded", "too many principals", "", "ask for more"});
  const auto result = stage.apply(*stage.durable);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcomes.at("principal:robot"), Verb::failed);
  EXPECT_EQ(result->outcomes.at("job:b"), Verb::blocked);
  EXPECT_EQ(result->outcomes.at("job:a"), Verb::blocked) << "its completion refers to job b";
  for (const char* free : {"pool:p", "scope:s", "secret:s/k", "note:/n"})
    EXPECT_EQ(result->outcomes.at(free), Verb::create) << free;
  const Error& error = result->errors.at("job:b");
  EXPECT_EQ(error.code, "dependency-failed");
  EXPECT_NE(error.message.find("principal 'robot'"), std::string::npos);
  EXPECT_NE(error.message.find("quota-exceeded"), std::string::npos);
  const auto row = stage.durable->row({"old", "job", "src-b"}, "new");
  EXPECT_EQ((*row)->state, "blocked");
  EXPECT_EQ((*row)->code, "dependency-failed");

  stage.target.clear_refusals();
  const auto repaired = stage.apply(*stage.durable);
  ASSERT_TRUE(repaired);
  EXPECT_TRUE(repaired->errors.empty());
  EXPECT_EQ((*stage.durable->row({"old", "job", "src-b"}, "new"))->state, "created");
}

TEST(Walk, blocks_what_refers_to_an_object_that_the_plan_does_not_make) {
  Stage stage;
  model::Plan plan = estate_plan();
  plan.changes[0].verb = Verb::manual;
  plan.changes[0].reason = "somebody must make the pool";
  const auto result =
      carry_out(plan, kKinds, stage.target, *stage.durable, "apply", supplies(), stage.world.run);
  ASSERT_TRUE(result) << result.error().to_text();
  EXPECT_EQ(result->outcomes.at("pool:p"), Verb::manual);
  EXPECT_EQ(result->outcomes.at("job:b"), Verb::blocked);
  EXPECT_NE(result->errors.at("job:b").message.find("somebody must make the pool"),
            std::string::npos);
}

TEST(Walk, fails_a_create_whose_name_was_taken_meanwhile) {
  Stage stage;
  stage.target.add("pool", {{"name", "p"}});
  const auto result = stage.apply(*stage.durable);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcomes.at("pool:p"), Verb::failed);
  EXPECT_EQ(result->errors.at("pool:p").code, "already-exists");
  EXPECT_NE(result->errors.at("pool:p").remedy.find("lakeshift plan"), std::string::npos);
}

TEST(Walk, takes_tolerated_answers_for_done) {
  Stage stage;
  stage.target.add("scope", {{"name", "s"}});
  model::Plan plan = estate_plan();
  plan.changes[5].actions[0].tolerated = {"already-exists"};
  const auto result =
      carry_out(plan, kKinds, stage.target, *stage.durable, "apply", supplies(), stage.world.run);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcomes.at("scope:s"), Verb::create);
  EXPECT_EQ(result->outcomes.at("secret:s/k"), Verb::create);
}

TEST(Walk, repeats_calls_that_the_target_is_not_ready_for) {
  Stage stage;
  model::Plan plan = estate_plan();
  plan.changes[5].actions[0].outwaited = {"invalid-state"};
  stage.target.refuse_calls_with("/api/scope/create", {"invalid-state", "still stopping", "", ""});
  int refused = 0;
  stage.target.on_call = [&](const Call& call) {
    if (call.path == "/api/scope/create" && ++refused == 4) stage.target.clear_refusals();
  };
  const auto result =
      carry_out(plan, kKinds, stage.target, *stage.durable, "apply", supplies(), stage.world.run);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcomes.at("scope:s"), Verb::create);
  EXPECT_GE(stage.world.elapsed(), world::Millis{1000 + 2000 + 4000});

  Stage stuck;
  stuck.target.refuse_calls_with("/api/scope/create", {"invalid-state", "still stopping", "", ""});
  const auto failed =
      carry_out(plan, kKinds, stuck.target, *stuck.durable, "apply", supplies(), stuck.world.run);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->errors.at("scope:s").code, "invalid-state") << "patience ends";
  EXPECT_GE(stuck.world.elapsed(), world::Millis{600'000});
  EXPECT_LE(stuck.world.elapsed(), world::Millis{700'000});
}

TEST(Walk, stops_on_request_and_can_be_resumed) {
  Stage stage;
  int seen = 0;
  stage.target.on_call = [&](const Call&) {
    if (++seen == 3) stage.world.stop.request_stop();
  };
  const auto first = stage.apply(*stage.durable);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->stopped);
  int interrupted = 0;
  for (const auto& [change, error] : first->errors)
    interrupted += error.code == "interrupted" ? 1 : 0;
  EXPECT_GT(interrupted, 0);
  EXPECT_EQ(first->outcomes.size(), estate_plan().changes.size())
      << "every object is accounted for";

  std::stop_source fresh;
  stage.world.run.stop = fresh.get_token();
  const auto second = stage.apply(*stage.durable);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->errors.empty());
  EXPECT_GE(second->resumed, 2);
}

TEST(Walk, tells_an_ambiguous_doubt_instead_of_guessing) {
  Stage stage;
  fakes::Life life;
  fakes::FaultyJournal journal(*stage.durable, life);
  int call = 0;
  stage.target.on_call = [&](const Call& made) {
    if (made.path == "/api/principal/create" && ++call == 1) life.dead = true;
  };
  (void)stage.apply(journal);
  stage.target.on_call = nullptr;
  // Meanwhile somebody makes two more of that name.
  stage.target.add("principal", {{"name", "robot"}, {"applicationId", "x"}});
  stage.target.add("principal", {{"name", "robot"}, {"applicationId", "y"}});
  const auto result = stage.apply(*stage.durable);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->errors.at("principal:robot").code, "ambiguous");
  EXPECT_EQ((*stage.durable->find("apply", "principal:robot", 0))->outcome, state::Outcome::pending)
      << "it stays in doubt until a person has decided";
}

TEST(Walk, reports_progress_and_every_object) {
  Stage stage;
  ASSERT_TRUE(stage.apply(*stage.durable));
  std::map<std::string, long long> done, totals;  // per kind
  std::map<std::string, std::string> outcomes;
  for (const world::Event& event : stage.world.events.events()) {
    if (event.type == world::Event::Type::progress) {
      EXPECT_EQ(event.done, ++done[event.subject]);
      totals[event.subject] = event.total;
    }
    if (event.type == world::Event::Type::object)
      outcomes[event.subject + ":" + event.name] = event.outcome;
  }
  EXPECT_EQ(done, totals);
  EXPECT_EQ(totals.at("job"), 4);
  EXPECT_EQ(outcomes.size(), estate_plan().changes.size());
  EXPECT_EQ(outcomes.at("job:a"), "create");
}

TEST(Walk, runs_in_parallel_up_to_its_bound) {
  Stage stage;
  stage.world.run.parallel = 8;
  for (int i = 0; i < 20; ++i) {
    const auto result = stage.apply(*stage.durable);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->errors.empty());
    ASSERT_TRUE(stage.durable->forget_run("apply"));
    auto& objects = stage.target.objects();
    std::erase_if(objects, [](const fakes::StoredObject& object) {
      return object.id > "id-100002" || object.id < "id";
    });
  }
}

}  // namespace
}  // namespace lakeshift::engine::testing
