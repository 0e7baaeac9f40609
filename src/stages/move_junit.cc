#include "stages/move_junit.h"

#include <fmt/format.h>

#include "core/base/strings.h"
#include "core/base/xml.h"

namespace lakeshift::stages {
namespace {

std::string xml(std::string_view text) { return xml_escape(printable(text)); }

class Suite {
 public:
  Suite(std::string name, const std::string& at) : name_(std::move(name)), at_(at) {}

  // `failure` empty: passed.
  void add(const std::string& name, const std::string& failure, const std::string& text) {
    begin(name);
    if (failure.empty()) {
      cases_ += "/>\n";
      return;
    }
    ++failures_;
    cases_ +=
        fmt::format("><failure message=\"{}\">{}</failure></testcase>\n", xml(failure), xml(text));
  }
  void skip(const std::string& name, const std::string& reason) {
    begin(name);
    ++skipped_;
    cases_ += fmt::format("><skipped message=\"{}\"/></testcase>\n", xml(reason));
  }
  std::string text() const {
    const std::string at = at_.empty() ? "" : " timestamp=\"" + xml(at_) + "\"";
    return fmt::format(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\"{}>\n{}</testsuite>\n",
        xml(name_), tests_, failures_, skipped_, at, cases_);
  }
  bool empty() const { return tests_ == 0; }

 private:
  void begin(const std::string& name) {
    ++tests_;
    cases_ += "  <testcase classname=\"" + xml(name_) + "\" name=\"" + xml(name) + "\"";
  }
  std::string name_, at_, cases_;
  int tests_ = 0, failures_ = 0, skipped_ = 0;
};

constexpr const char* kHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

Suite suite_of_run(const std::string& move, const Json& run) {
  Suite suite("move " + move + " " + text_at(run, "verb"), text_at(run, "at"));
  for (const Json& gate : member(run, "gates"))
    suite.add("gate " + text_at(gate, "name"), bool_at(gate, "open") ? "" : text_at(gate, "text"),
              text_at(gate, "remedy"));
  for (const Json& finding : member(run, "findings"))
    suite.add(text_at(finding, "code") + " " + text_at(finding, "key"),
              text_at(finding, "severity") == "blocking" ? text_at(finding, "cause") : "",
              text_at(finding, "remedy"));
  for (const Json& step : member(run, "steps")) suite.add(text_at(step, "step"), "", "");
  const std::string outcome = text_at(run, "outcome");
  const std::string reason = text_at(run, "reason");
  suite.add("outcome",
            outcome == "done" ? ""
            : reason.empty()  ? outcome
                              : reason,
            text_at(run, "traffic"));
  return suite;
}

}  // namespace

std::string junit_of_verb(const std::string& move, const std::string& verb,
                          const MoveReport& report) {
  Suite suite("move " + move + " " + verb, "");
  for (const MoveGate& gate : report.gates)
    suite.add("gate " + gate.name, gate.open ? "" : gate.text, gate.remedy);
  for (const model::Finding& finding : report.findings)
    suite.add(finding.code + " " + finding.key,
              finding.severity == model::Severity::blocking ? finding.cause : "", finding.remedy);
  for (const std::string& step : report.steps) suite.add(step, "", "");
  for (const std::string& difference : report.differences)
    suite.add("rows", "a row differs", difference);
  suite.add("outcome", report.outcome == MoveOutcome::done ? "" : report.reason, report.traffic);
  return kHead + suite.text();
}

std::string junit_of_move(const Json& record) {
  const std::string move = text_at(record, "move");
  std::string suites;
  for (const Json& run : member(record, "runs")) suites += suite_of_run(move, run).text();
  Suite switches("move " + move + " switches", "");
  for (const Json& one : member(record, "switches")) {
    const long long pause = int_at(one, "pause_ms"), budget = int_at(one, "budget_ms");
    std::string failure;
    if (text_at(one, "outcome") != "switched")
      failure = text_at(one, "outcome") + ": " + text_at(one, "reason");
    else if (budget > 0 && pause > budget)
      failure = fmt::format("a pause of {} ms, {} ms were allowed", pause, budget);
    switches.add(text_at(one, "verb") + " at " + text_at(one, "at"), failure, "");
  }
  Suite tables("move " + move + " rows", text_at(record, "compared_at"));
  for (const Json& table : member(record, "tables"))
    tables.add(text_at(table, "table"), bool_at(table, "equal") ? "" : "rows differ",
               fmt::format("{} differences", int_at(table, "differences")));
  Suite rest("move " + move + " not done", "");
  for (const Json& one : member(record, "not_done"))
    rest.skip(fmt::format("{}: {}", text_at(one, "what"), int_at(one, "count")),
              text_at(one, "why"));
  const Json& chain = member(record, "chain");
  Suite evidence("move " + move + " evidence", "");
  evidence.add("chain", bool_at(chain, "intact") ? "" : text_at(chain, "text"),
               "every line carries the digest of the line before");
  for (const Suite* suite : {&switches, &tables, &rest, &evidence})
    if (!suite->empty()) suites += suite->text();
  return std::string(kHead) + "<testsuites name=\"move " + xml(move) + "\">\n" + suites +
         "</testsuites>\n";
}

}  // namespace lakeshift::stages
