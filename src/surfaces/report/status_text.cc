#include "surfaces/report/status_text.h"

#include "core/base/json.h"
#include "core/base/strings.h"
#include "surfaces/report/table.h"

namespace lakeshift::report {
namespace {

constexpr const char* kOutcomes[] = {"create",  "update", "adopt",    "unchanged", "manual",
                                     "blocked", "failed", "excluded", "open"};
constexpr const char* kTitles[] = {"created", "updated", "adopted",  "same", "manual",
                                   "blocked", "failed",  "excluded", "open"};
constexpr std::size_t kMostOpen = 10;

Tone tone_of_state(const std::string& state) {
  if (state == "done") return Tone::good;
  if (state == "attention") return Tone::bad;
  if (state == "partly") return Tone::change;
  return Tone::dim;
}

std::string mark_of_state(const std::string& state) {
  if (state == "done") return "✓";
  if (state == "attention") return "!";
  if (state == "partly") return "…";
  return "·";
}

std::string side_text(const Json& side) {
  std::string text = text_at(side, "name");
  const Json& platform = member(side, "platform");
  const std::string cloud = text_at(platform, "cloud");
  const std::string host = text_at(platform, "host");
  if (!cloud.empty()) text += " (" + cloud + (host.empty() ? "" : ", " + host) + ")";
  return printable(text);
}

std::string open_objects(const Json& data, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  std::size_t more = 0;
  for (const Json& object : member(data, "objects")) {
    const std::string outcome = text_at(object, "outcome");
    const std::string verdict = text_at(object, "verdict");
    const bool wrong = verdict == "differs" || verdict == "missing";
    if (outcome != "failed" && outcome != "blocked" && outcome != "manual" && !wrong) continue;
    if (rows.size() == kMostOpen) {
      ++more;
      continue;
    }
    const std::string reason =
        wrong ? text_at(object, "verdict_reason") : text_at(object, "reason");
    rows.push_back(
        {{wrong ? verdict : outcome, outcome == "manual" && !wrong ? Tone::warn : Tone::bad},
         {replace_all(text_at(object, "kind"), "_", " ")},
         {printable(text_at(object, "key"))},
         {printable(reason), Tone::dim}});
  }
  if (rows.empty()) return {};
  std::string text = paint(style, Tone::strong, "open") + "\n" +
                     format_table({{"state"}, {"kind"}, {"object"}, {"why"}}, rows, style);
  if (more > 0)
    text += "… and " + grouped(static_cast<long long>(more)) + " more: lakeshift report\n";
  return text + "\n";
}

}  // namespace

std::string accounting_table(const Json& accounting, const Style& style) {
  std::vector<Column> columns = {{"kind"}, {"found", true}};
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < std::size(kOutcomes); ++i) {
    if (int_at(member(accounting, "outcomes"), kOutcomes[i]) == 0) continue;
    used.push_back(i);
    columns.push_back({kTitles[i], true});
  }
  std::vector<std::vector<Cell>> rows;
  const auto add_row = [&](const std::string& title, const Json& row, Tone tone) {
    std::vector<Cell> cells = {{title, tone}, {grouped(int_at(row, "found")), tone}};
    for (const std::size_t i : used) {
      const long long count = int_at(member(row, "outcomes"), kOutcomes[i]);
      cells.push_back({count == 0 ? "·" : grouped(count), count == 0 ? Tone::dim : tone});
    }
    if (!bool_at(row, "adds_up", true)) cells[0].text += " (does not add up)";
    rows.push_back(std::move(cells));
  };
  for (const Json& row : member(accounting, "kinds"))
    if (int_at(row, "found") > 0 || !bool_at(row, "adds_up", true))
      add_row(text_at(row, "title"), row, Tone::plain);
  add_row("all", accounting, Tone::strong);
  return format_table(columns, rows, style);
}

std::string status_text(const Json& data, const Style& style) {
  std::string text = paint(style, Tone::strong, side_text(member(data, "source"))) + " → " +
                     paint(style, Tone::strong, side_text(member(data, "target"))) + "\n" +
                     text_at(data, "workloads") + "\n\n";
  std::vector<std::vector<Cell>> steps;
  for (const Json& step : member(data, "journey")) {
    const std::string state = text_at(step, "state");
    steps.push_back({{mark_of_state(state), tone_of_state(state)},
                     {text_at(step, "stage")},
                     {text_at(step, "text"), tone_of_state(state)}});
  }
  text += format_table({{""}, {"stage"}, {"state"}}, steps, style) + "\n";
  const Json& accounting = member(data, "accounting");
  if (int_at(accounting, "found") > 0) text += accounting_table(accounting, style) + "\n";
  text += open_objects(data, style);
  const Json& next = member(data, "next");
  if (!next.empty()) text += paint(style, Tone::strong, "next") + "\n";
  for (const Json& step : next)
    text += "  " + text_at(step, "do") + ": " +
            paint(style, Tone::accent, text_at(step, "command")) + "\n";
  return text;
}

}  // namespace lakeshift::report
