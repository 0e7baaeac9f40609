// A database with every odd thing, carried to other servers and versions: pg_dump of both sides is
// the judge, and tests/servers/schema_differences.csv names what versions spell differently.
#include "knowledge/transfers/postgres_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "core/world/process.h"
#include "tests/servers/postgres_server.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::transfers {
namespace {

using databases::PostgresCatalog;
using databases::PostgresSession;
using databases::PostgresTable;
using servers::PostgresServer;

const databases::DumpProgram kDump{PostgresServer::program(17, "pg_dump"), 170010};

std::string dump_of(const PostgresServer& server, const std::string& database) {
  auto ended = world::run_process(
      {kDump.path, "--schema-only", "--exclude-schema=lakeshift", "-h", "127.0.0.1", "-p",
       std::to_string(server.port()), "-U", "postgres", database},
      "", world::Millis{120000});
  if (!ended || ended->exit_code != 0)
    throw std::runtime_error(ended ? ended->err : ended.error().to_text());
  return ended->out;
}

struct Rewriting {
  std::string versions;  // "11->17 13->16"
  std::regex pattern;
  std::string replacement;
};

// versions;pattern;replacement;reason
std::vector<Rewriting> named_differences() {
  std::ifstream file(std::string(LAKESHIFT_SOURCE_DIR) + "/tests/servers/schema_differences.csv");
  std::vector<Rewriting> table;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t reason = line.rfind(';'), replacement = line.rfind(';', reason - 1),
                      pattern = line.find(';');
    table.push_back({line.substr(0, pattern),
                     std::regex(line.substr(pattern + 1, replacement - pattern - 1)),
                     line.substr(replacement + 1, reason - replacement - 1)});
  }
  return table;
}

// Lines that one dump has and the other has not, after the rewritings of the table.
std::string difference(const std::string& a, const std::string& b, const std::string& versions) {
  const std::vector<Rewriting> table = named_differences();
  const auto lines_of = [&](const std::string& text) {
    std::multiset<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with("--") || line.starts_with("\\")) continue;
      for (const Rewriting& one : table)
        if (one.versions.find(versions) != std::string::npos)
          line = std::regex_replace(line, one.pattern, one.replacement);
      if (!line.empty()) lines.insert(line);
    }
    return lines;
  };
  std::string found;
  const auto compare = [&](std::multiset<std::string> left, const std::multiset<std::string>& right,
                           const char* mark) {
    for (const std::string& line : right)
      if (const auto same = left.find(line); same != left.end()) left.erase(same);
    for (const std::string& line : left) found += mark + line + "\n";
  };
  compare(lines_of(a), lines_of(b), "only in the source: ");
  compare(lines_of(b), lines_of(a), "only in the target: ");
  return found;
}

struct Carried {
  PostgresServer& from;
  PostgresServer& to;
  std::string source, target;
  std::string user = "postgres";  // at the target
  fakes::FakeWorld fake{};
  world::IgnoreEvents ignored{};
  world::EventSink* events = &ignored;
  SchemaScript script{};

  Carried(PostgresServer& here, PostgresServer& there, const std::string& name)
      : from(here),
        to(there),
        source(here.every_type(&here == &there)),
        target(there.fresh_database(name)) {}

  void write() {
    auto holder = from.connect(source);
    const Status began = holder->exec("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const std::string snapshot = *holder->value("SELECT pg_export_snapshot()");
    const PostgresCatalog here = *databases::read_catalog(*from.connect(source), snapshot);
    const PostgresCatalog there = *databases::read_catalog(*to.connect(target, user));
    const databases::ManagedService service = *databases::managed_service(here);
    auto written =
        write_schema(kDump, from.address(source), snapshot, SchemaSides{here, there, service});
    if (!written || !began) throw std::runtime_error(written.error().to_text());
    // As a resumed copy gets it.
    script = schema_script_from_json(to_json(*written));
  }
  Result<SchemaOutcome> apply(SchemaPart part, std::stop_token stop = {}) {
    world::Run run{fake.world, *events, stop};
    LS_ASSIGN(auto session, PostgresSession::connect(to.address(target, user), stop));
    return apply_schema(run, *session, script, part);
  }
  SchemaOutcome apply_all(SchemaPart part) {
    auto outcome = apply(part);
    if (!outcome) throw std::runtime_error(outcome.error().to_text());
    return *outcome;
  }
  // Rows as text, table by table: enough for keys to have something to check.
  void copy_rows() {
    auto here = from.connect(source);
    databases::PostgresAddress address = to.address(target);
    address.settings["session_replication_role"] = "replica";
    auto there = *PostgresSession::connect(address, {});
    const PostgresCatalog catalog = *databases::read_catalog(*here);
    for (const PostgresTable& table : catalog.tables) {
      if (!table.holds_rows() || table.columns.empty()) continue;
      std::string columns;
      for (const databases::PostgresColumn& column : table.columns)
        if (column.generated == 0)
          columns += (columns.empty() ? "" : ", ") + databases::quote_name(column.name);
      const std::string what = table.quoted() + " (" + columns + ")";
      const Status begun = there->begin_copy("COPY " + what + " FROM STDIN");
      if (!begun) throw std::runtime_error(begun.error().to_text());
      const auto copied =
          here->copy_out("COPY " + what + " TO STDOUT",
                         [&](std::string_view bytes) { return there->put_copy(bytes); });
      const auto arrived = there->finish_copy();
      if (!copied || !arrived) throw std::runtime_error(table.label() + arrived.error().to_text());
    }
  }
};

std::string listed(const std::vector<SchemaIssue>& issues) {
  std::string text;
  for (const SchemaIssue& issue : issues)
    text += issue.code + " " + issue.kind + " " + issue.name + ": " + issue.reason + "\n";
  return text;
}

constexpr SchemaPart kParts[] = {SchemaPart::before_data, SchemaPart::after_data,
                                 SchemaPart::validation};

class PostgresSchema : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(PostgresSchema, Arrives_whole_with_rows_and_is_carried_once) {
  const auto [from, to] = GetParam();
  Carried carried(PostgresServer::shared(from), PostgresServer::shared(to), "arrived");
  carried.write();
  EXPECT_EQ(listed(carried.script.left_out), "");
  for (const SchemaPart part : kParts) {
    const SchemaOutcome outcome = carried.apply_all(part);
    EXPECT_EQ(listed(outcome.failures), "") << to_text(part);
    EXPECT_GT(outcome.found, 0);
    EXPECT_EQ(outcome.done, outcome.found);
    if (part == SchemaPart::before_data) carried.copy_rows();
  }
  const std::string versions = std::to_string(from) + "->" + std::to_string(to);
  EXPECT_EQ(difference(dump_of(carried.from, carried.source), dump_of(carried.to, carried.target),
                       versions),
            "");
  for (const SchemaPart part : kParts) {
    const SchemaOutcome again = carried.apply_all(part);
    EXPECT_EQ(again.done, 0);
    EXPECT_EQ(again.before, again.found);
  }
  const std::string filled =
      "SELECT string_agg(relname || relispopulated, ' ' ORDER BY relname) FROM "
      "pg_class WHERE relkind = 'm'";
  EXPECT_EQ(carried.to.value(carried.target, filled), carried.from.value(carried.source, filled));
  const std::string unchecked =
      "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE NOT convalidated";
  EXPECT_EQ(carried.to.value(carried.target, unchecked),
            carried.from.value(carried.source, unchecked));
}

TEST_P(PostgresSchema, Carries_roles_settings_and_rights_of_the_database) {
  const auto [from, to] = GetParam();
  Carried carried(PostgresServer::shared(from), PostgresServer::shared(to), "arrived_roles");
  carried.write();
  for (const SchemaPart part : kParts)
    EXPECT_EQ(listed(carried.apply_all(part).failures), "") << to_text(part);
  const auto same = [&](const std::string& sql) {
    EXPECT_EQ(carried.to.value(carried.target, sql), carried.from.value(carried.source, sql))
        << sql;
  };
  same(
      "SELECT string_agg(rolname || rolcanlogin || rolinherit || rolcreatedb || rolconnlimit || "
      "coalesce(rolvaliduntil::text, '-'), ' ' ORDER BY rolname) FROM pg_roles WHERE rolname ILIKE "
      "'odd%'");
  same(
      "SELECT string_agg(r.rolname || ' in ' || g.rolname || m.admin_option, ', ' ORDER BY "
      "r.rolname, g.rolname) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN "
      "pg_roles g ON g.oid = m.roleid WHERE g.rolname = 'odd_group'");
  same(
      "SELECT shobj_description((SELECT oid FROM pg_roles WHERE rolname = 'odd_group'), "
      "'pg_authid')");
  same(
      "SELECT shobj_description((SELECT oid FROM pg_database WHERE datname = current_database()), "
      "'pg_database')");
  same(
      "SELECT string_agg(coalesce(r.rolname, '-') || c, ', ' ORDER BY c) FROM pg_db_role_setting s "
      "LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c WHERE s.setdatabase = "
      "(SELECT oid FROM pg_database WHERE datname = current_database())");
  same(
      "SELECT string_agg(CASE WHEN g.grantee = 0 THEN 'public' ELSE g.grantee::regrole::text END "
      "|| "
      "g.privilege_type, ' ' ORDER BY g.grantee = 0, g.grantee::regrole::text, g.privilege_type) "
      "FROM pg_database d, aclexplode(d.datacl) g WHERE "
      "d.datname "
      "= current_database()");
}

INSTANTIATE_TEST_SUITE_P(Versions, PostgresSchema,
                         testing::Values(std::pair(15, 15), std::pair(15, 17), std::pair(11, 17),
                                         std::pair(13, 16)),
                         [](const auto& pair) {
                           return std::to_string(pair.param.first) + "_to_" +
                                  std::to_string(pair.param.second);
                         });

// Stops, or breaks the server, after so many statements.
class Interrupt final : public world::EventSink {
 public:
  Interrupt(int after, std::function<void()> act) : left_(after), act_(std::move(act)) {}
  void emit(const world::Event&) override {
    if (--left_ == 0) act_();
  }

 private:
  int left_;
  std::function<void()> act_;
};

TEST(PostgresSchemaFaults, Stopped_or_killed_anywhere_it_goes_on_and_nothing_is_run_twice) {
  PostgresServer target({.major = 15});
  Carried carried(PostgresServer::shared(15), target, "interrupted");
  carried.write();
  int runs = 0;
  for (const SchemaPart part : kParts) {
    for (bool finished = false; !finished; ++runs) {
      std::stop_source source;
      const bool kills = runs % 3 == 1;
      Interrupt interrupt(kills ? 31 : 23, [&] {
        if (!kills) {
          source.request_stop();
          return;
        }
        target.crash();
        target.start();
      });
      carried.events = &interrupt;
      const auto outcome = carried.apply(part, source.get_token());
      finished = outcome.has_value();
      if (finished) {
        EXPECT_EQ(listed(outcome->failures), "");
      } else {
        EXPECT_TRUE(outcome.error().code == "cancelled" ||
                    databases::lost_connection(outcome.error()))
            << outcome.error().to_text();
      }
    }
  }
  EXPECT_GT(runs, 10);
  EXPECT_EQ(
      difference(dump_of(carried.from, carried.source), dump_of(target, carried.target), "15->15"),
      "");
}

TEST(PostgresSchemaFaults, A_refused_statement_is_named_and_tried_again) {
  Carried carried(PostgresServer::shared(15), PostgresServer::shared(15), "refused");
  carried.to.run(carried.target, "CREATE SCHEMA types; CREATE TABLE types.big (other int)");
  carried.write();
  const SchemaOutcome first = carried.apply_all(SchemaPart::before_data);
  ASSERT_GE(first.failed, 1);
  EXPECT_EQ(first.failures.front().code, "42P07");
  EXPECT_EQ(first.failures.front().kind, "TABLE");
  EXPECT_EQ(first.failures.front().name, "types.big");
  EXPECT_FALSE(first.failures.front().remedy.empty());
  EXPECT_EQ(first.done + first.failed, first.found) << "what does not depend on it is done";
  carried.to.run(carried.target, "DROP TABLE types.big");
  const SchemaOutcome second = carried.apply_all(SchemaPart::before_data);
  EXPECT_EQ(listed(second.failures), "");
  EXPECT_EQ(second.before, first.done);
  EXPECT_EQ(second.done, first.failed);
}

TEST(PostgresSchemaFaults, Rows_that_break_a_foreign_key_are_told_by_the_last_part) {
  Carried carried(PostgresServer::shared(15), PostgresServer::shared(15), "broken_key");
  carried.write();
  EXPECT_EQ(listed(carried.apply_all(SchemaPart::before_data).failures), "");
  carried.copy_rows();
  carried.to.run(carried.target, "INSERT INTO types.worker VALUES (99, 77, NULL, 1, NULL)");
  EXPECT_EQ(listed(carried.apply_all(SchemaPart::after_data).failures), "");
  const SchemaOutcome checked = carried.apply_all(SchemaPart::validation);
  ASSERT_EQ(checked.failures.size(), 1U) << listed(checked.failures);
  EXPECT_EQ(checked.failures.front().code, "23503");
  EXPECT_NE(checked.failures.front().reason.find("Key (department)=(77)"), std::string::npos);
}

TEST(PostgresSchemaFaults, A_script_that_changed_meanwhile_is_refused) {
  Carried carried(PostgresServer::shared(15), PostgresServer::shared(15), "changed");
  carried.write();
  carried.apply_all(SchemaPart::before_data);
  for (SchemaStep& step : carried.script.before_data)
    if (step.kind == "TABLE") step.sql += " ";
  EXPECT_EQ(carried.apply(SchemaPart::before_data).error().code, "script-changed");
}

// What a managed service lets its users do: neither a superuser nor the owner of anything.
TEST(PostgresSchemaFaults, A_target_without_a_superuser_refuses_only_what_only_superusers_make) {
  PostgresServer target({.major = 17});
  Carried carried(PostgresServer::shared(15), target, "managed");
  target.run("postgres",
             "CREATE ROLE arriver LOGIN CREATEROLE CREATEDB BYPASSRLS; GRANT CREATE ON DATABASE "
             "managed TO arriver; ALTER DATABASE managed OWNER TO arriver");
  carried.user = "arriver";
  carried.write();
  std::set<std::string> refused, left_out;
  for (const SchemaPart part : kParts)
    for (const SchemaIssue& issue : carried.apply_all(part).failures)
      refused.insert(issue.code + " " + issue.kind + " " + issue.name);
  int given = 0;
  for (const SchemaIssue& issue : carried.script.left_out)
    if (issue.code == "owner-superuser")
      ++given;
    else
      left_out.insert(issue.code + " " + issue.name);
  EXPECT_GT(given, 50) << "what belonged to the superuser";
  EXPECT_EQ(left_out, (std::set<std::string>{"extension-comment EXTENSION citext",
                                             "extension-comment EXTENSION hstore"}));
  EXPECT_EQ(refused, (std::set<std::string>{
                         "42501 OPERATOR FAMILY types.by_length",
                         "42501 OPERATOR CLASS types.by_length", "42501 EVENT TRIGGER odd_ddl",
                         "42704 EVENT TRIGGER odd_ddl", "42704 COMMENT EVENT TRIGGER odd_ddl"}));
}

TEST(PostgresPasswords, Are_carried_as_hashes_where_both_sides_allow_it) {
  PostgresServer& source = PostgresServer::shared(15);
  PostgresServer target({.major = 15});
  source.run("postgres", "DROP ROLE IF EXISTS pat; CREATE ROLE pat LOGIN PASSWORD 'canary'");
  target.run("postgres", "CREATE ROLE pat LOGIN");
  auto here = source.connect("postgres");
  auto there = target.connect("postgres");
  const PostgresCatalog from = *databases::read_catalog(*here),
                        to = *databases::read_catalog(*there);
  const databases::ManagedService service = *databases::managed_service(from);
  auto issues = copy_role_passwords(*here, *there, SchemaSides{from, to, service});
  ASSERT_TRUE(issues) << issues.error().to_text();
  const std::string hash = "SELECT rolpassword FROM pg_authid WHERE rolname = 'pat'";
  EXPECT_EQ(target.value("postgres", hash), source.value("postgres", hash));
  auto poor = source.connect("postgres", "pat");
  issues = copy_role_passwords(*poor, *there, SchemaSides{from, to, service});
  ASSERT_TRUE(issues);
  EXPECT_NE(listed(*issues).find("role-password ROLE pat"), std::string::npos);
  source.run("postgres", "DROP ROLE pat");
}

TEST(PostgresDump, A_password_reaches_it_through_memory_only) {
  PostgresServer server(
      {.hba = {"host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"}});
  server.run("postgres", "CREATE ROLE ana LOGIN PASSWORD 'right:can\\ary'");
  databases::PostgresAddress address = server.address("postgres", "ana");
  address.password = world::Secret("right:can\\ary");
  auto right = databases::dump_section(kDump, address, "", databases::DumpSection::before_data, "");
  EXPECT_TRUE(right) << right.error().to_text();
  address.password = world::Secret("wrong:can\\ary");
  auto wrong = databases::dump_section(kDump, address, "", databases::DumpSection::before_data, "");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "dump-failed");
  EXPECT_EQ(wrong.error().to_text().find("can\\ary"), std::string::npos);
}

TEST(PostgresDump, The_program_fits_both_versions) {
  using databases::choose_dump_program;
  const std::vector<databases::DumpProgram> all = {{"18", 180001}, {"17", 170010}, {"15", 150018}};
  EXPECT_EQ(choose_dump_program(all, 110022, 150018)->path, "15");
  EXPECT_EQ(choose_dump_program(all, 110022, 160004)->path, "17");
  EXPECT_EQ(choose_dump_program(all, 180000, 180000)->path, "18");
  EXPECT_EQ(choose_dump_program(all, 190000, 190000), std::nullopt);
  EXPECT_EQ(choose_dump_program({{"15", 150018}}, 150000, 170000)->path, "15");
  EXPECT_EQ(choose_dump_program({}, 150000, 150000), std::nullopt);
}

}  // namespace
}  // namespace lakeshift::transfers
