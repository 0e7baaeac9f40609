#include "stages/cutover_backfill.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace lakeshift::stages {
namespace {

// "2026-11-20T09:30:00.000Z", as the journal writes it.
std::optional<world::Instant> instant_from(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = -1;
    if (text.size() >= at + length)
      (void)std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::array<int, 7> parts = {number(0, 4),  number(5, 2),  number(8, 2), number(11, 2),
                                    number(14, 2), number(17, 2), number(20, 3)};
  if (std::any_of(parts.begin(), parts.end(), [](int part) { return part < 0; }))
    return std::nullopt;
  const auto month = static_cast<unsigned>(parts[1]), day = static_cast<unsigned>(parts[2]);
  const std::chrono::year_month_day date{std::chrono::year{parts[0]}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return world::Instant(std::chrono::sys_days(date)) + std::chrono::hours(parts[3]) +
         std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) +
         std::chrono::milliseconds(parts[6]);
}

// The last end of a workload's calls of one step.
std::map<std::string, world::Instant> ends_of(const std::vector<state::JournalEntry>& entries) {
  std::map<std::string, world::Instant> ends;
  for (const state::JournalEntry& entry : entries)
    if (const auto end = instant_from(entry.ended))
      ends[entry.change] = std::max(ends[entry.change], *end);
  return ends;
}

}  // namespace

Result<Json> missed_runs(const CutoverInput& input, const std::string& run_name,
                         const std::vector<const Workload*>& workloads, world::Run& run) {
  LS_ASSIGN(const std::vector<state::JournalEntry> entries, input.journal.entries(run_name));
  const std::map<std::string, world::Instant> ends = ends_of(entries);
  std::vector<Json> missed;
  for (const Workload* workload : workloads) {
    const engine::Kind* kind = engine::find_kind(input.kinds, workload->kind);
    if (kind == nullptr || kind->due_between == nullptr) continue;
    const std::string name = ":" + workload->kind + ":" + workload->key;
    const auto paused = ends.find("pause" + name), started = ends.find("start" + name);
    if (paused == ends.end()) continue;
    const world::Instant end = started == ends.end() ? run.world.clock.now() : started->second;
    const auto due = kind->due_between(workload->before, paused->second, end);
    if (!due) {
      missed.push_back(
          {{"job", workload->key}, {"kind", workload->kind}, {"why", due.error().to_text()}});
      continue;
    }
    for (const world::Instant at : *due)
      missed.push_back(
          {{"job", workload->key}, {"kind", workload->kind}, {"due", world::to_iso8601(at)}});
  }
  std::stable_sort(missed.begin(), missed.end(), [](const Json& a, const Json& b) {
    return text_at(a, "due") < text_at(b, "due");
  });
  return Json(missed);
}

}  // namespace lakeshift::stages
