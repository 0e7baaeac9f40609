#include "surfaces/cli/watching.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "stages/move_watch.h"
#include "surfaces/report/move_text.h"

namespace lakeshift::cli {
namespace {

constexpr world::Millis kLook{250};
constexpr world::Millis kLogEvery{5000};
constexpr std::size_t kMostBeside = 8;

class Watch {
 public:
  Watch(Session& session, const WatchOptions& options) : session_(session), options_(options) {}

  Result<Ending> go(const std::vector<const stages::MoveConfig*>& moves) {
    while (true) {
      std::vector<stages::MoveView> views;
      for (const stages::MoveConfig* move : moves) {
        LS_ASSIGN(stages::MoveView view,
                  stages::view_move(session_.run.world, session_.options.dir, *move));
        views.push_back(std::move(view));
      }
      const bool over = std::all_of(views.begin(), views.end(),
                                    [](const stages::MoveView& view) { return view.is_over(); });
      const bool last = options_.once || over || session_.interrupted();
      show(views, last);
      if (last) break;
      session_.run.world.clock.sleep(kLook, session_.run.stop);
    }
    Ending ending;
    ending.own_lines = true;
    return ending;
  }

 private:
  void show(const std::vector<stages::MoveView>& views, bool last) {
    const world::Instant now = session_.run.world.clock.now();
    if (!session_.out.json() && session_.out.redraws()) {
      std::vector<std::string> lines =
          report::move_screen(views, session_.out.current_style(), now);
      for (const std::string& line : beside())
        lines.insert(lines.end() - 1, fit(line, session_.out.current_style()));
      session_.out.redraw(lines, last);
      return;
    }
    for (const stages::MoveView& view : views) log(view, now);
    const auto said = beside();
    if (said.empty() || (said == said_ && now - beside_told_ < kLogEvery)) return;
    if (now - beside_told_ < kLogEvery && !last) return;
    said_ = said, beside_told_ = now;
    for (const std::string& line : said) session_.out.print(line + "\n");
  }

  static std::string fit(const std::string& line, const report::Style& style) {
    return style.columns == 0 ? line : fit_width(line, style.columns);
  }

  void log(const stages::MoveView& view, world::Instant now) {
    Told& told = told_[view.name];
    const std::string turn = report::move_turn(view);
    if (turn == told.turn && (now - told.at < kLogEvery || view.running.empty())) return;
    told = {turn, now};
    if (session_.out.json()) {
      Json json = stages::to_json(view);
      json["event"] = "move";
      session_.out.print_raw(dump_json(json) + "\n");
    } else {
      session_.out.print(report::move_line(view, now) + "\n");
    }
  }

  // Somebody else's words: what is no text is shown as such, what is not there is nothing.
  std::vector<std::string> beside() const {
    std::vector<std::string> lines;
    if (options_.beside.empty()) return lines;
    const auto text = session_.run.world.files.read(options_.beside);
    if (!text) return lines;
    for (const std::string& line : split(*text, '\n'))
      if (!line.empty() && lines.size() < kMostBeside) lines.push_back(printable(line));
    return lines;
  }

  struct Told {
    std::string turn;
    world::Instant at{};
  };
  Session& session_;
  const WatchOptions& options_;
  std::map<std::string, Told> told_;
  std::vector<std::string> said_;
  world::Instant beside_told_{};
};

}  // namespace

Result<Ending> watch_moves(Session& session, const std::vector<const stages::MoveConfig*>& moves,
                           const WatchOptions& options) {
  Watch watch(session, options);
  return watch.go(moves);
}

}  // namespace lakeshift::cli
