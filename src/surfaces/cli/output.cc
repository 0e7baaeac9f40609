#include "surfaces/cli/output.h"

#include <algorithm>

#include "core/world/terminal.h"
#include "surfaces/report/error_text.h"

namespace lakeshift::cli {
namespace {

constexpr world::Millis kRedraw{100};
constexpr std::size_t kMostLive = 18;

report::Style style_for(world::Environment& environment, int descriptor, bool no_color) {
  const bool terminal = environment.is_terminal(descriptor);
  const auto forbidden = environment.variable("NO_COLOR");
  const bool dumb = environment.variable("TERM").value_or("") == "dumb";
  report::Style style;
  style.color = terminal && !no_color && !dumb && (!forbidden || forbidden->empty());
  style.columns = terminal ? static_cast<std::size_t>(environment.terminal_columns()) : 0;
  return style;
}

}  // namespace

Output::Output(world::World& world, const OutputOptions& options)
    : world_(world),
      options_(options),
      out_style_(style_for(world.environment, 1, options.no_color)),
      error_style_(style_for(world.environment, 2, options.no_color)),
      redraw_(!options.json && !options.quiet && world.environment.is_terminal(2) &&
              world.environment.variable("TERM").value_or("") != "dumb"),
      out_redraws_(!options.json && !options.quiet && world.environment.is_terminal(1) &&
                   world.environment.variable("TERM").value_or("") != "dumb"),
      view_(error_style_) {}

Output::~Output() {
  const std::scoped_lock lock(mutex_);
  erase_live();
}

void Output::write(std::FILE* stream, std::string_view text) {
  // A closed pipe must not end a run that changes things: what cannot be written is dropped.
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

void Output::line(const Json& json) { write(stdout, dump_json(json) + "\n"); }

void Output::erase_live() {
  if (live_lines_ == 0) return;
  write(stderr, "\x1b[" + std::to_string(live_lines_) + "A\x1b[J");
  live_lines_ = 0;
}

void Output::draw_live(world::Instant now) {
  std::string text;
  for (const std::string& row : view_.live(now, kMostLive)) {
    text += row + "\n";
    ++live_lines_;
  }
  write(stderr, text);
  drawn_ = now;
}

void Output::emit(const world::Event& event) {
  const std::scoped_lock lock(mutex_);
  const world::Instant now = world_.clock.now();
  if (options_.json) {
    line(report::event_json(event));
    return;
  }
  if (options_.quiet && event.type != world::Event::Type::warning) return;
  if (!redraw_) {
    write(stderr, view_.plain(event, now));
    return;
  }
  const std::string lasting = view_.absorb(event, now);
  if (lasting.empty() && now - drawn_ < kRedraw) return;
  erase_live();
  write(stderr, lasting);
  draw_live(now);
}

report::Style Output::current_style() const {
  report::Style style = out_style_;
  if (out_redraws_)
    style.columns = static_cast<std::size_t>(std::max(1, world_.environment.terminal_columns()));
  return style;
}

// A terminal that was made narrower has broken the lines that were drawn before into several.
void Output::redraw(const std::vector<std::string>& lines, bool last) {
  const std::scoped_lock lock(mutex_);
  const std::size_t columns = current_style().columns;
  std::size_t above = 0;
  for (const std::size_t width : drawn_widths_)
    above += std::max<std::size_t>(1, (width + columns - 1) / columns);
  std::string text = above == 0 ? "" : "\x1b[" + std::to_string(above) + "A\r\x1b[J";
  const auto rows = static_cast<std::size_t>(std::max(2, world::terminal_rows()));
  drawn_widths_.clear();
  for (const std::string& line : lines) {
    // The cursor stands below; what is above the screen could not be drawn anew.
    if (!last && drawn_widths_.size() + 1 >= rows) break;
    text += line + "\n";
    drawn_widths_.push_back(report::painted_width(line));
  }
  if (last) drawn_widths_.clear();
  write(stdout, text);
}

void Output::print(std::string_view text) {
  if (!options_.json) print_raw(text);
}

void Output::print_raw(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  erase_live();
  write(stdout, text);
}

void Output::say(std::string_view text) {
  if (options_.json || options_.quiet) return;
  const std::scoped_lock lock(mutex_);
  erase_live();
  write(stderr, text);
}

void Output::fail(const Error& error) {
  const std::scoped_lock lock(mutex_);
  if (options_.json) {
    Json json = {{"event", "error"}};
    json.update(report::error_json(error));
    line(json);
    return;
  }
  erase_live();
  write(stderr, report::error_text(error, error_style_));
}

void Output::finish(const std::string& command, int exit_code, Json result) {
  if (!options_.json) return;
  const std::scoped_lock lock(mutex_);
  result["event"] = "result";
  result["command"] = command;
  result["exit_code"] = exit_code;
  line(result);
}

}  // namespace lakeshift::cli
