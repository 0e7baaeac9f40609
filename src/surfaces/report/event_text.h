// Events for programs (JSON lines) and for people (progress). Pure: writing is the caller's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "core/world/clock.h"
#include "core/world/events.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {

// {"event": "progress", "stage": …}; members that say nothing are left out.
Json event_json(const world::Event& event);

// What is going on, told by events: one line per kind or phase, with amount, rate and time left.
// Not thread safe.
class ProgressView {
 public:
  explicit ProgressView(Style style) : style_(style) {}

  // Takes the event; returns the lines that a terminal without redrawing should now print (each
  // ends with a newline): the start and end of stages, subjects that finished, one line per subject
  // and 5 seconds, notices and warnings.
  std::string plain(const world::Event& event, world::Instant now);

  // Takes the event; returns text that must stay on the screen (finished stages, notices), above
  // the live block.
  std::string absorb(const world::Event& event, world::Instant now);
  // The live block: at most `most` lines, running subjects first.
  std::vector<std::string> live(world::Instant now, std::size_t most) const;

 private:
  struct Row {
    std::string subject;
    long long done = 0, total = 0;
    world::Instant started{}, last_printed{}, last_change{};
    bool finished = false;
  };
  Row& row_of(const std::string& subject, world::Instant now);
  std::string row_text(const Row& row, world::Instant now) const;

  Style style_;
  std::string stage_;
  world::Instant stage_started_{};
  std::vector<Row> rows_;
};

// "1.2 s", "3 min 20 s"
std::string span_text(world::Millis span);

}  // namespace lakeshift::report
