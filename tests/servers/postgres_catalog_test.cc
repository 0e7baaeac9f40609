// What the catalogue says of a database with every odd thing.
#include "knowledge/databases/postgres_catalog.h"

#include <gtest/gtest.h>

#include "tests/servers/postgres_server.h"

namespace lakeshift::databases {
namespace {

using servers::PostgresServer;

const PostgresSequence* sequence(const PostgresCatalog& catalog, const std::string& name) {
  for (const PostgresSequence& one : catalog.sequences)
    if (one.name == name) return &one;
  return nullptr;
}

class PostgresCatalogOf : public testing::TestWithParam<int> {};

TEST_P(PostgresCatalogOf, Counts_every_kind_as_the_server_does) {
  PostgresServer& server = PostgresServer::shared(GetParam());
  auto session = server.connect(server.every_type());
  auto read = read_catalog(*session);
  ASSERT_TRUE(read) << read.error().to_text();
  const PostgresCatalog& catalog = *read;
  for (const auto& [kind, error] : catalog.unreadable) ADD_FAILURE() << kind << error.to_text();
  const auto counted = [&](const std::string& sql) { return std::stoll(*session->value(sql)); };
  const std::string ours = " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
  EXPECT_EQ(
      static_cast<long long>(catalog.tables.size()),
      counted("SELECT count(*) FROM information_schema.tables WHERE table_schema !~ '^pg_' AND "
              "table_schema <> 'information_schema'") +
          2)
      << "materialised views are not in the standard's schema";
  std::size_t columns = 0;
  for (const PostgresTable& table : catalog.tables)
    if (table.kind != 'm') columns += table.columns.size();
  EXPECT_EQ(
      static_cast<long long>(columns),
      counted("SELECT count(*) FROM information_schema.columns WHERE table_schema !~ '^pg_' AND "
              "table_schema <> 'information_schema'"));
  EXPECT_EQ(static_cast<long long>(catalog.of("index").size()),
            counted("SELECT count(*) FROM pg_indexes WHERE schemaname !~ '^pg_'") +
                counted("SELECT count(*) FROM pg_class WHERE relkind = 'I'") -
                counted("SELECT count(*) FROM pg_indexes i JOIN pg_class c ON c.relname = "
                        "i.indexname AND c.relkind = 'I' WHERE schemaname !~ '^pg_'"));
  EXPECT_EQ(static_cast<long long>(catalog.of("function").size()),
            counted("SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace" +
                    ours));
  for (const auto& [kind, least] : std::map<std::string, std::size_t>{{"trigger", 5},
                                                                      {"event_trigger", 1},
                                                                      {"rule", 2},
                                                                      {"policy", 2},
                                                                      {"large_object", 2},
                                                                      {"publication", 1},
                                                                      {"statistics", 1},
                                                                      {"cast", 1},
                                                                      {"operator", 1},
                                                                      {"operator_class", 1},
                                                                      {"text_search", 2},
                                                                      {"default_privilege", 2},
                                                                      {"setting", 3}})
    EXPECT_GE(catalog.of(kind).size(), least) << kind;
}

TEST_P(PostgresCatalogOf, Knows_what_a_move_needs_of_each_table) {
  PostgresServer& server = PostgresServer::shared(GetParam());
  auto session = server.connect(server.every_type());
  const PostgresCatalog catalog = *read_catalog(*session);
  const auto table = [&](const std::string& name) { return catalog.table("types", name); };
  EXPECT_EQ(table("every_type")->key, std::vector<std::string>{"id"});
  EXPECT_EQ(table("every_type")->columns.front().identity, 'a');
  EXPECT_EQ(table("every_type")->owner, "odd_owner");
  EXPECT_EQ(table("dropped_columns")->key, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(table("dropped_columns")->columns.size(), 4U);
  EXPECT_TRUE(table("no_columns")->columns.empty());
  EXPECT_EQ(table("fleeting")->persistence, 'u');
  EXPECT_TRUE(table("without_key")->key.empty());
  EXPECT_TRUE(table("without_key")->has_identity()) << "FULL";
  EXPECT_FALSE(table("late_rules")->has_identity());
  EXPECT_EQ(table("by_index")->key, std::vector<std::string>{"a"});
  EXPECT_EQ(table("by_index")->identity_index, "by_index_a");
  EXPECT_EQ(table("measured")->kind, 'p');
  EXPECT_EQ(table("measured")->partition_key, "RANGE (day)");
  EXPECT_EQ(table("measured_2026_1")->parents, std::vector<std::string>{"types.measured_2026"});
  EXPECT_TRUE(table("measured_2026_1")->is_partition);
  EXPECT_FALSE(table("pet")->is_partition);
  EXPECT_EQ(table("pet")->parents, std::vector<std::string>{"types.animal"});
  EXPECT_TRUE(table("worker")->forces_row_security);
  EXPECT_GT(table("big")->toast_bytes, 100000);
  EXPECT_EQ(table("measured_2025")->rows, 30);
  if (GetParam() >= 12) {
    EXPECT_EQ(table("computed")->columns[2].generated, 's');
  }
  EXPECT_NE(catalog.table("Odd Schema", "Table with \"quotes\", commas. and %s"), nullptr);
  for (const PostgresColumn& column : table("every_type")->columns) {
    if (column.name == "c_email") {
      EXPECT_EQ(column.type_kind, 'd');
    }
    if (column.name == "c_numeric_p") {
      EXPECT_EQ(column.type, "numeric(20,5)");
    }
  }
}

TEST_P(PostgresCatalogOf, Reads_sequences_with_their_owners_and_values) {
  PostgresServer& server = PostgresServer::shared(GetParam());
  auto session = server.connect(server.every_type());
  const PostgresCatalog catalog = *read_catalog(*session);
  const PostgresSequence* alone = sequence(catalog, "alone");
  ASSERT_NE(alone, nullptr);
  EXPECT_TRUE(alone->owner_table.empty());
  EXPECT_EQ(alone->increment, -2);
  EXPECT_TRUE(alone->cycles);
  EXPECT_TRUE(alone->is_called);
  const PostgresSequence* identity = sequence(catalog, "every_type_id_seq");
  ASSERT_NE(identity, nullptr);
  EXPECT_TRUE(identity->identity);
  EXPECT_EQ(identity->owner_table, "types.every_type");
  EXPECT_EQ(identity->owner_column, "id");
  const PostgresSequence* serial = sequence(catalog, "defaults_s_seq");
  ASSERT_NE(serial, nullptr);
  EXPECT_FALSE(serial->identity);
  EXPECT_EQ(serial->owner_column, "s");
  EXPECT_EQ(serial->last_value, 7);
  EXPECT_EQ(sequence(catalog, "Seq \"x\"")->start, 9007199254740993);
  EXPECT_FALSE(sequence(catalog, "Seq \"x\"")->is_called);
}

INSTANTIATE_TEST_SUITE_P(Versions, PostgresCatalogOf, testing::Values(11, 13, 15, 16, 17));

TEST(PostgresCatalog, What_may_not_be_read_is_named_and_costs_that_kind_only) {
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.fresh_database("catalogue_rights");
  server.run(
      database,
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'poor') THEN CREATE ROLE "
      "poor LOGIN; END IF; END $$; CREATE TABLE public.t (id int PRIMARY KEY);"
      "REVOKE SELECT ON pg_catalog.pg_policy FROM PUBLIC");
  auto session = server.connect(database, "poor");
  auto catalog = read_catalog(*session);
  ASSERT_TRUE(catalog) << catalog.error().to_text();
  ASSERT_TRUE(catalog->unreadable.contains("policy"));
  EXPECT_EQ(catalog->unreadable.at("policy").code, "42501");
  EXPECT_EQ(catalog->tables.size(), 1U);
  EXPECT_FALSE(catalog->of("schema").empty());
}

TEST(PostgresCatalog, Reads_as_of_an_exported_snapshot) {
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.fresh_database("catalogue_snapshot");
  auto holder = server.connect(database);
  ASSERT_TRUE(holder->exec("BEGIN ISOLATION LEVEL REPEATABLE READ"));
  const std::string snapshot = *holder->value("SELECT pg_export_snapshot()");
  server.run(database, "CREATE TABLE public.later (id int)");
  auto session = server.connect(database);
  EXPECT_TRUE(read_catalog(*session, snapshot)->tables.empty());
  EXPECT_EQ(read_catalog(*session)->tables.size(), 1U);
  ASSERT_TRUE(holder->exec("COMMIT"));
  EXPECT_EQ(read_catalog(*session, snapshot).error().code, "22023") << "the snapshot is gone";
}

TEST(PostgresCatalog, Statements_are_chosen_by_version) {
  EXPECT_EQ(for_version("a [[120000?b!!c]] d", 120000), "a b d");
  EXPECT_EQ(for_version("a [[120000?b!!c]] d", 110000), "a c d");
  EXPECT_EQ(for_version("[[170000?x!![[150000?y!!z]]]]", 160000), "y");
  EXPECT_EQ(for_version("[[170000?x!![[150000?y!!z]]]]", 110000), "z");
}

}  // namespace
}  // namespace lakeshift::databases
