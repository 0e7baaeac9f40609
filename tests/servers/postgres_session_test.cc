// The session against real servers.
#include "knowledge/databases/postgres_session.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/servers/postgres_server.h"

namespace lakeshift::databases {
namespace {

using servers::PostgresServer;

std::unique_ptr<PostgresSession> on(const std::string& database) {
  return PostgresServer::shared().connect(database);
}

TEST(PostgresSession, Asks_and_tells_nulls_from_empty_text) {
  auto session = on("postgres");
  auto rows = session->query("SELECT $1::text AS a, $2::text AS b, $3::int + 1 AS c, true AS d",
                             {"it's", PostgresParameter(), "41"});
  ASSERT_TRUE(rows) << rows.error().to_text();
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->text(0, 0), "it's");
  EXPECT_EQ(rows->cell(0, 1), std::nullopt);
  EXPECT_EQ(rows->integer(0, rows->index("c")), 42);
  EXPECT_TRUE(rows->truth(0, 3));
  EXPECT_EQ(rows->index("none"), -1);
}

TEST(PostgresSession, Pins_what_changes_the_spelling_of_values) {
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.fresh_database("pinned");
  server.run("postgres",
             "ALTER DATABASE pinned SET timezone = 'Asia/Tokyo';"
             "ALTER DATABASE pinned SET datestyle = 'German';"
             "ALTER DATABASE pinned SET statement_timeout = '1ms';"
             "ALTER DATABASE pinned SET search_path = 'elsewhere';"
             "ALTER DATABASE pinned SET bytea_output = 'escape'");
  auto session = server.connect(database);
  auto rows = session->query(
      "SELECT '2026-11-28 10:00+00'::timestamptz::text, 0.1::float8 + 0.2, '\\x00ff'::bytea::text, "
      "current_schemas(false)::text, pg_sleep(0.01)::text");
  ASSERT_TRUE(rows) << rows.error().to_text();
  EXPECT_EQ(rows->text(0, 0), "2026-11-28 10:00:00+00");
  EXPECT_EQ(rows->text(0, 1), "0.30000000000000004");
  EXPECT_EQ(rows->text(0, 2), "\\x00ff");
  EXPECT_EQ(rows->text(0, 3), "{}");
}

TEST(PostgresSession, Carries_settings_of_the_address) {
  PostgresAddress address = PostgresServer::shared().address("postgres");
  address.settings["session_replication_role"] = "replica";
  address.application = "move 'shop'";
  auto session = PostgresSession::connect(address, {});
  ASSERT_TRUE(session) << session.error().to_text();
  EXPECT_EQ(*(*session)->value("SHOW session_replication_role"), "replica");
  EXPECT_EQ(*(*session)->value("SELECT application_name FROM pg_stat_activity WHERE pid = "
                               "pg_backend_pid()"),
            "move 'shop'");
}

TEST(PostgresSession, Errors_carry_sqlstate_detail_and_remedy_and_leave_the_session_alive) {
  auto session = on(PostgresServer::shared().fresh_database("errors"));
  ASSERT_TRUE(
      session->exec("CREATE TABLE public.t (id int PRIMARY KEY); INSERT INTO public.t VALUES (7)"));
  auto twice = session->query("INSERT INTO public.t VALUES ($1)", {"7"});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, "23505");
  EXPECT_NE(twice.error().message.find("Key (id)=(7) already exists"), std::string::npos);
  EXPECT_EQ(twice.error().retry, Retry::never);
  EXPECT_FALSE(twice.error().remedy.empty());
  EXPECT_FALSE(lost_connection(twice.error()));
  EXPECT_EQ(*session->value("SELECT count(*) FROM public.t"), "1");
  EXPECT_EQ(session->exec("SELECT 1; SELEC 2; SELECT 3").error().code, "42601");
  EXPECT_EQ(session->value("SELECT 1 WHERE false").error().code, "no-row");
}

TEST(PostgresSession, A_wrong_password_is_refused_and_named_nowhere) {
  PostgresServer server(
      {.hba = {"host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"}});
  server.run("postgres", "CREATE ROLE ana LOGIN PASSWORD 'right-canary'");
  PostgresAddress address = server.address("postgres", "ana");
  address.password = world::Secret("wrong-canary");
  auto session = PostgresSession::connect(address, {});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, "28P01");
  EXPECT_EQ(session.error().to_text().find("canary"), std::string::npos)
      << session.error().to_text();
  address.password = world::Secret("right-canary");
  EXPECT_TRUE(PostgresSession::connect(address, {}));
}

TEST(PostgresSession, Says_that_nobody_listens) {
  PostgresAddress address = PostgresServer::shared().address("postgres");
  address.port = "1";
  auto session = PostgresSession::connect(address, {});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, "08001");
  EXPECT_EQ(session.error().retry, Retry::later);
  EXPECT_TRUE(lost_connection(session.error()));
  EXPECT_NE(session.error().about.find("127.0.0.1:1/postgres"), std::string::npos);
}

TEST(PostgresSession, A_lost_connection_is_told_from_a_refused_statement) {
  auto session = on("postgres");
  PostgresServer::shared().run(
      "postgres", "SELECT pg_terminate_backend(" + std::to_string(session->backend()) + ")");
  auto answer = session->value("SELECT 1");
  ASSERT_FALSE(answer);
  EXPECT_TRUE(lost_connection(answer.error())) << answer.error().to_text();
  EXPECT_EQ(answer.error().retry, Retry::later);
  EXPECT_FALSE(session->alive());
  EXPECT_EQ(session->value("SELECT 1").error().code, "08006");
}

TEST(PostgresSession, Stops_at_once_and_cancels_in_the_server) {
  std::stop_source source;
  auto session =
      *PostgresSession::connect(PostgresServer::shared().address("postgres"), source.get_token());
  auto answer =
      std::async(std::launch::async, [&] { return session->value("SELECT pg_sleep(60)"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  source.request_stop();
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(answer.get().error().code, "cancelled");
  EXPECT_EQ(PostgresServer::shared().value(
                "postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query "
                "LIKE 'SELECT pg_sleep(60)%'"),
            "0");
  EXPECT_EQ(session->value("SELECT 1").error().code, "cancelled");
  session->stop_with({});
  EXPECT_EQ(*session->value("SELECT 1"), "1") << "for what must be done after a stop";
}

TEST(PostgresSession, Copies_between_servers_in_binary) {
  PostgresServer& server = PostgresServer::shared();
  auto source = server.connect(server.fresh_database("copy_from"));
  auto target = server.connect(server.fresh_database("copy_to"));
  const std::string table = "CREATE TABLE public.t (id bigint, body text, raw bytea, n numeric)";
  ASSERT_TRUE(source->exec(table));
  ASSERT_TRUE(target->exec(table));
  ASSERT_TRUE(source->exec(
      "INSERT INTO public.t SELECT i, repeat(chr(40 + i % 50), i % 900), decode(md5(i::text), "
      "'hex'), i / 7.0 FROM generate_series(1, 50000) i; INSERT INTO public.t VALUES (0, NULL, '', "
      "'NaN'), (-1, '', NULL, NULL)"));
  ASSERT_TRUE(target->begin_copy("COPY public.t FROM STDIN (FORMAT binary)"));
  auto copied = source->copy_out("COPY public.t TO STDOUT (FORMAT binary)",
                                 [&](std::string_view piece) { return target->put_copy(piece); });
  ASSERT_TRUE(copied) << copied.error().to_text();
  EXPECT_EQ(*copied, 50002);
  auto arrived = target->finish_copy();
  ASSERT_TRUE(arrived) << arrived.error().to_text();
  EXPECT_EQ(*arrived, 50002);
  const std::string digest = "SELECT md5(string_agg(t::text, ';' ORDER BY id)) FROM public.t";
  EXPECT_EQ(*source->value(digest), *target->value(digest));
}

TEST(PostgresSession, A_copy_that_fails_leaves_nothing_and_the_session_alive) {
  auto session = on(PostgresServer::shared().fresh_database("copy_fails"));
  ASSERT_TRUE(session->exec("CREATE TABLE public.t (id int)"));
  ASSERT_TRUE(session->begin_copy("COPY public.t FROM STDIN"));
  ASSERT_TRUE(session->put_copy("1\nnot a number\n"));
  auto bad = session->finish_copy();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, "22P02");
  EXPECT_NE(bad.error().message.find("COPY t, line 2, column id"), std::string::npos)
      << bad.error().message;
  ASSERT_TRUE(session->begin_copy("COPY public.t FROM STDIN"));
  ASSERT_TRUE(session->put_copy("1\n"));
  session->abandon_copy("the source went away");
  EXPECT_EQ(*session->value("SELECT count(*) FROM public.t"), "0");
  auto refused =
      session->copy_out("COPY (SELECT generate_series(1, 1000000)) TO STDOUT",
                        [](std::string_view) -> Status { return fail("full", "no room"); });
  EXPECT_EQ(refused.error().code, "full");
  EXPECT_EQ(*session->value("SELECT 5"), "5");
  auto late = session->copy_out("COPY (SELECT 1 / (3 - i) FROM generate_series(1, 3) i) TO STDOUT",
                                [](std::string_view) -> Status { return {}; });
  EXPECT_EQ(late.error().code, "22012");
}

TEST(PostgresSession, Pipelines_answer_in_order_and_skip_after_an_error) {
  auto session = on(PostgresServer::shared().fresh_database("pipeline"));
  ASSERT_TRUE(session->exec("CREATE TABLE public.t (id int PRIMARY KEY)"));
  ASSERT_TRUE(session->begin_pipeline());
  ASSERT_TRUE(session->send_prepare("put", "INSERT INTO public.t VALUES ($1)"));
  for (int i = 0; i < 5000; ++i) {
    const std::string id = std::to_string(i);
    const PostgresParameter parameters[] = {id};
    ASSERT_TRUE(session->send_prepared("put", parameters));
  }
  ASSERT_TRUE(session->send_sync());
  const PostgresParameter twice[] = {"7"};
  ASSERT_TRUE(session->send_prepared("put", twice));
  ASSERT_TRUE(session->send("SELECT 1"));
  ASSERT_TRUE(session->send_sync());
  ASSERT_TRUE(session->send("SELECT count(*) FROM public.t"));
  ASSERT_TRUE(session->send_sync());
  for (int i = 0; i < 5001; ++i) {
    auto answer = session->next_answer();
    ASSERT_TRUE(answer) << answer.error().to_text();
    ASSERT_TRUE(*answer);
    if (i > 0) {
      ASSERT_EQ((*answer)->affected(), 1);
    }
  }
  EXPECT_FALSE(*session->next_answer()) << "the sync point";
  EXPECT_EQ(session->next_answer().error().code, "23505");
  EXPECT_EQ(session->next_answer().error().code, "pipeline-aborted");
  EXPECT_FALSE(*session->next_answer());
  EXPECT_EQ((**session->next_answer()).text(0, 0), "5000");
  EXPECT_FALSE(*session->next_answer());
  ASSERT_TRUE(session->end_pipeline());
  EXPECT_EQ(*session->value("SELECT 2"), "2");
}

class PostgresStream : public testing::TestWithParam<int> {};

TEST_P(PostgresStream, Starts_from_a_slot_receives_and_confirms) {
  PostgresServer& server = PostgresServer::shared(GetParam());
  const std::string database = server.fresh_database("stream");
  auto session = server.connect(database);
  ASSERT_TRUE(
      session->exec("CREATE TABLE public.t (id int PRIMARY KEY, v text); CREATE PUBLICATION p FOR "
                    "TABLE public.t"));
  PostgresAddress address = server.address(database);
  address.replication = true;
  auto stream = *PostgresSession::connect(address, {});
  auto slot = stream->query("CREATE_REPLICATION_SLOT \"s\" LOGICAL pgoutput EXPORT_SNAPSHOT");
  ASSERT_TRUE(slot) << slot.error().to_text();
  EXPECT_FALSE(slot->text(0, slot->index("snapshot_name")).empty());
  ASSERT_TRUE(session->exec("INSERT INTO public.t VALUES (1, 'canary one')"));
  ASSERT_TRUE(
      stream->start_replication("s", 0, {{"proto_version", "1"}, {"publication_names", "p"}}));
  std::string kinds;
  Lsn end = 0;
  for (int i = 0; i < 100 && kinds.find('C') == std::string::npos; ++i) {
    auto message = stream->receive(world::Millis{1000});
    ASSERT_TRUE(message) << message.error().to_text();
    if (!*message || (*message)->type != StreamMessage::Type::data) continue;
    kinds += (*message)->bytes.front();
    end = std::max(end, (*message)->end);
    if (kinds.back() == 'I') {
      EXPECT_NE((*message)->bytes.find("canary one"), std::string_view::npos);
    }
  }
  EXPECT_EQ(kinds, "BRIC");
  Lsn far = *parse_lsn(*session->value("SELECT pg_current_wal_lsn()"));
  ASSERT_TRUE(stream->feedback(far, far, far, 0));
  std::string confirmed;
  for (int i = 0; i < 200 && confirmed != lsn_text(far); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    confirmed = *session->value(
        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 's'");
  }
  EXPECT_EQ(confirmed, lsn_text(far));
  while (*stream->receive(world::Millis{0})) {
  }
  ASSERT_TRUE(stream->end_replication());
  EXPECT_TRUE(stream->query("DROP_REPLICATION_SLOT \"s\""));
}

TEST_P(PostgresStream, Says_that_the_slot_is_gone) {
  PostgresServer& server = PostgresServer::shared(GetParam());
  PostgresAddress address = server.address("postgres");
  address.replication = true;
  auto stream = *PostgresSession::connect(address, {});
  auto started = stream->start_replication("gone", 0, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "42704");
  EXPECT_NE(started.error().message.find("\"gone\""), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Versions, PostgresStream, testing::Values(11, 13, 15, 16, 17));

TEST(PostgresAddress, Reads_both_spellings_and_hides_the_password) {
  auto address = parse_postgres_address(
      "postgresql://ana:canary@db.example.com:6000/shop?sslmode=verify-full&options=-c%20x%3D1");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->to_text(), "ana@db.example.com:6000/shop");
  EXPECT_EQ(address->password.reveal(), "canary");
  EXPECT_EQ(address->words, (std::map<std::string, std::string>{{"sslmode", "verify-full"}}));
  EXPECT_EQ(parse_postgres_address("host=h dbname=d user=u")->to_text(), "u@h:5432/d");
  auto bad = parse_postgres_address("password=canary nonsense=canary");
  EXPECT_EQ(bad.error().code, "bad-connection");
  EXPECT_EQ(bad.error().to_text().find("canary"), std::string::npos);
}

TEST(PostgresText, Spells_positions_and_names) {
  EXPECT_EQ(lsn_text(0x16B374D848ULL), "16/B374D848");
  EXPECT_EQ(*parse_lsn("16/B374D848"), 0x16B374D848ULL);
  for (const char* bad : {"", "1", "/", "1/", "g/1", "123456789/1", "1/2 "})
    EXPECT_EQ(parse_lsn(bad).error().code, "bad-lsn") << bad;
  EXPECT_EQ(quote_name("Odd \"name\"", "t"), "\"Odd \"\"name\"\"\".\"t\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
}

}  // namespace
}  // namespace lakeshift::databases
