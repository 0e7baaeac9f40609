// The only place that prints: people's text, live progress, or JSON lines.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/world/world.h"
#include "surfaces/report/event_text.h"
#include "surfaces/report/style.h"

namespace lakeshift::cli {

struct OutputOptions {
  bool json = false;   // JSON lines on the standard output, nothing else
  bool quiet = false;  // no progress
  bool no_color = false;
};

// Thread safe. Progress goes to the standard error, results to the standard output. Colours and
// redrawing only on a terminal; NO_COLOR and TERM=dumb are honoured.
class Output final : public world::EventSink {
 public:
  Output(world::World& world, const OutputOptions& options);
  ~Output() override;

  void emit(const world::Event& event) override;
  void print(std::string_view text);  // a result for people; nothing with --json
  void print_raw(
      std::string_view text);  // the result itself (completion scripts, report --json), in any mode
  void say(std::string_view text);  // beside the result, to the standard error; nothing with --json
  void fail(const Error& error);
  void finish(const std::string& command, int exit_code,
              Json result);  // the last JSON line; nothing without --json

  // The standard output is a terminal on which lines can be drawn anew.
  bool redraws() const { return out_redraws_; }
  // Draws these lines in the place of those drawn before; `last` ones stay. No line may be wider
  // than the terminal is now (current_style); those that do not fit its height are left out.
  void redraw(const std::vector<std::string>& lines, bool last);
  report::Style current_style() const;  // with the terminal's present width

  const report::Style& style() const { return out_style_; }
  bool json() const { return options_.json; }

 private:
  void line(const Json& json);
  void write(std::FILE* stream, std::string_view text);
  void erase_live();
  void draw_live(world::Instant now);

  world::World& world_;
  OutputOptions options_;
  report::Style out_style_, error_style_;
  bool redraw_ = false, out_redraws_ = false;
  std::vector<std::size_t> drawn_widths_;  // of the lines that redraw() drew
  std::mutex mutex_;
  report::ProgressView view_;
  world::Instant drawn_{};
  std::size_t live_lines_ = 0;
};

}  // namespace lakeshift::cli
