#include "knowledge/kinds/job_schedule.h"

#include <algorithm>

#include "knowledge/formats/quartz.h"

namespace lakeshift::kinds {
namespace {

constexpr std::size_t kMostDue = 1000;

bool is_switched_off(const Json& starter) { return text_at(starter, "pause_status") == "PAUSED"; }

Status add_cron(const Json& schedule, world::Instant from, world::Instant to,
                std::vector<world::Instant>& due) {
  const std::string expression = text_at(schedule, "quartz_cron_expression");
  if (expression.empty() || is_switched_off(schedule)) return {};
  LS_ASSIGN(const formats::Quartz cron, formats::Quartz::parse(expression));
  LS_ASSIGN(const formats::TimeZone zone,
            formats::TimeZone::find(text_at(schedule, "timezone_id", "UTC")));
  for (const std::chrono::sys_seconds at :
       formats::due_between(cron, zone, std::chrono::floor<std::chrono::seconds>(from),
                            std::chrono::floor<std::chrono::seconds>(to), kMostDue))
    due.emplace_back(at);
  return {};
}

void add_periodic(const Json& trigger, world::Instant from, world::Instant to,
                  std::vector<world::Instant>& due) {
  const Json& periodic = member(trigger, "periodic");
  if (!periodic.is_object() || is_switched_off(trigger)) return;
  const std::string unit = text_at(periodic, "unit");
  const std::chrono::hours one(unit == "HOURS"   ? 1
                               : unit == "DAYS"  ? 24
                               : unit == "WEEKS" ? 168
                                                 : 0);
  const auto interval = one * int_at(periodic, "interval");
  if (interval.count() <= 0) return;
  for (world::Instant at = from + interval; at <= to && due.size() < kMostDue; at += interval)
    due.push_back(at);
}

}  // namespace

Result<std::vector<world::Instant>> job_due_between(const Json& document, world::Instant from,
                                                    world::Instant to) {
  const Json& settings = member(document, "settings");
  std::vector<world::Instant> due;
  LS_TRY(add_cron(member(settings, "schedule"), from, to, due));
  add_periodic(member(settings, "trigger"), from, to, due);
  if (const Json& triggers = member(settings, "triggers"); triggers.is_array())
    for (const Json& trigger : triggers) {
      LS_TRY(add_cron(trigger, from, to, due));
      LS_TRY(add_cron(member(trigger, "schedule"), from, to, due));
      add_periodic(trigger, from, to, due);
    }
  std::sort(due.begin(), due.end());
  return due;
}

}  // namespace lakeshift::kinds
