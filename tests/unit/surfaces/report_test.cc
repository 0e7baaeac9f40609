// The report's document, its HTML page, and status.
#include <gtest/gtest.h>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "surfaces/report/report_data.h"
#include "surfaces/report/report_html.h"
#include "surfaces/report/status_text.h"

namespace lakeshift::report {
namespace {

model::Change change_of(const std::string& kind, const std::string& id, const std::string& key,
                        model::Verb verb) {
  model::Change change;
  change.id = kind + ":" + key;
  change.source = {"old", kind, id};
  change.key = change.target_key = change.name = key;
  change.verb = verb;
  return change;
}

struct Estate {
  model::Inventory source, target;
  model::Plan plan;
  ReportInput input;
  Estate() {
    source.side = "old";
    source.platform = {{"cloud", "azure"}, {"host", "https://adb-1.2.azuredatabricks.net"}};
    source.counts = {{.kind = "job", .listed = 3, .out_of_scope = 1},
                     {.kind = "pipeline", .listed = 4, .moves = false}};
    target.side = "new";
    target.platform = {{"cloud", "aws"}};
    plan.source = "old";
    plan.target = "new";
    plan.changes = {change_of("job", "1", "a", model::Verb::create),
                    change_of("job", "2", "b", model::Verb::manual)};
    plan.changes[1].owner = "security team";
    plan.changes[1].reason = "a person decides";
    input.version = "0.1.0";
    input.generated = "2026-11-20T12:00:00.000Z";
    input.source_side = "old";
    input.target_side = "new";
    input.source = &source;
    input.target = &target;
    input.plan = &plan;
  }
  void applied() {
    state::LedgerRow row;
    row.source = plan.changes[0].source;
    row.target_side = "new";
    row.state = "created";
    row.target_id = "77";
    input.ledger = {row};
    state::JournalEntry entry;
    entry.run = "apply";
    entry.change = "job:a";
    entry.outcome = state::Outcome::done;
    entry.attempts = 2;
    input.journal = {entry};
  }
};

TEST(ReportData, AddsUpPerKind) {
  Estate estate;
  const Json data = report_data(estate.input);
  const Json& accounting = member(data, "accounting");
  EXPECT_TRUE(bool_at(accounting, "adds_up"));
  EXPECT_EQ(int_at(accounting, "found"), 2);
  EXPECT_EQ(int_at(member(accounting, "outcomes"), "open"), 1);
  EXPECT_EQ(member(accounting, "not_moved").size(), 1U);
  EXPECT_EQ(member(data, "manual").size(), 1U);
  EXPECT_EQ(text_at(member(data, "manual")[0], "owner"), "security team");
}

TEST(ReportData, ALaterPlanDoesNotForgetWhatWasDone) {
  const auto outcome = [](const char* state, const char* before) {
    Estate estate;
    estate.applied();
    estate.plan.changes[0].verb = model::Verb::unchanged;
    estate.input.ledger[0].state = state;
    if (*before != 0)
      estate.input.cutover = {
          {"phase", "target"},
          {"previous", {{{"kind", "job"}, {"source_id", "1"}, {"ledger_state", before}}}}};
    return text_at(member(report_data(estate.input), "objects")[0], "outcome");
  };
  EXPECT_EQ(outcome("created", ""), "create");
  EXPECT_EQ(outcome("updated", ""), "update");
  EXPECT_EQ(outcome("adopted", ""), "adopt");
  EXPECT_EQ(outcome("unchanged", ""), "unchanged");
  EXPECT_EQ(outcome("cut-over", "updated"), "update") << "as it was before the cutover";
  EXPECT_EQ(outcome("cut-over", ""), "unchanged");
}

TEST(ReportData, ALostObjectIsSeen) {
  Estate estate;
  estate.plan.changes.pop_back();
  const Json data = report_data(estate.input);
  EXPECT_FALSE(bool_at(member(data, "accounting"), "adds_up", true));
  EXPECT_NE(status_text(data, {}).find("does not add up"), std::string::npos);
}

TEST(ReportData, TheSameStateGivesTheSameDocument) {
  Estate estate;
  estate.applied();
  EXPECT_EQ(dump_json(report_data(estate.input)), dump_json(report_data(estate.input)));
}

TEST(ReportData, TheJourneyGoesOn) {
  Estate estate;
  const auto next = [&] {
    return text_at(member(report_data(estate.input), "next")[0], "command");
  };
  const auto state_of = [&](std::size_t i) {
    return text_at(member(report_data(estate.input), "journey")[i], "state");
  };
  EXPECT_EQ(next(), "lakeshift rehearse");
  EXPECT_EQ(state_of(3), "open");
  estate.applied();
  EXPECT_EQ(state_of(3), "done");
  EXPECT_EQ(next(), "lakeshift verify");
  estate.input.ledger[0].state = "failed";
  estate.input.ledger[0].code = "quota-exceeded";
  EXPECT_EQ(next(), "lakeshift apply");
  const Json failed = report_data(estate.input);
  EXPECT_EQ(text_at(member(failed, "objects")[0], "code"), "quota-exceeded");
  estate.input.ledger[0].state = "created";
  estate.input.verified = true;
  model::Judgement judgement;
  judgement.source = estate.plan.changes[0].source;
  judgement.verdict = model::Verdict::equal;
  estate.input.judgements = {judgement};
  EXPECT_EQ(next(), "lakeshift accept");
  estate.input.acceptance = {{"passed", true}};
  EXPECT_EQ(next(), "lakeshift cutover --dry-run");
  estate.input.cutover = {{"phase", "catching-up"}};
  EXPECT_EQ(next(), "lakeshift cutover");
  EXPECT_EQ(text_at(report_data(estate.input), "workloads"),
            "the workloads are between 'old' and 'new' (cutover stands at 'catching-up')");
  estate.input.cutover = {{"phase", "completed"}};
  EXPECT_TRUE(member(report_data(estate.input), "next").empty());
  EXPECT_EQ(text_at(report_data(estate.input), "workloads"),
            "the workloads run in 'new', for good");
}

TEST(ReportData, MappingGivesAddresses) {
  Estate estate;
  estate.applied();
  estate.input.mapping = Json::array(
      {{{"kind", "job"}, {"old_id", "1"}, {"new_id", "77"}, {"new_url", "https://x/#job/77"}}});
  EXPECT_EQ(text_at(member(report_data(estate.input), "objects")[0], "target_url"),
            "https://x/#job/77");
}

TEST(ReportData, PatchesAreNotFindings) {
  Estate estate;
  model::Finding patch;
  patch.code = "code-patch";
  patch.kind = "notebook";
  patch.key = "/a";
  patch.evidence = "-x\n+y\n";
  estate.plan.findings = {patch};
  const Json data = report_data(estate.input);
  EXPECT_TRUE(member(data, "findings").empty());
  EXPECT_EQ(text_at(member(data, "patches")[0], "patch"), "-x\n+y\n");
}

TEST(ReportHtml, HostileNamesStayText) {
  Estate estate;
  estate.input.source_side = "</title><script>alert(1)</script>";
  estate.plan.changes[0].key =
      "</script><script>alert(1)</script><!-- {{script}} \xe2\x80\xa8 & \xff";
  const std::string page = report_html(report_data(estate.input));
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find("<!--"), std::string::npos);
  EXPECT_EQ(page.find("\xe2\x80\xa8"), std::string::npos);
  EXPECT_NE(page.find("&lt;/title&gt;&lt;script&gt;"), std::string::npos);
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script>"); at != std::string::npos;
       at = page.find("</script>", at + 1))
    ++ends;
  EXPECT_EQ(ends, 2U);
}

TEST(ReportHtml, TheDataIsReadBackUnchanged) {
  const Json data = {{"a", "</script>&<>\xe2\x80\xa9"}, {"b", {1, 2}}};
  const auto back = parse_json(json_for_script(data), "test");
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, data);
}

TEST(ReportHtml, NeedsNoNetwork) {
  Estate estate;
  const std::string page = report_html(report_data(estate.input));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* tag : {"<link", "<img", "<iframe", "src=", "@import", "url("})
    EXPECT_EQ(page.find(tag), std::string::npos) << tag;
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_GT(page.size(), 20'000U);
}

TEST(Status, SaysWhereWorkRunsAndWhatIsNext) {
  Estate estate;
  const std::string text = status_text(report_data(estate.input), {});
  EXPECT_NE(text.find("the workloads run in 'old'"), std::string::npos) << text;
  EXPECT_NE(text.find("lakeshift rehearse"), std::string::npos) << text;
  EXPECT_NE(text.find("a person decides"), std::string::npos) << text;
}

TEST(Status, FitsNarrowTerminals) {
  Estate estate;
  estate.plan.changes[1].reason = std::string(300, 'r');
  const std::string text = status_text(report_data(estate.input), Style{false, 40});
  const std::size_t open = text.find("open\n");
  ASSERT_NE(open, std::string::npos);
  for (const std::string& line : split(text.substr(open, text.find("next\n") - open), '\n'))
    EXPECT_LE(display_width(line), 40U) << line;
}

}  // namespace
}  // namespace lakeshift::report
