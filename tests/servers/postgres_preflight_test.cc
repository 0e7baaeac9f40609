// Obstacles are planted one by one on real servers: preflight finds exactly that one, and when its
// remedy is followed to the letter it is gone.
#include "knowledge/databases/postgres_preflight.h"

#include <gtest/gtest.h>

#include "tests/servers/postgres_server.h"

namespace lakeshift::databases {
namespace {

using servers::PostgresServer;

constexpr int kDump = 170010;

struct Pair {
  PostgresServer& source;
  PostgresServer& target;
  std::string user = "postgres";         // of the sessions at the source
  std::string target_user = "postgres";  // at the target
  PreflightOptions options{};

  Pair(PostgresServer& from, PostgresServer& to) : source(from), target(to) {
    options.dump_version = kDump;
    source.fresh_database("preflight_from");
    target.fresh_database("preflight_to");
  }
  Preflight look() const {
    auto here = source.connect("preflight_from", user);
    auto there = target.connect("preflight_to", target_user);
    auto preflight = run_preflight(*here, *there, options);
    if (!preflight) throw std::runtime_error(preflight.error().to_text());
    return *std::move(preflight);
  }
  void run(const std::string& side, const std::string& sql) const {
    (side == "source" ? source : target)
        .run(side == "source" ? "preflight_from" : "preflight_to", sql);
  }
};

std::string listed(const Preflight& preflight) {
  std::string text;
  for (const Obstacle& obstacle : preflight.obstacles)
    text +=
        obstacle.code + " " + obstacle.side + " " + obstacle.key + ": " + obstacle.reason + "\n";
  return text;
}

Pair local() { return {PostgresServer::shared(), PostgresServer::shared()}; }

TEST(PostgresPreflight, A_plain_database_has_no_obstacle) {
  const Pair pair = local();
  pair.run("source",
           "CREATE TABLE public.t (id int PRIMARY KEY, v text); CREATE INDEX ON public.t (v); "
           "CREATE EXTENSION hstore SCHEMA public; CREATE VIEW public.w AS SELECT * FROM public.t");
  EXPECT_EQ(listed(pair.look()), "");
}

struct Plant {
  std::string name;
  std::string sql;   // at the source
  std::string code;  // what must be found, and nothing else
  std::string key;
  model::Severity severity;
  std::string target_sql{};
};
void PrintTo(const Plant& plant, std::ostream* out) { *out << plant.name; }

class PostgresObstacle : public testing::TestWithParam<Plant> {};

// Statements of a remedy one by one: some may not be in one transaction with others.
void follow(const Pair& pair, const Obstacle& obstacle) {
  const PostgresServer& server = obstacle.side == "source" ? pair.source : pair.target;
  auto session = server.connect(obstacle.side == "source" ? "preflight_from" : "preflight_to");
  std::string rest = obstacle.sql;
  for (std::size_t end = rest.find(';'); end != std::string::npos; end = rest.find(';')) {
    const Status ran = session->exec(rest.substr(0, end));
    if (!ran) throw std::runtime_error(rest + ": " + ran.error().to_text());
    rest = rest.substr(end + 1);
  }
}

TEST_P(PostgresObstacle, Is_found_and_its_remedy_works) {
  const Plant& plant = GetParam();
  Pair pair = local();
  pair.run("source", plant.sql);
  if (!plant.target_sql.empty()) pair.run("target", plant.target_sql);
  const Preflight before = pair.look();
  ASSERT_EQ(before.obstacles.size(), 1U) << listed(before);
  const Obstacle& obstacle = before.obstacles.front();
  EXPECT_EQ(obstacle.code, plant.code);
  EXPECT_EQ(obstacle.key, plant.key);
  EXPECT_EQ(obstacle.severity, plant.severity);
  EXPECT_EQ(before.blocked(), plant.severity == model::Severity::blocking);
  EXPECT_FALSE(obstacle.reason.empty());
  EXPECT_FALSE(to_finding(obstacle).remedy.empty());
  if (obstacle.sql.empty()) {
    ASSERT_NE(obstacle.severity, model::Severity::blocking) << "no remedy that could be followed";
    pair.options.accept = {obstacle.code};
  } else {
    follow(pair, obstacle);
  }
  EXPECT_EQ(listed(pair.look()), "");
}

constexpr auto kBlocking = model::Severity::blocking;
constexpr auto kWarning = model::Severity::warning;
const std::string kTable = "CREATE TABLE public.t (id int PRIMARY KEY, v text); ";

INSTANTIATE_TEST_SUITE_P(
    Planted, PostgresObstacle,
    testing::Values(
        Plant{"no_key", "CREATE TABLE public.\"No Key\" (v text)", "pg-no-identity",
              "public.No Key", kBlocking},
        Plant{"unique_only", "CREATE TABLE public.t (a int NOT NULL UNIQUE)", "pg-no-identity",
              "public.t", kBlocking},
        Plant{"identity_nothing", kTable + "ALTER TABLE public.t REPLICA IDENTITY NOTHING",
              "pg-no-identity", "public.t", kBlocking},
        Plant{
            "partition_without_key",
            "CREATE TABLE public.p (a int) PARTITION BY LIST (a); CREATE TABLE public.p1 PARTITION "
            "OF public.p DEFAULT",
            "pg-no-identity", "public.p1", kBlocking},
        Plant{"generated_key",
              "CREATE TABLE public.t (a int NOT NULL, b int GENERATED ALWAYS AS (a * 2) STORED, "
              "PRIMARY KEY (a, b))",
              "pg-generated-key", "public.t.b", kBlocking},
        Plant{"unlogged", "CREATE UNLOGGED TABLE public.t (id int PRIMARY KEY)", "pg-unlogged",
              "public.t", kWarning},
        Plant{"large_object", "SELECT lo_from_bytea(0, 'x')", "pg-large-objects", "preflight_from",
              kWarning},
        Plant{"foreign_table",
              "CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER far FOREIGN DATA WRAPPER "
              "postgres_fdw; "
              "CREATE FOREIGN TABLE public.f (a int) SERVER far",
              "pg-foreign-table", "public.f", kWarning},
        Plant{"user_mapping",
              "CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER far FOREIGN DATA WRAPPER "
              "postgres_fdw; "
              "CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'canary')",
              "pg-user-mapping", "postgres on far", kWarning},
        Plant{"object_ids", "CREATE TABLE public.t (id int PRIMARY KEY, r regclass[])",
              "pg-text-copy", "public.t.r", model::Severity::info},
        Plant{"no_binary_form", "CREATE TABLE public.t (id int PRIMARY KEY, r aclitem)",
              "pg-text-copy", "public.t.r", model::Severity::info},
        Plant{"always_trigger",
              kTable +
                  "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN "
                  "new; END'; CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE "
                  "FUNCTION public.f(); ALTER TABLE public.t ENABLE ALWAYS TRIGGER g",
              "pg-fires-on-apply", "g on \"public\".\"t\"", kWarning},
        Plant{"replica_rule",
              kTable +
                  "CREATE RULE r AS ON DELETE TO public.t DO ALSO NOTHING; ALTER TABLE public.t "
                  "ENABLE REPLICA RULE r",
              "pg-fires-on-apply", "r on \"public\".\"t\"", kWarning},
        Plant{"event_trigger",
              "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
              "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION public.f()",
              "pg-event-trigger", "e", kWarning},
        Plant{"sequence_end", "CREATE SEQUENCE public.s AS smallint", "pg-sequence-end", "public.s",
              kWarning},
        Plant{"sequence_down", "CREATE SEQUENCE public.s INCREMENT -1 MINVALUE -50",
              "pg-sequence-end", "public.s", kWarning},
        Plant{"idle_slot", "SELECT pg_create_physical_replication_slot('idle_slot', true)",
              "pg-slot-idle", "idle_slot", kWarning},
        Plant{"c_function",
              "CREATE FUNCTION public.f(text) RETURNS int LANGUAGE c AS '$libdir/citext', "
              "'citext_hash'",
              "pg-function-library", "public.f(text)", kWarning},
        Plant{"target_full", kTable, "pg-target-not-empty", "public.x", kBlocking,
              "CREATE TABLE public.x (a int)"},
        Plant{"target_view", kTable, "pg-target-not-empty", "public.v", kBlocking,
              "CREATE VIEW public.v AS SELECT 1"},
        Plant{"target_read_only", kTable, "pg-target-read-only", "preflight_to", kBlocking,
              "ALTER DATABASE preflight_to SET default_transaction_read_only = on"}),
    [](const auto& plant) { return plant.param.name; });

TEST(PostgresPreflight, An_extension_that_the_target_lacks) {
  const Pair pair(PostgresServer::shared(15), PostgresServer::shared(17));
  EXPECT_EQ(listed(pair.look()), "");
  pair.run("source", "CREATE EXTENSION adminpack SCHEMA pg_catalog");
  const Preflight before = pair.look();
  ASSERT_EQ(before.obstacles.size(), 1U) << listed(before);
  EXPECT_EQ(before.obstacles.front().code, "pg-extension-missing");
  EXPECT_EQ(before.obstacles.front().key, "adminpack");
  follow(pair, before.obstacles.front());
  EXPECT_EQ(listed(pair.look()), "");
}

TEST(PostgresPreflight, Collations_of_a_library_that_the_target_was_built_without) {
  const Pair pair(PostgresServer::shared(15), PostgresServer::shared(17));
  pair.run(
      "source",
      "CREATE COLLATION public.loose (provider = icu, locale = 'und-u-ks-level2', deterministic "
      "= false); CREATE TABLE public.t (w text COLLATE public.loose PRIMARY KEY, d text COLLATE "
      "\"de-x-icu\")");
  const Preflight before = pair.look();
  ASSERT_EQ(before.obstacles.size(), 2U) << listed(before);
  EXPECT_EQ(before.obstacles[0].code, "pg-collation-missing");
  EXPECT_EQ(before.obstacles[0].key, "pg_catalog.de-x-icu");
  EXPECT_EQ(before.obstacles[1].key, "public.loose");
  pair.run("source", "DROP TABLE public.t; DROP COLLATION public.loose");
  EXPECT_EQ(listed(pair.look()), "");
}

TEST(PostgresPreflight, A_target_of_an_older_version) {
  const Pair pair(PostgresServer::shared(17), PostgresServer::shared(15));
  const Preflight preflight = pair.look();
  ASSERT_EQ(preflight.obstacles.size(), 1U) << listed(preflight);
  EXPECT_EQ(preflight.obstacles.front().code, "pg-target-older");
  EXPECT_TRUE(preflight.blocked());
}

TEST(PostgresPreflight, Databases_that_sort_otherwise) {
  Pair pair = local();
  const std::string icu = "LOCALE_PROVIDER icu ICU_LOCALE 'de'";
  pair.source.fresh_database("preflight_from", icu);
  EXPECT_EQ(pair.look().obstacles.at(0).code, "pg-locale");
  EXPECT_EQ(pair.look().obstacles.size(), 1U);
  pair.target.fresh_database("preflight_to", icu);
  EXPECT_EQ(listed(pair.look()), "");
  pair.target.run("postgres",
                  "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'preflight_to'");
  EXPECT_EQ(pair.look().obstacles.at(0).code, "pg-collation-version");
  EXPECT_EQ(pair.look().obstacles.size(), 1U);
  pair.target.fresh_database("preflight_to", icu);
  pair.source.run("postgres",
                  "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'preflight_from'");
  pair.target.run("postgres",
                  "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'preflight_to'");
  const Preflight stale = pair.look();
  ASSERT_EQ(stale.obstacles.size(), 1U) << listed(stale);
  EXPECT_EQ(stale.obstacles.front().code, "pg-collation-stale");
  follow(pair, stale.obstacles.front());
  pair.target.fresh_database("preflight_to", icu);
  EXPECT_EQ(listed(pair.look()), "");
}

TEST(PostgresPreflight, Another_encoding_blocks) {
  const Pair pair = local();
  pair.target.fresh_database("preflight_to", "ENCODING 'LATIN1' LOCALE 'C'");
  const Preflight preflight = pair.look();
  ASSERT_FALSE(preflight.obstacles.empty());
  EXPECT_EQ(preflight.obstacles.front().code, "pg-encoding") << listed(preflight);
  EXPECT_NE(preflight.obstacles.front().reason.find("LATIN1"), std::string::npos);
  EXPECT_TRUE(preflight.blocked());
}

TEST(PostgresPreflight, Clock_disk_and_the_dump_program_are_told_from_outside) {
  Pair pair = local();
  const auto only = [&](const std::string& code) {
    const Preflight preflight = pair.look();
    EXPECT_EQ(preflight.obstacles.size(), code == "pg-clock" ? 2U : 1U) << listed(preflight);
    if (!preflight.obstacles.empty()) {
      EXPECT_EQ(preflight.obstacles.front().code, code);
    }
    pair.options = PreflightOptions{.dump_version = kDump};
  };
  pair.options.now_ms = 1;
  only("pg-clock");
  pair.options.target_disk_bytes = 1000;
  only("pg-target-disk");
  pair.options.dump_version = 0;
  only("pg-dump-program");
  pair.options.dump_version = 140000;
  only("pg-dump-program");
}

TEST(PostgresPreflight, Transactions_that_never_end) {
  Pair pair = local();
  auto holder = pair.source.connect("preflight_from");
  ASSERT_TRUE(
      holder->exec("BEGIN; CREATE TABLE public.t (id int PRIMARY KEY); "
                   "PREPARE TRANSACTION 'forgotten'; BEGIN; SELECT txid_current()"));
  pair.options.long_transaction_seconds = 0;
  const Preflight preflight = pair.look();
  ASSERT_EQ(preflight.obstacles.size(), 2U) << listed(preflight);
  EXPECT_EQ(preflight.obstacles[0].code, "pg-prepared-transaction");
  EXPECT_EQ(preflight.obstacles[0].key, "forgotten");
  EXPECT_EQ(preflight.obstacles[1].code, "pg-long-transaction");
  EXPECT_EQ(preflight.obstacles[1].key, std::to_string(holder->backend()));
  for (const Obstacle& obstacle : preflight.obstacles) follow(pair, obstacle);
  EXPECT_EQ(listed(pair.look()), "");
}

// A user who is no superuser: every right that lacks is named, given as the remedy says, and not
// asked for again.
TEST(PostgresPreflight, Rights_of_the_users) {
  Pair pair = local();
  for (const char* role : {"mover", "arriver", "holder"})
    pair.source.run("postgres", std::string("DROP ROLE IF EXISTS ") + role);
  pair.run(
      "source",
      "CREATE ROLE mover LOGIN; CREATE ROLE arriver LOGIN CREATEROLE REPLICATION; CREATE ROLE "
      "holder; CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY); ALTER TABLE s.t OWNER TO "
      "holder; CREATE TABLE s.own (id int PRIMARY KEY); ALTER TABLE s.own OWNER TO mover; ALTER "
      "TABLE s.own ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
  pair.user = "mover";
  pair.target_user = "arriver";
  std::set<std::string> codes;
  const Preflight before = pair.look();
  for (const Obstacle& obstacle : before.obstacles) {
    codes.insert(obstacle.code + " " + obstacle.key);
    follow(pair, obstacle);
  }
  EXPECT_EQ(codes, (std::set<std::string>{
                       "pg-replication-right mover", "pg-source-read s.t", "pg-source-read s.own",
                       "pg-publication-right preflight_from", "pg-publication-right holder",
                       "pg-row-security s.own", "pg-target-right preflight_to",
                       "pg-replica-role session_replication_role"}))
      << listed(before);
  EXPECT_EQ(listed(pair.look()), "");
  pair.run("target", "REVOKE SET ON PARAMETER session_replication_role FROM arriver");
  pair.source.fresh_database("preflight_from");
  pair.target.fresh_database("preflight_to");
  pair.source.run("postgres", "DROP ROLE mover; DROP ROLE arriver; DROP ROLE holder");
}

// Settings that need a server of their own, each followed by a restart as the remedy says.
TEST(PostgresPreflight, Settings_of_the_servers) {
  PostgresServer server({.settings = {{"wal_level", "replica"}}});
  const std::map<std::string, std::map<std::string, std::string>> plants = {
      {"pg-wal-level", {{"wal_level", "replica"}}},
      {"pg-slots-full", {{"max_replication_slots", "1"}}},
      {"pg-senders-full", {{"max_wal_senders", "1"}}},
      {"pg-wal-keep-limit", {{"max_slot_wal_keep_size", "64MB"}}},
      {"pg-connections", {{"max_connections", "8"}, {"superuser_reserved_connections", "0"}}}};
  const std::map<std::string, std::string> sound = {{"wal_level", "logical"},
                                                    {"max_replication_slots", "10"},
                                                    {"max_wal_senders", "10"},
                                                    {"max_slot_wal_keep_size", "-1"},
                                                    {"max_connections", "60"}};
  for (const auto& [code, settings] : plants) {
    server.stop();
    server.configure(sound);
    server.configure(settings);
    server.start();
    server.run("postgres", "ALTER SYSTEM RESET ALL");
    server.stop();
    server.start();
    Pair pair(server, PostgresServer::shared());
    Pair back(PostgresServer::shared(), server);
    const bool is_target = code == "pg-connections";
    const Pair& watched = is_target ? back : pair;
    const Preflight before = watched.look();
    ASSERT_EQ(before.obstacles.size(), 1U) << code << "\n" << listed(before);
    EXPECT_EQ(before.obstacles.front().code, code);
    follow(watched, before.obstacles.front());
    if (before.obstacles.front().restart) {
      server.stop();
      server.start();
    }
    EXPECT_EQ(listed(watched.look()), "") << code;
    if (!is_target && code != "pg-wal-keep-limit") {
      server.run("postgres", "ALTER SYSTEM RESET ALL");
      server.stop();
      server.start();
      EXPECT_EQ(back.look().obstacles.front().code, code) << "without it there is no way back";
    }
  }
}

// What the services say of themselves, played by a server that has their settings.
TEST(PostgresPreflight, Managed_services_are_known_by_their_settings) {
  PostgresServer server(
      {.settings = {{"azure.extensions", "citext"}, {"shared_preload_libraries", "auto_explain"}}});
  Pair pair(PostgresServer::shared(), server);
  EXPECT_EQ(pair.look().target_service, "flexible-server");
  EXPECT_EQ(pair.look().source_service, "");
  pair.options.accept = {"pg-extension-version"};
  pair.run("source",
           "CREATE EXTENSION hstore SCHEMA public; CREATE EXTENSION citext SCHEMA public; CREATE "
           "FUNCTION "
           "public.f(text) RETURNS int LANGUAGE c AS '$libdir/citext', 'citext_hash'; CREATE "
           "EXTENSION pg_stat_statements SCHEMA public");
  const Preflight before = pair.look();
  std::map<std::string, const Obstacle*> by_key;
  for (const Obstacle& obstacle : before.obstacles)
    by_key[obstacle.code + " " + obstacle.key] = &obstacle;
  ASSERT_TRUE(by_key.contains("pg-extension-not-allowed hstore")) << listed(before);
  EXPECT_NE(
      by_key["pg-extension-not-allowed hstore"]->remedy.find("azure.extensions = citext,hstore"),
      std::string::npos);
  EXPECT_FALSE(by_key.contains("pg-extension-not-allowed citext"));
  ASSERT_TRUE(by_key.contains("pg-function-library public.f(text)")) << listed(before);
  EXPECT_EQ(by_key["pg-function-library public.f(text)"]->severity, kBlocking);
  ASSERT_TRUE(by_key.contains("pg-extension-preload pg_stat_statements"));
  EXPECT_NE(by_key["pg-extension-preload pg_stat_statements"]->remedy.find(
                "shared_preload_libraries = auto_explain,pg_stat_statements"),
            std::string::npos);
  server.stop();
  server.configure({{"azure.extensions", "citext,hstore,pg_stat_statements,plpgsql"},
                    {"shared_preload_libraries", "auto_explain,pg_stat_statements"}});
  server.start();
  pair.run("source", "DROP FUNCTION public.f(text)");
  EXPECT_EQ(listed(pair.look()), "");
}

}  // namespace
}  // namespace lakeshift::databases
