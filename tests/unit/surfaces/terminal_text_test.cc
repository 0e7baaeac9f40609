// Text for terminals: errors, tables, progress.
#include <gtest/gtest.h>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "surfaces/report/error_text.h"
#include "surfaces/report/event_text.h"
#include "surfaces/report/table.h"

namespace lakeshift::report {
namespace {

using world::Event;
using world::Instant;
using world::Millis;

const Style kPlain{false, 0};

Event progress(const std::string& subject, long long done, long long total) {
  return {.type = Event::Type::progress,
          .stage = "apply",
          .subject = subject,
          .done = done,
          .total = total};
}

TEST(ErrorText, NamesThingCausesAndRemedy) {
  Error inner{"forbidden", "the token may not do this", "POST /api/2.0/clusters/create",
              "ask an admin"};
  Error error{"forbidden", "could not be made", "cluster 'etl'"};
  error.cause = std::make_shared<const Error>(inner);
  EXPECT_EQ(error_text(error, kPlain),
            "error: cluster 'etl': could not be made (forbidden)\n"
            "  cause: POST /api/2.0/clusters/create: the token may not do this\n"
            "  try: ask an admin\n");
  const Json json = error_json(error);
  EXPECT_EQ(text_at(json, "remedy"), "ask an admin");
  EXPECT_EQ(member(json, "causes").size(), 1U);
}

TEST(ErrorText, AHostileNameCannotDriveTheTerminal) {
  const Error error{"not-found", "is missing", "job '\x1b[2J\x07'"};
  const std::string text = error_text(error, kPlain);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(ErrorText, ColourOnlyWhenAsked) {
  const Error error{"x", "y"};
  EXPECT_EQ(error_text(error, kPlain).find('\x1b'), std::string::npos);
  EXPECT_NE(error_text(error, Style{true, 80}).find("\x1b[31m"), std::string::npos);
}

TEST(Findings, AreGroupedByCodeAndBlockingOnesComeFirst) {
  std::vector<model::Finding> findings;
  for (int i = 0; i < 3; ++i) {
    model::Finding finding;
    finding.code = "dbfs-path";
    finding.kind = "notebook";
    finding.key = "/n" + std::to_string(i);
    finding.cause = "uses a path";
    findings.push_back(finding);
  }
  model::Finding list;
  list.code = "kind-not-read";
  list.severity = model::Severity::blocking;
  list.kind = "job";
  list.cause = "could not be listed";
  list.remedy = "repair it";
  findings.push_back(list);
  model::Finding note;
  note.severity = model::Severity::info;
  findings.push_back(note);
  EXPECT_EQ(findings_text(findings, kPlain, 5),
            "blocking: job: could not be listed (kind-not-read)\n"
            "  try: repair it\n"
            "warning: notebook '/n0': uses a path (dbfs-path)\n"
            "  and 2 more with code dbfs-path\n"
            "1 information, all in 'lakeshift report'\n");
}

TEST(Table, AlignsByDisplayWidth) {
  const std::string text =
      format_table({{"name"}, {"n", true}}, {{{"夜間"}, {"1"}}, {{"abcde"}, {"12"}}}, kPlain);
  EXPECT_EQ(text,
            "name    n\n"
            "夜間    1\n"
            "abcde  12\n");
}

TEST(Table, FitsNarrowTerminals) {
  const std::string wide(200, 'x');
  const std::string text = format_table({{"a"}, {"b"}}, {{{wide}, {wide}}}, Style{false, 40});
  for (const std::string& line : split(text, '\n')) EXPECT_LE(display_width(line), 40U) << line;
}

TEST(Progress, PlainLinesAreFewAndEndWithTheStage) {
  ProgressView view(kPlain);
  const Instant start{Millis{1'000'000}};
  std::string text = view.plain({.type = Event::Type::stage_started, .stage = "apply"}, start);
  for (int i = 1; i <= 1000; ++i)
    text += view.plain(progress("notebook", i, 1000), start + Millis{i * 20});
  text += view.plain({.type = Event::Type::stage_finished, .stage = "apply", .text = "ok"},
                     start + Millis{20'000});
  EXPECT_LE(split(text, '\n').size(), 8U) << text;
  EXPECT_NE(text.find("1,000/1,000"), std::string::npos) << text;
  EXPECT_NE(text.find("50/s"), std::string::npos) << text;
  EXPECT_NE(text.find("done in 20.0 s: ok"), std::string::npos) << text;
}

TEST(Progress, LiveBlockTellsRateAndTimeLeft) {
  ProgressView view(kPlain);
  const Instant start{Millis{0}};
  view.absorb({.type = Event::Type::stage_started, .stage = "discover"}, start);
  view.absorb(progress("job", 1, 100), start);
  view.absorb(progress("job", 20, 100), start + Millis{2000});
  const auto lines = view.live(start + Millis{2000}, 10);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("10/s"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("8.0 s left"), std::string::npos) << lines[0];
}

TEST(Events, JsonKeepsWhatIsSaid) {
  const Json json = event_json({.type = Event::Type::object,
                                .stage = "apply",
                                .subject = "job",
                                .name = "nightly",
                                .outcome = "create"});
  EXPECT_EQ(
      dump_json(json),
      R"({"event":"object","name":"nightly","outcome":"create","stage":"apply","subject":"job"})");
}

TEST(Spans, ReadLikeSpeech) {
  EXPECT_EQ(span_text(Millis{1234}), "1.2 s");
  EXPECT_EQ(span_text(Millis{200'000}), "3 min 20 s");
  EXPECT_EQ(span_text(Millis{7'260'000}), "2 h 1 min");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(999), "999");
}

}  // namespace
}  // namespace lakeshift::report
