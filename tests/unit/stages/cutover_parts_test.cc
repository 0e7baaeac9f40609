// Cutover in parts, freeze, and what is new since apply.
#include <gtest/gtest.h>

#include "tests/unit/stages/cutover_estate.h"

namespace lakeshift::stages {
namespace {

using namespace switching;

TEST(Cutover, keeps_the_record_of_a_freeze_over_several_parts) {
  Estate estate;
  estate.add_gate();
  estate.freeze = {{"users", {estate.turn("closed")}, {estate.turn("open")}}};
  estate.only.include = {"job/a"};
  ASSERT_TRUE(estate.run(cutover));
  // The second part is begun without --freeze, or with one that was read while users were out.
  estate.only.include = {"job/b"};
  estate.freeze = {{"users", {estate.turn("closed")}, {estate.turn("closed")}}};
  ASSERT_TRUE(estate.run(cutover));
  estate.freeze.clear();
  estate.only = {};
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_NE(estate.states().find("users closed"), std::string::npos);
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_NE(estate.states().find("users open"), std::string::npos)
      << "as it was before the first part";
}

TEST(Cutover, freezes_when_nothing_runs_any_more) {
  Estate estate;
  estate.source.objects()[0].body["runs"] = 1;
  estate.drain_seconds = 0;
  model::Action shut;
  shut.name = "shut";
  shut.method = "POST";
  shut.path = "/api/job/switch";
  shut.body = {{"id", estate.source.objects()[3].id}, {"state", "SHUT"}};
  estate.freeze = {{"users", {shut}, {}}};
  EXPECT_EQ(estate.run(cutover).error().code, "still-running");
  EXPECT_EQ(estate.states().find("SHUT"), std::string::npos);
  estate.source.objects()[0].body["runs"] = 0;
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_NE(estate.states().find("SHUT"), std::string::npos);
}

// A job that appeared in the source after apply; catching up makes it.
struct Late : Estate {
  model::Plan after;
  std::string made;

  Late() {
    const std::string id = source.add("job", {{"name", "late"}, {"state", "UNPAUSED"}}).id;
    model::Change change;
    change.id = "job:late";
    change.source = {"old", "job", id};
    change.key = change.name = "late";
    model::Action create;
    create.name = "create";
    change.actions = {create};
    after = plan;
    after.changes = {change};
    ahead = &after;
    catch_up = [this]() -> Result<std::vector<std::string>> { return make(); };
  }

  std::vector<std::string> make() {
    made = target.add("job", {{"name", "late"}, {"state", "PAUSED"}}).id;
    state::LedgerRow row;
    row.source = after.changes[0].source;
    row.target_side = "new";
    row.target_id = made;
    row.state = "created";
    EXPECT_TRUE(durable->put_row(row));
    return {"create job 'late'"};
  }
};

TEST(Cutover, switches_what_is_new_since_apply) {
  Late estate;
  estate.dry_run = true;
  const auto shown = estate.run(cutover);
  ASSERT_TRUE(shown) << shown.error().to_text();
  EXPECT_EQ(shown->caught_up, std::vector<std::string>{"create job 'late'"});
  estate.dry_run = false;
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(report->caught_up, std::vector<std::string>{"create job 'late'"});
  EXPECT_NE(estate.states().find("old late PAUSED"), std::string::npos);
  EXPECT_NE(estate.states().find("new late UNPAUSED"), std::string::npos);
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_NE(estate.states().find("old late UNPAUSED"), std::string::npos);
  EXPECT_NE(estate.states().find("new late PAUSED"), std::string::npos);
  EXPECT_EQ((*estate.durable->row(estate.after.changes[0].source, "new"))->state, "created");
}

TEST(Cutover, goes_back_when_what_is_new_cannot_be_made) {
  Late estate;
  estate.catch_up = []() -> Result<std::vector<std::string>> { return std::vector<std::string>(); };
  const auto report = estate.run(cutover);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "not-caught-up");
  EXPECT_EQ(report.error().about, "job 'late'");
  EXPECT_NE(report.error().remedy.find("rollback"), std::string::npos);
  EXPECT_EQ(estate.phase(), "catching-up");
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_NE(estate.states().find("old late UNPAUSED"), std::string::npos);
  EXPECT_EQ(estate.phase(), "source");
}

TEST(Cutover, reads_a_frozen_or_paused_source_as_before) {
  Estate estate;
  const std::string person = estate.source.add("person", {{"name", "ann"}, {"keys", {"door"}}}).id;
  estate.freeze = {{"ann", {}, {}, {"old", "person", person}, {{"keys", {"door"}}}}};
  estate.catch_up = [] { return Result<std::vector<std::string>>(fail("stop", "here")); };
  ASSERT_FALSE(estate.run(cutover));
  for (auto& stored : estate.source.objects())
    if (stored.id == person) stored.body["keys"] = Json::array();
  model::Inventory seen = Estate::read(estate.source);
  ASSERT_TRUE(undo_freeze(*estate.durable, seen));
  ASSERT_TRUE(undo_pause(*estate.durable, "old:new", kTestKinds, seen));
  EXPECT_EQ(member(seen.find("person", person)->document, "keys"), Json({"door"}));
  EXPECT_EQ(text_at(seen.find_key("job", "a")->document, "state"), "UNPAUSED");
  EXPECT_EQ(text_at(seen.find_key("job", "p")->document, "state"), "PAUSED");
}

}  // namespace
}  // namespace lakeshift::stages
