// Kinds that are counted only.
#include <set>

#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using workbench::Discovered;
using workbench::Table;

Json node(const std::string& type, const std::string& path, int id) {
  return {{"object_type", type}, {"path", path}, {"object_id", id}};
}

TEST(KindRegistry, NamesAreUniqueAndSayWhatTheyAre) {
  std::set<std::string_view> names, plurals;
  for (const engine::Kind* kind : kinds::all_kinds()) {
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
    EXPECT_TRUE(plurals.insert(kind->plural).second) << kind->plural;
    EXPECT_FALSE(kind->title.empty()) << kind->name;
    EXPECT_FALSE(kind->family.empty()) << kind->name;
    EXPECT_TRUE(kind->discover != nullptr || !kind->list.path.empty()) << kind->name;
    if (kind->moves) {
      EXPECT_FALSE(kind->fields.empty()) << kind->name;
      EXPECT_FALSE(kind->create.empty()) << kind->name;
    } else {
      EXPECT_TRUE(kind->create.empty() && kind->update.empty() && kind->remove.empty())
          << kind->name;
    }
  }
  for (const char* name :
       {"user", "group", "service_principal", "directory", "notebook", "workspace_file",
        "secret_scope", "secret", "git_folder", "pipeline", "query", "table"})
    EXPECT_TRUE(names.contains(name)) << name;
}

// Lists of these kinds may hold credentials: only ids and keys may stay.
TEST(KindCounted, NothingButIdAndKeyIsKept) {
  Table table;
  table.answer("GET /api/2.1/unity-catalog/recipients?max_results=0",
               {{"recipients",
                 {{{"name", "partner"},
                   {"sharing_code", "canary"},
                   {"tokens", {{{"activation_url", "canary"}}}}}}}});
  const Discovered found = workbench::discover(table, {"recipient"});
  EXPECT_EQ(dump_json(found.at("recipient", "partner").document), R"({"name":"partner"})");
}

TEST(KindCounted, PagesAreFollowedAlsoEmptyOnes) {
  Table table;
  table.answer("GET /api/2.0/pipelines?max_results=100", {{"next_page_token", "t"}});
  table.answer(
      "GET /api/2.0/pipelines?max_results=100&page_token=t",
      {{"statuses",
        {{{"pipeline_id", "p1"}, {"name", "a"}}, {{"pipeline_id", "p2"}, {"name", "a"}}}}});
  const Discovered found = workbench::discover(table, {"pipeline"});
  EXPECT_EQ(found.listed.at("pipeline"), 2);
  EXPECT_EQ(found.objects[0].key, "a");
}

TEST(KindCounted, AListThatIsNotOfferedIsAnErrorOfItsKindOnly) {
  Table table;
  table.refuse("GET /api/2.0/apps?page_size=100", "feature-disabled");
  table.answer("GET /api/2.0/serving-endpoints",
               {{"endpoints", {{{"id", "e1"}, {"name", "chat"}}}}});
  const Discovered found = workbench::discover(table, {"app", "serving_endpoint"});
  EXPECT_EQ(found.errors.at("app").code, "feature-disabled");
  EXPECT_EQ(found.at("serving_endpoint", "chat").id.id, "e1");
}

TEST(KindCounted, NodesOfTheTreeAreCountedByType) {
  Table table;
  Json checkout = node("DIRECTORY", "/Users/a@x.example/checkout", 6);
  checkout["directory_info"] = {{"is_git_folder", true}};
  table.folder("/", Json::array({node("DIRECTORY", "/Users", 1)}));
  table.folder("/Users", Json::array({node("DIRECTORY", "/Users/a@x.example", 2)}));
  table.folder("/Users/a@x.example",
               Json::array({node("REPO", "/Users/a@x.example/repo", 3), checkout,
                            node("LIBRARY", "/Users/a@x.example/lib", 4),
                            node("DASHBOARD", "/Users/a@x.example/d", 5),
                            node("HOLOGRAM", "/Users/a@x.example/h", 7),
                            node("HOLOGRAM", "/Users/a@x.example/i", 8)}));
  const Discovered found = workbench::discover(table, {"git_folder", "library_node", "other_node"});
  EXPECT_EQ(found.count("git_folder"), 2);
  EXPECT_EQ(table.calls_of("GET /api/2.0/workspace/list?path=/Users/a@x.example/checkout"), 0);
  EXPECT_EQ(found.count("library_node"), 1);
  EXPECT_EQ(found.listed.at("other_node"), 3);
  EXPECT_EQ(found.out_of_scope.at("other_node").at("counted as dashboard"), 1);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].code, "unknown-object-type");
  EXPECT_EQ(found.findings[0].where, "HOLOGRAM");
}

struct Catalogs : Table {
  Catalogs() {
    answer("GET /api/2.1/unity-catalog/catalogs?max_results=0",
           {{"catalogs",
             {{{"name", "main"}, {"catalog_type", "MANAGED_CATALOG"}},
              {{"name", "pg"}, {"catalog_type", "FOREIGN_CATALOG"}},
              {{"name", "system"}, {"catalog_type", "SYSTEM_CATALOG"}}}}});
    answer("GET /api/2.1/unity-catalog/schemas?catalog_name=main&max_results=0",
           {{"schemas",
             {{{"name", "sales"}, {"full_name", "main.sales"}},
              {{"name", "information_schema"}, {"full_name", "main.information_schema"}}}}});
    answer("GET /api/2.1/unity-catalog/table-summaries?catalog_name=main&max_results=0",
           {{"tables",
             {{{"full_name", "main.sales.orders"}},
              {{"full_name", "main.information_schema.tables"}}}}});
    answer("GET /api/2.1/unity-catalog/volumes?catalog_name=main&max_results=0&schema_name=sales",
           {{"volumes", {{{"full_name", "main.sales.raw"}}}}});
    answer("GET /api/2.1/unity-catalog/functions?catalog_name=main&max_results=0&schema_name=sales",
           Json::object());
  }
};

TEST(KindCounted, CatalogsAndSchemasAreListedOnceForAllThatIsInThem) {
  Catalogs table;
  const Discovered found =
      workbench::discover(table, {"catalog", "schema", "table", "volume", "function"});
  EXPECT_EQ(table.platform.calls().size(), 5U);
  EXPECT_EQ(found.count("catalog"), 2);
  EXPECT_EQ(found.out_of_scope.at("catalog").at("built in"), 1);
  EXPECT_TRUE(found.has_finding("foreign-catalog-not-entered"));
  EXPECT_EQ(found.listed.at("schema"), 2);
  EXPECT_EQ(found.out_of_scope.at("schema").at("built in"), 1);
  EXPECT_NE(found.find("table", "main.sales.orders"), nullptr);
  EXPECT_EQ(found.out_of_scope.at("table").at("built in"), 1);
  EXPECT_NE(found.find("volume", "main.sales.raw"), nullptr);
  EXPECT_EQ(found.count("function"), 0);
  EXPECT_TRUE(found.errors.empty());
}

TEST(KindCounted, WithoutCatalogsNothingInThemIsAvailable) {
  Table table;
  table.refuse("GET /api/2.1/unity-catalog/catalogs?max_results=0", "feature-disabled");
  const Discovered found = workbench::discover(table, {"catalog", "schema", "table", "volume"});
  EXPECT_EQ(found.errors.size(), 4U);
  EXPECT_EQ(table.platform.calls().size(), 1U);
}

TEST(KindCounted, APartThatCannotBeListedIsAFinding) {
  Catalogs table;
  table.refuse("GET /api/2.1/unity-catalog/schemas?catalog_name=main&max_results=0",
               "permission-denied");
  const Discovered found = workbench::discover(table, {"volume", "table"});
  ASSERT_TRUE(found.has_finding("list-incomplete"));
  EXPECT_EQ(found.findings[0].where, "main");
  EXPECT_EQ(found.count("table"), 1);
}

TEST(KindCounted, ListsPerParentUseTheParentsList) {
  Table table;
  table.answer("GET /api/2.0/vector-search/endpoints", {{"endpoints", {{{"name", "v1"}}}}});
  table.answer("GET /api/2.0/vector-search/indexes?endpoint_name=v1",
               {{"vector_indexes", {{{"name", "main.a.i"}}}}});
  table.answer("GET /api/2.0/database/instances?page_size=100",
               {{"database_instances", {{{"name", "db 1"}}}}});
  table.answer("GET /api/2.0/database/instances/db%201/synced_tables?page_size=100",
               {{"synced_tables", {{{"name", "main.a.t"}}}}});
  table.answer("GET /api/2.0/database/instances/db%201/catalogs?page_size=100", Json::object());
  const Discovered found =
      workbench::discover(table, {"vector_search_endpoint", "vector_index", "database_instance",
                                  "synced_table", "database_catalog"});
  EXPECT_EQ(table.platform.calls().size(), 5U);
  EXPECT_NE(found.find("vector_index", "main.a.i"), nullptr);
  EXPECT_NE(found.find("synced_table", "main.a.t"), nullptr);
  EXPECT_TRUE(found.findings.empty());
}

TEST(KindCounted, SingletonsKeepNothingOfTheirValues) {
  Table table;
  table.answer("GET /api/2.0/sql/config/warehouses",
               {{"data_access_config", {{{"key", "k"}, {"value", "canary"}}}}});
  table.answer("GET /api/2.1/unity-catalog/current-metastore-assignment",
               {{"metastore_id", "m-1"}, {"workspace_id", 7}});
  const Discovered found = workbench::discover(table, {"warehouse_config", "metastore"});
  EXPECT_EQ(found.at("warehouse_config", "workspace").document, Json::object());
  EXPECT_EQ(found.at("metastore", "m-1").id.id, "m-1");
}

TEST(KindCounted, SwitchesAreAskedTogetherThenOneByOne) {
  Table table;
  const auto keys_of = [&] {
    std::vector<std::string> keys;
    for (const engine::Call& call : table.platform.calls())
      keys.push_back(text_at(call.query, "keys"));
    return keys;
  };
  EXPECT_EQ(workbench::discover(table, {"workspace_conf"}).errors.at("workspace_conf").code,
            "not-found");
  const std::string all = keys_of().at(0);
  table.answer("GET /api/2.0/workspace-conf?keys=" + all,
               {{"enableWebTerminal", "true"}, {"enableDbfsFileBrowser", nullptr}});
  EXPECT_EQ(workbench::discover(table, {"workspace_conf"}).count("workspace_conf"), 1);

  table.refuse("GET /api/2.0/workspace-conf?keys=" + all, "bad-request");
  table.answer("GET /api/2.0/workspace-conf?keys=enableWebTerminal",
               {{"enableWebTerminal", "true"}});
  const Discovered found = workbench::discover(table, {"workspace_conf"});
  EXPECT_EQ(found.count("workspace_conf"), 1);
  EXPECT_NE(found.find("workspace_conf", "enableWebTerminal"), nullptr);
}

TEST(KindCounted, BuiltInDbfsFoldersAreNoEstate) {
  Table table;
  table.answer("GET /api/2.0/dbfs/list?path=/",
               {{"files", {{{"path", "/FileStore"}}, {{"path", "/databricks-datasets"}}}}});
  const Discovered found = workbench::discover(table, {"dbfs_root"});
  EXPECT_EQ(found.count("dbfs_root"), 1);
  EXPECT_EQ(found.out_of_scope.at("dbfs_root").at("built in"), 1);
}

}  // namespace
}  // namespace lakeshift
