#include "surfaces/report/event_text.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

constexpr world::Millis kPlainInterval{5'000};
// The rows of a stage that was over sooner say nothing that its last line does not.
constexpr world::Millis kWorthReading{2'000};
constexpr std::size_t kBarWidth = 20;

std::string_view type_text(world::Event::Type type) {
  switch (type) {
    case world::Event::Type::stage_started:
      return "stage_started";
    case world::Event::Type::progress:
      return "progress";
    case world::Event::Type::object:
      return "object";
    case world::Event::Type::notice:
      return "notice";
    case world::Event::Type::warning:
      return "warning";
    case world::Event::Type::stage_finished:
      return "stage_finished";
  }
  return "notice";
}

std::string bar(long long done, long long total) {
  const auto share =
      total > 0 ? std::min<long long>(done, total) * static_cast<long long>(kBarWidth) / total : 0;
  std::string text;
  for (std::size_t i = 0; i < kBarWidth; ++i) text += static_cast<long long>(i) < share ? "━" : "─";
  return text;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t used = display_width(text);
  if (used < width) text += std::string(width - used, ' ');
  return text;
}

}  // namespace

Json event_json(const world::Event& event) {
  Json json = {{"event", type_text(event.type)}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("stage", event.stage);
  add("subject", event.subject);
  add("name", event.name);
  add("outcome", event.outcome);
  add("text", event.text);
  if (event.type == world::Event::Type::progress || event.total > 0) {
    json["done"] = event.done;
    json["total"] = event.total;
  }
  return json;
}

std::string span_text(world::Millis span) {
  const long long ms = std::max<long long>(0, span.count());
  if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  const long long minutes = ms / 60'000;
  if (minutes < 60)
    return std::to_string(minutes) + " min " + std::to_string(ms / 1000 % 60) + " s";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

ProgressView::Row& ProgressView::row_of(const std::string& subject, world::Instant now) {
  for (Row& row : rows_)
    if (row.subject == subject) return row;
  rows_.push_back(Row{subject, 0, 0, now, now, now, false});
  return rows_.back();
}

std::string ProgressView::row_text(const Row& row, world::Instant now) const {
  const world::Millis spent = (row.finished ? row.last_change : now) - row.started;
  std::string amount = grouped(row.done);
  if (row.total > 0) amount += "/" + grouped(row.total);
  std::string text =
      "  " + padded(fit_width(printable(replace_all(row.subject, "_", " ")), 22), 22) + " ";
  if (style_.columns >= 70 || style_.columns == 0) {
    const Tone tone = row.finished ? Tone::good : Tone::accent;
    text +=
        paint(style_, tone, bar(row.finished ? 1 : row.done, row.finished ? 1 : row.total)) + " ";
  }
  text += padded(amount, 13);
  std::string pace;
  if (spent.count() >= 500 && row.done > 0) {
    const double rate = static_cast<double>(row.done) * 1000.0 / static_cast<double>(spent.count());
    const auto tenths = static_cast<long long>(rate * 10.0);
    pace = rate >= 10 ? grouped(tenths / 10) + "/s"
                      : std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "/s";
    if (!row.finished && row.total > row.done && rate > 0)
      pace += "  " +
              span_text(world::Millis(static_cast<long long>(
                  static_cast<double>(row.total - row.done) * 1000.0 / rate))) +
              " left";
  }
  text += paint(style_, Tone::dim, pace);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string ProgressView::absorb(const world::Event& event, world::Instant now) {
  using Type = world::Event::Type;
  switch (event.type) {
    case Type::stage_started:
      stage_ = event.stage;
      stage_started_ = now;
      rows_.clear();
      return paint(style_, Tone::strong, event.stage) +
             (event.text.empty() ? "" : paint(style_, Tone::dim, "  " + printable(event.text))) +
             "\n";
    case Type::progress: {
      Row& row = row_of(event.subject, now);
      row.done =
          std::max(row.done, event.done);  // events of parallel tasks may overtake each other
      row.total = event.total;
      row.last_change = now;
      row.finished = event.total > 0 && row.done >= event.total;
      return {};
    }
    case Type::object:
      return {};
    case Type::notice:
      return "  " + printable(event.text) + "\n";
    case Type::warning:
      return "  " + paint(style_, Tone::change, "warning:") + " " + printable(event.text) + "\n";
    case Type::stage_finished: {
      std::string text;
      if (now - stage_started_ >= kWorthReading)
        for (const Row& row : rows_)
          if (row.done > 0 || row.total > 0) text += row_text(row, now) + "\n";
      rows_.clear();
      text += "  " + paint(style_, Tone::good, "done") + " in " + span_text(now - stage_started_);
      if (!event.text.empty()) text += ": " + printable(event.text);
      return text + "\n";
    }
  }
  return {};
}

std::string ProgressView::plain(const world::Event& event, world::Instant now) {
  using Type = world::Event::Type;
  if (event.type == Type::progress) {
    absorb(event, now);
    Row& row = row_of(event.subject, now);
    if (!row.finished && now - row.last_printed < kPlainInterval) return {};
    row.last_printed = now;
    return row.finished ? std::string() : row_text(row, now) + "\n";
  }
  return absorb(event, now);
}

std::vector<std::string> ProgressView::live(world::Instant now, std::size_t most) const {
  std::vector<std::string> lines;
  for (const bool finished : {false, true})
    for (const Row& row : rows_)
      if (row.finished == finished && lines.size() < most) lines.push_back(row_text(row, now));
  return lines;
}

}  // namespace lakeshift::report
