// Moves as a screen and as lines.
#include "surfaces/report/move_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

using stages::MoveView;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using world::Millis;

const world::Instant kNow{Millis{1'795'165'200'000}};

MoveView following() {
  MoveView move;
  move.name = "shop";
  move.unit = "rows";
  move.phase = "following";
  move.source = "mover@old:5432/shop";
  move.target = "mover@new:5432/shop";
  move.writes_at = "source";
  move.follows = "target";
  move.running = {{"create", "the target is behind", Millis{65'000}}};
  move.bytes_behind = 12'345;
  move.ms_behind = 210;
  move.changes = 4'000;
  move.copied = 20'000;
  move.proof = MoveView::Proof{20'100, true, "2026-11-20T08:59:00.000Z"};
  move.budget_ms = 2'000;
  return move;
}

TEST(MoveScreen, TellsTrafficLagProofAndPauses) {
  MoveView move = following();
  move.switches = {{"cutover", "switched", "", 184}, {"rollback", "went back", "", 2'001}};
  EXPECT_THAT(
      move_screen({move}, Style{false, 0}, kNow),
      ElementsAre("shop  following  create for 1 min 5 s",
                  "  source      ● mover@old:5432/shop  takes the writes",
                  "  target        mover@new:5432/shop  follows",
                  "  lag         12,345 bytes, 0.2 s behind; 4,000 changes by this run",
                  "  copied      20,000 rows",
                  "  verified    20,100 rows equal  at 2026-11-20T08:59:00.000Z",
                  "  pause       cutover 184 ms, rollback 2001 ms, went back of at most 2.0 s",
                  "  create      the target is behind", "2026-11-20T09:00:00.000Z"));
}

TEST(MoveScreen, TellsThePauseWhileItLasts) {
  MoveView move = following();
  move.phase = "switching";
  move.writes_at = "nowhere";
  move.pause = Millis{120};
  const std::string screen = join(move_screen({move}, Style{false, 0}, kNow), "\n");
  EXPECT_THAT(screen, HasSubstr("shop  switching"));
  EXPECT_THAT(screen, HasSubstr("pause       now 120 ms of at most 2.0 s"));
  EXPECT_THAT(screen, Not(HasSubstr("takes the writes")));
}

TEST(MoveScreen, SaysThatNobodyFollows) {
  MoveView move = following();
  move.running.clear();
  move.bytes_behind = move.ms_behind = move.changes = std::nullopt;
  EXPECT_EQ(move_screen({move}, Style{false, 0}, kNow)[0], "shop  nobody follows, changes wait");
  move.phase = "creating";
  EXPECT_EQ(move_screen({move}, Style{false, 0}, kNow)[0], "shop  half made, nobody goes on");
  move.phase = "completed";
  EXPECT_EQ(move_screen({move}, Style{false, 0}, kNow)[0], "shop  completed");
}

TEST(MoveScreen, NoLineIsWiderThanTheTerminal) {
  MoveView move = following();
  move.running[0].told = std::string(300, 'x') + "\x1b[2J";
  move.phase = "creating";
  move.copying_of = 40'000;
  for (const bool color : {false, true})
    for (std::size_t columns = 1; columns <= 130; ++columns)
      for (const std::string& line : move_screen({move, move}, Style{color, columns}, kNow))
        ASSERT_LE(painted_width(line), columns) << line;
}

TEST(MoveScreen, WhatAServerSaidIsNoCommandOfTheTerminal) {
  MoveView move = following();
  move.running[0].told = "\x1b[2J";
  move.target = "mover@\x1b]0;x\x07/shop";
  for (const std::string& line : move_screen({move}, Style{false, 0}, kNow))
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  EXPECT_THAT(move_line(move, kNow), Not(HasSubstr("\x1b")));
}

TEST(MoveLine, OneLineForALog) {
  EXPECT_EQ(move_line(following(), kNow),
            "2026-11-20T09:00:00.000Z shop: following; writes at the source; 12,345 bytes, 0.2 s "
            "behind; 4,000 changes by this run; 20,100 rows equal");
}

TEST(MoveLine, ATurnIsAnythingButAmounts) {
  MoveView move = following();
  const std::string before = move_turn(move);
  move.bytes_behind = 1;
  move.running[0].told = "else";
  EXPECT_EQ(move_turn(move), before);
  move.writes_at = "nowhere";
  EXPECT_NE(move_turn(move), before);
}

}  // namespace
}  // namespace lakeshift::report
