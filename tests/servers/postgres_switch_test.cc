// Cutover and rollback between real servers, step by step: no write is lost, none is made twice.
#include "knowledge/transfers/postgres_switch.h"

#include <gtest/gtest.h>

#include "knowledge/databases/postgres_slot.h"
#include "tests/servers/moved_database.h"

namespace lakeshift::transfers {
namespace {

using servers::MovedDatabase;
using servers::PostgresServer;

constexpr const char* kSchema = R"(
CREATE TABLE item (id bigserial PRIMARY KEY, note text);
CREATE SEQUENCE down INCREMENT -5 MAXVALUE 1000 MINVALUE -1000000 START 100;
CREATE SEQUENCE untouched;
)";
const std::vector<std::string> kApp = {"switch_app"};

struct Switch : testing::Test {
  Switch() : moved(PostgresServer::shared(), PostgresServer::shared(), "switch", kSchema) {
    moved.at_source("DROP ROLE IF EXISTS switch_app; CREATE ROLE switch_app LOGIN");
    for (const bool source : {true, false})
      at(source,
         "GRANT SELECT, INSERT, UPDATE, DELETE ON item TO switch_app; GRANT USAGE ON ALL SEQUENCES "
         "IN SCHEMA public TO switch_app");
    write(true, 10);
    const auto copied = moved.copy();
    EXPECT_TRUE(copied) << copied.error().to_text();
  }
  ~Switch() override {
    for (const bool source : {true, false}) at(source, "DROP OWNED BY switch_app");
    moved.at_source("DROP ROLE switch_app");
  }
  void at(bool source, const std::string& sql) const {
    source ? moved.at_source(sql) : moved.at_target(sql);
  }
  std::unique_ptr<databases::PostgresSession> as_app(bool source) {
    return moved.from_server.connect(source ? moved.source : moved.target, "switch_app");
  }
  void write(bool source, int rows) {
    auto app = as_app(source);
    for (int i = 0; i < rows; ++i)
      ASSERT_TRUE(app->exec(
          "INSERT INTO public.item (note) VALUES ('by app'); SELECT nextval('public.down')"));
  }
  void drain(bool back, databases::Lsn to, const std::string& slot,
             const std::string& publication) {
    const std::atomic<databases::Lsn> until = to;
    ApplyOptions options;
    options.slot = slot;
    options.publication = publication;
    options.until = &until;
    world::Run run = moved.world_run();
    const auto source = moved.from_server.address(moved.source);
    const auto target = moved.from_server.address(moved.target);
    const auto applied =
        apply_changes(back ? target : source, back ? source : target, options, run);
    ASSERT_TRUE(applied) << applied.error().to_text();
  }
  MovedDatabase moved;
};

TEST_F(Switch, there_and_back_keeps_every_write) {
  world::SystemClock clock;
  auto source = moved.from_server.connect(moved.source);
  auto target = moved.from_server.connect(moved.target);
  auto idle = as_app(true);
  write(true, 5);
  auto fence = fence_writers(*source, kApp, clock);
  ASSERT_TRUE(fence) << fence.error().to_text();
  EXPECT_EQ(fence->sessions_ended, 1);
  EXPECT_EQ(fence->refused, std::vector<std::string>{"role switch_app on public.item: 42501"});
  EXPECT_FALSE(idle->exec("INSERT INTO public.item (note) VALUES ('late')"));
  EXPECT_FALSE(databases::PostgresSession::connect(
      moved.from_server.address(moved.source, "switch_app"), {}));
  // Roles are the server's: both databases of this test share them.
  moved.at_source("ALTER ROLE switch_app LOGIN");
  const auto mark = mark_fence(*source);
  ASSERT_TRUE(mark);
  drain(false, *mark, moved.slot, "moved");
  const auto sequences = carry_sequences(*source, *target, 100);
  ASSERT_TRUE(sequences) << sequences.error().to_text();
  EXPECT_EQ(*sequences, 2);
  EXPECT_EQ(moved.target_value("SELECT last_value FROM public.item_id_seq"), "115");
  EXPECT_EQ(moved.target_value("SELECT last_value FROM public.down"), "-470");
  EXPECT_EQ(*carry_sequences(*source, *target, 100), 0);
  const auto back = prepare_way_back(*target, *source, "ls_back", "moved_back", {});
  ASSERT_TRUE(back) << back.error().to_text();
  EXPECT_EQ(*prepare_way_back(*target, *source, "ls_back", "moved_back", {}), *back);
  write(false, 7);
  EXPECT_EQ(moved.target_value("SELECT count(*) FROM public.item"), "22");
  // Back.
  fence = fence_writers(*target, kApp, clock);
  ASSERT_TRUE(fence) << fence.error().to_text();
  moved.at_source("ALTER ROLE switch_app LOGIN");
  const auto mark_back = mark_fence(*target);
  ASSERT_TRUE(mark_back);
  drain(true, *mark_back, "ls_back", "moved_back");
  EXPECT_EQ(moved.rows(false, "public.item"), moved.rows(true, "public.item"));
  EXPECT_EQ(*carry_sequences(*target, *source, 0), 2);
  const auto opened = open_writers(*source);
  ASSERT_TRUE(opened) << opened.error().to_text();
  EXPECT_GT(*opened, 0);
  write(true, 1);
  EXPECT_EQ(moved.source_value("SELECT count(*) FROM public.item"), "23");
  EXPECT_EQ(moved.source_value("SELECT max(id) FROM public.item"), "123");
}

TEST_F(Switch, a_fence_that_leaks_is_said) {
  world::SystemClock clock;
  auto source = moved.from_server.connect(moved.source);
  moved.at_source("ALTER TABLE item OWNER TO switch_app");
  const auto owner = fence_writers(*source, kApp, clock);
  ASSERT_FALSE(owner);
  EXPECT_EQ(owner.error().code, "fence-owner");
  moved.at_source("ALTER TABLE item OWNER TO postgres; ALTER ROLE switch_app SUPERUSER");
  const auto open = fence_writers(*source, kApp, clock);
  ASSERT_FALSE(open);
  EXPECT_TRUE(open.error().code == "fence-open" || open.error().code == "fence-owner")
      << open.error().to_text();
  moved.at_source("ALTER ROLE switch_app NOSUPERUSER LOGIN");
}

}  // namespace
}  // namespace lakeshift::transfers
