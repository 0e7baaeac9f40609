#include "surfaces/report/move_text.h"

#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "surfaces/report/event_text.h"

namespace lakeshift::report {

using stages::MoveView;

namespace {

constexpr std::size_t kNameColumns = 12;
constexpr std::size_t kMostSwitches = 4;
constexpr std::size_t kBarColumns = 16;

// Pieces of one line with their tones. What is too wide is cut before it is painted.
class Line {
 public:
  Line& add(Tone tone, const std::string& text) {
    if (!text.empty()) pieces_.emplace_back(tone, printable(text));
    return *this;
  }
  std::string fit(const Style& style) const {
    std::string text;
    std::size_t left = style.columns;
    for (const auto& [tone, piece] : pieces_) {
      if (style.columns == 0) {
        text += paint(style, tone, piece);
        continue;
      }
      if (left == 0) break;
      const std::string shown = fit_width(piece, left);
      left -= std::min(left, display_width(shown));
      text += paint(style, tone, shown);
      if (shown != piece) break;
    }
    return text;
  }

 private:
  std::vector<std::pair<Tone, std::string>> pieces_;
};

std::string label(const std::string& text) {
  return "  " + text + std::string(kNameColumns - std::min(kNameColumns, text.size()), ' ');
}

std::string seconds(long long ms) {
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

bool is_live(const MoveView& move) { return !move.running.empty(); }

std::string doing(const MoveView& move) {
  if (move.is_over()) return move.phase;
  for (const MoveView::Running& one : move.running)
    if (one.verb == "rehearse") return "being rehearsed on copies";
  if (move.phase == "new") return is_live(move) ? "beginning" : "not begun";
  if (move.phase == "creating") return is_live(move) ? "being made" : "half made, nobody goes on";
  if (move.phase == "switching" || move.phase == "opening")
    return is_live(move) ? "switching" : "a switch was cut short";
  if (is_live(move)) return "following";
  return move.handed_over ? "following by its own subscription; status asks the servers"
                          : "nobody follows, changes wait";
}

Tone tone_of_move(const MoveView& move) {
  if (move.pause) return Tone::warn;
  if (move.is_over()) return Tone::dim;
  return move.phase == "new" || is_live(move) || move.handed_over ? Tone::good : Tone::change;
}

std::string running_text(const MoveView& move) {
  std::string text;
  for (const MoveView::Running& one : move.running)
    text += (text.empty() ? "" : ", ") + one.verb + " for " + span_text(one.since);
  return text;
}

std::string lag_text(const MoveView& move) {
  std::string text;
  if (move.bytes_behind) text = grouped(*move.bytes_behind) + " bytes";
  if (move.keys_behind) text = grouped(*move.keys_behind) + " keys";
  if (move.ms_behind) text += ", " + seconds(*move.ms_behind);
  if (!text.empty()) text += " behind";
  if (move.changes && *move.changes > 0)
    text += (text.empty() ? "" : "; ") + grouped(*move.changes) + " changes by this run";
  return text;
}

std::string proof_text(const MoveView& move) {
  if (move.checked && is_live(move) && (move.running.back().verb == "verify" || !move.proof))
    return grouped(*move.checked) + " " + move.unit + " compared so far";
  if (!move.proof) return "";
  return grouped(move.proof->amount) + " " + move.unit +
         (move.proof->equal ? " equal" : " compared: some differ");
}

std::string copied_text(const MoveView& move) {
  std::string text = grouped(move.copied);
  if (move.phase == "creating" && move.copying_of > 0) text += " of " + grouped(move.copying_of);
  return text + " " + move.unit;
}

std::string bar(const MoveView& move) {
  if (move.phase != "creating" || move.copying_of <= 0) return "";
  const auto full = static_cast<std::size_t>(std::min(move.copied, move.copying_of)) * kBarColumns /
                    static_cast<std::size_t>(move.copying_of);
  std::string text;
  for (std::size_t i = 0; i < kBarColumns; ++i) text += i < full ? "━" : "─";
  return text + " ";
}

void add_traffic(std::vector<Line>& lines, const MoveView& move) {
  const bool at_source = move.writes_at == "source";
  const bool nowhere = move.writes_at == "nowhere";
  const auto mark = [&](bool here) { return nowhere ? "○ " : here ? "● " : "  "; };
  const auto role = [&](bool here, const std::string& side) -> std::string {
    if (nowhere) return "  no writes for a moment";
    if (here) return "  takes the writes";
    if (move.follows == side) return move.is_copy ? "  follows, masked" : "  follows";
    return "";
  };
  const auto add = [&](const std::string& side, const std::string& address, bool here) {
    const Tone tone = nowhere ? Tone::warn : here ? Tone::good : Tone::plain;
    Line line;
    line.add(Tone::dim, label(side)).add(tone, mark(here) + address);
    line.add(here && !nowhere ? Tone::good : Tone::dim, role(here, side));
    lines.push_back(line);
  };
  add("source", move.source, at_source);
  add("target", move.target, !at_source && !nowhere);
}

void add_pause(std::vector<Line>& lines, const MoveView& move) {
  const std::string budget = " of at most " + seconds(move.budget_ms);
  Line line;
  line.add(Tone::dim, label("pause"));
  if (move.pause) {
    const bool over = move.pause->count() > move.budget_ms;
    lines.push_back(line.add(over ? Tone::bad : Tone::warn,
                             "now " + std::to_string(move.pause->count()) + " ms" + budget));
    return;
  }
  if (move.switches.empty()) return;
  const std::size_t shown = std::min(kMostSwitches, move.switches.size());
  for (std::size_t i = move.switches.size() - shown; i < move.switches.size(); ++i) {
    const MoveView::Switch& one = move.switches[i];
    const bool switched = one.outcome == "switched";
    line.add(Tone::dim, i > move.switches.size() - shown ? ", " : "");
    line.add(switched ? Tone::good : Tone::bad, one.verb + " " + std::to_string(one.pause_ms) +
                                                    " ms" + (switched ? "" : ", went back"));
  }
  lines.push_back(line.add(Tone::dim, budget));
}

void add_block(std::vector<Line>& lines, const MoveView& move) {
  Line head;
  head.add(Tone::strong, move.name + (move.is_copy ? " (masked copy)" : "") + "  ")
      .add(tone_of_move(move), doing(move));
  if (is_live(move)) head.add(Tone::dim, "  " + running_text(move));
  lines.push_back(head);
  add_traffic(lines, move);
  if (const std::string lag = lag_text(move); !lag.empty())
    lines.push_back(Line().add(Tone::dim, label("lag")).add(Tone::plain, lag));
  if (move.copied > 0 || move.phase == "creating")
    lines.push_back(Line()
                        .add(Tone::dim, label("copied"))
                        .add(Tone::accent, bar(move))
                        .add(Tone::plain, copied_text(move)));
  if (const std::string proof = proof_text(move); !proof.empty())
    lines.push_back(Line()
                        .add(Tone::dim, label("verified"))
                        .add(move.proof && !move.proof->equal ? Tone::bad : Tone::good, proof)
                        .add(Tone::dim, move.proof && proof.ends_with("equal")
                                            ? "  at " + move.proof->at
                                            : ""));
  add_pause(lines, move);
  for (const MoveView::Running& one : move.running)
    if (!one.told.empty())
      lines.push_back(Line().add(Tone::dim, label(one.verb)).add(Tone::dim, one.told));
}

}  // namespace

std::vector<std::string> move_screen(const std::vector<MoveView>& moves, const Style& style,
                                     world::Instant now) {
  std::vector<Line> lines;
  for (const MoveView& move : moves) add_block(lines, move);
  if (moves.empty()) lines.push_back(Line().add(Tone::plain, "there is no move to watch"));
  std::vector<std::string> shown;
  for (const Line& line : lines) shown.push_back(line.fit(style));
  shown.push_back(Line().add(Tone::dim, world::to_iso8601(now)).fit(style));
  return shown;
}

std::string move_line(const MoveView& move, world::Instant now) {
  std::string line = world::to_iso8601(now) + " " + move.name + ": " + doing(move);
  const auto add = [&](const std::string& text) {
    if (!text.empty()) line += "; " + text;
  };
  add(move.writes_at == "nowhere" ? "no side takes writes" : "writes at the " + move.writes_at);
  if (is_live(move) || !move.is_over()) add(lag_text(move));
  if (move.phase == "creating") add("copied " + copied_text(move));
  add(proof_text(move));
  if (move.pause) {
    add("pause " + std::to_string(move.pause->count()) + " ms of " +
        std::to_string(move.budget_ms));
  } else if (!move.switches.empty()) {
    const MoveView::Switch& last = move.switches.back();
    add("last " + last.verb + " " + std::to_string(last.pause_ms) + " ms" +
        (last.outcome == "switched" ? "" : ", went back"));
  }
  return line;
}

std::string move_turn(const MoveView& move) {
  std::string turn = doing(move) + "|" + move.writes_at + "|" + move.follows + "|" +
                     std::to_string(move.switches.size()) + "|" +
                     (move.proof ? move.proof->at : "");
  for (const MoveView::Running& one : move.running) turn += "|" + one.verb;
  return turn;
}

}  // namespace lakeshift::report
