// Folders, notebooks and files: one walk of the tree, content, calls.
#include "knowledge/kinds/tree_walk.h"
#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using workbench::calls_of;
using workbench::Discovered;
using workbench::Planning;
using workbench::Table;

Json node(const std::string& type, const std::string& path, int id) {
  return {{"object_type", type}, {"path", path}, {"object_id", id}};
}
Json notebook_node(const std::string& path, int id, const std::string& language = "PYTHON") {
  Json document = node("NOTEBOOK", path, id);
  document["language"] = language;
  return document;
}
Json can(const std::string& member, const std::string& who, const std::string& level) {
  return {{"access_control_list",
           Json::array({{{member, who},
                         {"all_permissions",
                          Json::array({{{"permission_level", level}, {"inherited", false}}})}}})}};
}
std::string export_call(const std::string& path, const std::string& format) {
  return "GET /api/2.0/workspace/export?direct_download=true&format=" + format + "&path=" + path;
}

// A small tree; permissions are empty unless a test says otherwise.
struct Tree : Table {
  Tree() {
    folder("/", Json::array({node("DIRECTORY", "/Users", 1), node("DIRECTORY", "/Shared", 2)}));
    folder("/Users", Json::array({node("DIRECTORY", "/Users/a@x.example", 3)}));
    folder("/Users/a@x.example", Json::array({notebook_node("/Users/a@x.example/etl", 4),
                                              node("DIRECTORY", "/Users/a@x.example/Trash", 5)}));
    folder(
        "/Shared",
        Json::array({node("FILE", "/Shared/100% größe/ä.txt", 6), node("REPO", "/Shared/repo", 7),
                     node("LIBRARY", "/Shared/lib", 8), node("DASHBOARD", "/Shared/board", 9)}));
    for (const char* object : {"directories/3", "notebooks/4", "files/6"})
      answer(std::string("GET /api/2.0/permissions/") + object,
             {{"access_control_list", Json::array()}});
    answer(export_call("/Users/a@x.example/etl", "SOURCE"),
           "# Databricks notebook source\nprint(1)\n\n\n");
    answer(export_call("/Shared/100% größe/ä.txt", "AUTO"),
           "# Databricks notebook source\nI am a text\r\n\n");
  }
};

TEST(KindTree, EveryFolderIsListedOnceForAllKinds) {
  Tree tree;
  const Discovered found = workbench::discover(tree, {"directory", "notebook", "workspace_file"});

  for (const char* path : {"/", "/Users", "/Shared", "/Users/a@x.example"})
    EXPECT_EQ(tree.calls_of(std::string("GET /api/2.0/workspace/list?path=") + path), 1) << path;
  EXPECT_EQ(tree.calls_of("GET /api/2.0/workspace/list?path=/Users/a@x.example/Trash"), 0);
  EXPECT_EQ(tree.calls_of("GET /api/2.0/workspace/list?path=/Shared/repo"), 0);
  EXPECT_EQ(found.count("directory"), 3);
  EXPECT_EQ(found.listed.at("directory"), 4);
  EXPECT_EQ(found.out_of_scope.at("directory").at("trash"), 1);
  EXPECT_EQ(found.count("notebook"), 1);
  EXPECT_EQ(found.count("workspace_file"), 1);
}

TEST(KindTree, ARefusedRootIsAnErrorOfEveryKind) {
  Tree tree;
  tree.refuse("GET /api/2.0/workspace/list?path=/", "feature-disabled");
  const Discovered found = workbench::discover(tree, {"directory", "notebook"});
  EXPECT_EQ(found.errors.at("directory").code, "feature-disabled");
  EXPECT_EQ(found.errors.at("notebook").code, "feature-disabled");
  EXPECT_EQ(tree.platform.calls().size(), 1U);
}

TEST(KindTree, AFolderThatCannotBeListedIsUnreadAndBlocksNothingElse) {
  Tree tree;
  tree.refuse("GET /api/2.0/workspace/list?path=/Users/a@x.example", "permission-denied");
  const Discovered found = workbench::discover(tree, {"directory", "workspace_file"});
  EXPECT_EQ(found.at("directory", "/Users/a@x.example").unread_code, "permission-denied");
  EXPECT_TRUE(found.has_finding("folder-not-listed"));
  EXPECT_EQ(found.count("workspace_file"), 1);
}

TEST(KindTree, AFolderThatVanishedIsOutOfScope) {
  Tree tree;
  tree.refuse("GET /api/2.0/workspace/list?path=/Users/a@x.example", "not-found");
  const Discovered found = workbench::discover(tree, {"directory"});
  EXPECT_EQ(found.find("directory", "/Users/a@x.example"), nullptr);
  EXPECT_EQ(found.out_of_scope.at("directory").at("vanished during discovery"), 1);
}

TEST(KindTree, AFolderThatNamesItselfEndsTheWalk) {
  Tree tree;
  tree.folder("/Shared", Json::array({node("DIRECTORY", "/Shared", 2), node("DIRECTORY", "/", 1)}));
  const Discovered found = workbench::discover(tree, {"directory"});
  EXPECT_EQ(tree.calls_of("GET /api/2.0/workspace/list?path=/Shared"), 1);
  EXPECT_EQ(tree.calls_of("GET /api/2.0/workspace/list?path=/"), 1);
}

TEST(KindTree, PathWords) {
  EXPECT_TRUE(kinds::is_trash("/Users/a@x.example/Trash"));
  EXPECT_FALSE(kinds::is_trash("/Users/a@x.example/Trash/x"));
  EXPECT_FALSE(kinds::is_trash("/Shared/a/Trash"));
  EXPECT_EQ(kinds::parent_folder("/a/b/c"), "/a/b");
  EXPECT_EQ(kinds::parent_folder("/a"), "/");
}

TEST(KindDirectory, GrantsOfRootsAreNotRead) {
  Tree tree;
  tree.answer("GET /api/2.0/permissions/directories/3",
              can("user_name", "a@x.example", "CAN_MANAGE"));
  const Discovered found = workbench::discover(tree, {"directory"});
  EXPECT_FALSE(found.at("directory", "/Shared").document.contains("$permissions"));
  EXPECT_EQ(tree.calls_of("GET /api/2.0/permissions/directories/2"), 0);
  EXPECT_EQ(found.at("directory", "/Users/a@x.example").document["$permissions"],
            Json::parse(R"([{"user_name":"a@x.example","permission_level":"CAN_MANAGE"}])"));
  EXPECT_EQ(found.at("directory", "/Users/a@x.example").document["$home_of_user"], "a@x.example");
}

TEST(KindDirectory, IsMadeThenLookedUpThenGranted) {
  Json desired = node("DIRECTORY", "/Shared/team a/ü", 5);
  desired["$permissions"] = Json::parse(R"([{"group_name":"data","permission_level":"CAN_EDIT"}])");
  const model::Change change = workbench::plan({.kind = "directory", .desired = desired});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          R"(POST /api/2.0/workspace/mkdirs {"path":"/Shared/team a/ü"})",
          R"(GET /api/2.0/workspace/get-status?{"path":"/Shared/team a/ü"})",
          "PUT /api/2.0/permissions/directories/${ref:directory:/Shared/team a/ü:id} "
          R"({"access_control_list":[{"group_name":"data","permission_level":"CAN_EDIT"}]})"}));
  EXPECT_EQ(change.actions[0].effect, model::Effect::idempotent);
  EXPECT_EQ(change.actions[1].binds, "object_id");
  EXPECT_EQ(workbench::kind_named("directory").implied_needs(desired),
            (std::vector<std::pair<std::string, std::string>>{{"directory", "/Shared/team a"}}));
}

TEST(KindDirectory, HomesAndRootsAreOnlyLookedUp) {
  for (const char* path :
       {"/Users/a@x.example", "/Users/0ad7c4c1-6c3f-4a6c-93a2-000000000001", "/Repos"}) {
    const model::Change change =
        workbench::plan({.kind = "directory", .desired = node("DIRECTORY", path, 5)});
    ASSERT_EQ(change.actions.size(), 1U) << path;
    EXPECT_EQ(change.actions[0].method, "GET");
    EXPECT_EQ(change.actions[0].effect, model::Effect::read);
    EXPECT_FALSE(change.actions[0].note.empty());
  }
}

TEST(KindDirectory, OfAnExistingFolderOnlyGrantsChange) {
  Json desired = node("DIRECTORY", "/Shared/x", 5);
  desired["$permissions"] = Json::array();
  Json actual = node("DIRECTORY", "/Shared/x", 88);
  actual["$permissions"] = Json::parse(R"([{"group_name":"old","permission_level":"CAN_READ"}])");
  const model::Change change =
      workbench::plan({.kind = "directory", .desired = desired, .actual = {.document = actual}});
  EXPECT_EQ(calls_of(change),
            (std::vector<std::string>{
                R"(PUT /api/2.0/permissions/directories/88 {"access_control_list":[]})"}));
  ASSERT_EQ(change.differences.size(), 1U);
  EXPECT_EQ(change.differences[0].path, "$permissions[0]");
}

TEST(KindNotebook, SourceIsKeptWithOneLineEnd) {
  Tree tree;
  const Discovered found = workbench::discover(tree, {"notebook"});
  const model::Object& object = found.at("notebook", "/Users/a@x.example/etl");
  EXPECT_EQ(found.contents.at(object.content), "# Databricks notebook source\nprint(1)\n");
  EXPECT_EQ(object.id.id, "4");
  EXPECT_TRUE(found.has_finding("notebook-history-not-moved"));
}

TEST(KindNotebook, TrailingLineEndsDoNotChangeTheDigest) {
  std::vector<std::string> digests;
  for (const char* text : {"a\r\nb", "a\r\nb\n", "a\r\nb\r\n\n"}) {
    Tree tree;
    tree.answer(export_call("/Users/a@x.example/etl", "SOURCE"), text);
    digests.push_back(
        workbench::discover(tree, {"notebook"}).at("notebook", "/Users/a@x.example/etl").content);
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
}

TEST(KindNotebook, AnEmptyNotebookHasContent) {
  Tree tree;
  tree.answer(export_call("/Users/a@x.example/etl", "SOURCE"), "\n");
  const Discovered found = workbench::discover(tree, {"notebook"});
  EXPECT_EQ(found.at("notebook", "/Users/a@x.example/etl").content, sha256_hex(""));
}

TEST(KindNotebook, TooLargeIsForAPerson) {
  Tree tree;
  tree.refuse(export_call("/Users/a@x.example/etl", "SOURCE"), "max-notebook-size-exceeded");
  const Discovered found = workbench::discover(tree, {"notebook"});
  const model::Object& object = found.at("notebook", "/Users/a@x.example/etl");
  EXPECT_TRUE(object.unread_code.empty());
  EXPECT_TRUE(object.content.empty());
  const model::Change change = workbench::plan({.kind = "notebook", .desired = object.document});
  EXPECT_EQ(change.verb, model::Verb::manual);
  EXPECT_EQ(change.code, "notebook-too-large");
  EXPECT_FALSE(change.owner.empty());
}

TEST(KindNotebook, AnExportThatFailsLeavesItUnread) {
  Tree tree;
  tree.refuse(export_call("/Users/a@x.example/etl", "SOURCE"), "internal-error");
  EXPECT_EQ(
      workbench::discover(tree, {"notebook"}).at("notebook", "/Users/a@x.example/etl").unread_code,
      "internal-error");
}

TEST(KindNotebook, AVanishedOneIsOutOfScope) {
  Tree tree;
  tree.refuse(export_call("/Users/a@x.example/etl", "SOURCE"), "not-found");
  const Discovered found = workbench::discover(tree, {"notebook"});
  EXPECT_EQ(found.count("notebook"), 0);
  EXPECT_EQ(found.listed.at("notebook"), 1);
  EXPECT_EQ(found.out_of_scope.at("notebook").at("vanished during discovery"), 1);
}

TEST(KindNotebook, ACreateNeverOverwrites) {
  const model::Change change = workbench::plan(
      {.kind = "notebook", .desired = notebook_node("/Shared/n", 4, "SQL"), .content = "abc"});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          "POST /api/2.0/workspace/import "
          R"({"content":{"$content":{"encoding":"base64","sha256":"abc"}},"format":"SOURCE","language":"SQL",)"
          R"("overwrite":false,"path":"/Shared/n"})",
          R"(GET /api/2.0/workspace/get-status?{"path":"/Shared/n"})"}));
  EXPECT_EQ(change.actions[0].tolerated, std::vector<std::string>{"already-exists"});
}

TEST(KindNotebook, AnUpdateOverwritesOnlyOtherContent) {
  Planning planning{.kind = "notebook",
                    .desired = notebook_node("/Shared/n", 4),
                    .actual = {.document = notebook_node("/Shared/n", 9), .content = "old"},
                    .content = "new"};
  const model::Change change = workbench::plan(planning);
  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_EQ(change.actions[0].body["overwrite"], true);
  EXPECT_TRUE(change.actions[0].tolerated.empty());
  planning.actual.content = "new";
  EXPECT_TRUE(workbench::plan(planning).actions.empty());
}

TEST(KindNotebook, AnotherLanguageMeansReplacement) {
  const model::Change change =
      workbench::plan({.kind = "notebook",
                       .desired = notebook_node("/Shared/n", 4, "SQL"),
                       .actual = {.document = notebook_node("/Shared/n", 9, "PYTHON")}});
  ASSERT_EQ(change.differences.size(), 1U);
  EXPECT_EQ(change.differences[0].path, "language");
  EXPECT_TRUE(change.differences[0].replaces);
}

TEST(KindWorkspaceFile, BytesStayAsTheyAre) {
  Tree tree;
  const Discovered found = workbench::discover(tree, {"workspace_file"});
  const model::Object& object = found.at("workspace_file", "/Shared/100% größe/ä.txt");
  EXPECT_EQ(found.contents.at(object.content), "# Databricks notebook source\nI am a text\r\n\n");
}

TEST(KindWorkspaceFile, ATextWithANotebooksHeaderStaysAFile) {
  const model::Change change = workbench::plan(
      {.kind = "workspace_file", .desired = node("FILE", "/Shared/a.py", 4), .content = "abc"});
  EXPECT_EQ(change.actions[0].body["format"], "RAW");
  EXPECT_FALSE(change.actions[0].body.contains("language"));
}

TEST(KindWorkspaceFile, ALargeOneIsNotReadAtAll) {
  Tree tree;
  Json large = node("FILE", "/Shared/big.bin", 6);
  large["size"] = 10 * 1024 * 1024 + 1;
  tree.folder("/Shared", Json::array({large}));
  const Discovered found = workbench::discover(tree, {"workspace_file"});
  EXPECT_EQ(tree.calls_of(export_call("/Shared/big.bin", "AUTO")), 0);
  const model::Change change =
      workbench::plan({.kind = "workspace_file",
                       .desired = found.at("workspace_file", "/Shared/big.bin").document});
  EXPECT_EQ(change.code, "file-too-large");
  EXPECT_EQ(change.verb, model::Verb::manual);
}

}  // namespace
}  // namespace lakeshift
