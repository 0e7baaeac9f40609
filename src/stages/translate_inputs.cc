#include "stages/translate_inputs.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/world/links.h"
#include "sql/dialect.h"
#include "sql/parser.h"

namespace lakeshift::stages {
namespace {

bool has_extension(std::string_view name, const std::vector<std::string>& extensions) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string own = to_lower(name.substr(dot + 1));
  return std::ranges::find(extensions, own) != extensions.end();
}

struct Walk {
  world::Files& files;
  const std::string& root;
  const std::vector<std::string>& extensions;
  const std::vector<std::string>& without;
  SqlTree tree{};

  void folder(const std::string& relative) {
    auto names = files.list(relative.empty() ? root : root + "/" + relative);
    if (!names) return tree.unlisted.push_back(names.error());
    for (const std::string& name : *names) {
      const std::string inner = relative.empty() ? name : relative + "/" + name;
      if (files.is_directory(root + "/" + inner)) {
        const bool ours = std::ranges::find(without, root + "/" + inner) != without.end();
        if (name.starts_with('.') || ours) continue;
        if (world::is_link(root + "/" + inner))
          tree.others.push_back(inner + "/");
        else
          folder(inner);
      } else if (has_extension(name, extensions)) {
        tree.paths.push_back(inner);
      } else {
        tree.others.push_back(inner);
      }
    }
  }
};

// Why bytes are no SQL text at all; code "" when they may be.
Error judge_bytes(std::string_view bytes) {
  const auto first = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const bool marked =
      (first(0) == 0xFF && first(1) == 0xFE) || (first(0) == 0xFE && first(1) == 0xFF);
  const std::string_view head = bytes.substr(0, 4096);
  const auto zeros = static_cast<std::size_t>(std::ranges::count(head, '\0'));
  if (marked || (zeros > 0 && zeros * 3 > head.size()))
    return {"file-encoding", "the file is UTF-16, not UTF-8", {}, "save it as UTF-8"};
  if (zeros > 0)
    return {"file-binary",
            "the file is no text: it has NUL bytes",
            {},
            "move it out of the folder, or save it as text"};
  return {};
}

void add_names(const sql::Node* node, std::set<std::string>& names, std::set<std::string>& ctes) {
  if (!node) return;
  if (node->kind == sql::Kind::cte) ctes.insert(sql::plain_name(node->get(sql::Role::name)));
  if (node->kind == sql::Kind::table) names.insert(sql::plain_name(node->get(sql::Role::name)));
  if (node->kind == sql::Kind::call)
    if (const sql::Node* name = node->get(sql::Role::name)) names.insert(sql::plain_name(name));
  if (node->kind == sql::Kind::statement)
    for (const sql::Role role : {sql::Role::table, sql::Role::source, sql::Role::references})
      if (const sql::Node* name = node->get(role))
        if (name->kind == sql::Kind::name || name->kind == sql::Kind::ident)
          names.insert(sql::plain_name(name));
  if (const sql::Node* name = node->get(sql::Role::references)) names.insert(sql::plain_name(name));
  for (const sql::Node* kid : node->children()) add_names(kid, names, ctes);
}

Json type_json(const sql::Type& type) {
  return {static_cast<int>(type.base), type.precision, type.scale, type.length};
}

sql::Type type_from(const Json& json) {
  return {static_cast<sql::Base>(json.at(0).get<int>()), json.at(1).get<std::uint16_t>(),
          json.at(2).get<std::int16_t>(), json.at(3).get<std::uint32_t>()};
}

// The name of what a statement creates; empty when it creates nothing that lasts.
std::string created_name(const sql::Node* root) {
  const std::string_view row = root->text();
  if (!row.starts_with("create_") || root->says("TEMP") || root->says("TEMPORARY") ||
      root->says("LOCAL TEMP"))
    return {};
  for (const sql::Role role : {sql::Role::table, sql::Role::name})
    if (const sql::Node* name = root->get(role)) {
      std::string plain = sql::plain_name(name);
      return plain.starts_with('#') ? std::string() : plain;
    }
  return {};
}

SqlFacts::Alteration alteration_of(const sql::Node* root) {
  SqlFacts::Alteration change;
  change.table = sql::plain_name(root->get(sql::Role::table));
  sql::Catalog scratch;
  scratch.put({change.table});
  scratch.learn(root);
  if (const sql::Table* table = scratch.find(change.table)) change.added = table->columns;
  for (const sql::Node* action : root->children())
    if (action->role == sql::Role::action && !action->get(sql::Role::element))
      if (const sql::Node* name = action->get(sql::Role::name))
        if (!action->says("RENAME TO")) change.changed.push_back(sql::plain_name(name));
  return change;
}

Json columns_json(const std::vector<sql::Column>& columns) {
  Json list = Json::array();
  for (const sql::Column& one : columns)
    list.push_back({one.name, type_json(one.type),
                    (one.identity ? 1 : 0) + (one.has_default ? 2 : 0) + (one.not_null ? 4 : 0)});
  return list;
}

std::vector<sql::Column> columns_from(const Json& list) {
  std::vector<sql::Column> columns;
  for (const Json& one : list) {
    const int bits = one.at(2).get<int>();
    columns.push_back({one.at(0).get<std::string>(), type_from(one.at(1)), (bits & 1) != 0,
                       (bits & 2) != 0, (bits & 4) != 0});
  }
  return columns;
}

}  // namespace

Result<SqlTree> find_sql_files(world::Files& files, const std::string& root,
                               const std::vector<std::string>& extensions,
                               const std::vector<std::string>& without) {
  if (!files.exists(root))
    return fail("not-found", "there is no such folder", root, "check the path");
  if (!files.is_directory(root))
    return fail("not-a-directory", "this is a file", root,
                "give the folder, or the file on the standard input: translate sql -");
  Walk walk{files, root, extensions, without};
  walk.folder("");
  std::ranges::sort(walk.tree.paths);
  return std::move(walk.tree);
}

SqlFile read_sql_file(world::Files& files, const std::string& root, const std::string& path) {
  SqlFile file{path};
  auto text = files.read(root + "/" + path);
  if (!text) {
    file.problem = text.error();
    file.problem.code = "file-unreadable";
    return file;
  }
  file.digest = sha256_hex(*text);
  file.problem = judge_bytes(*text);
  file.problem.about = root + "/" + path;
  if (!file.failed()) file.text = std::move(*text);
  return file;
}

SqlFacts scan_sql(std::string_view text) {
  SqlFacts facts;
  sql::Catalog own;
  std::set<std::string> ctes, temporary;
  sql::StatementReader reader(text, *sql::find_dialect("redshift"));
  sql::Statement statement;
  while (reader.next(statement)) {
    const sql::Node* root = statement.root;
    if (!root) continue;
    add_names(root, facts.uses, ctes);
    if (root->kind != sql::Kind::statement) continue;
    if (const std::string name = created_name(root); !name.empty())
      facts.names.insert(name);
    else if (root->text().starts_with("create_") && root->get(sql::Role::table))
      temporary.insert(sql::plain_name(root->get(sql::Role::table)));
    if (root->text() == "alter_table") facts.alterations.push_back(alteration_of(root));
    if (!root->text().starts_with("create_")) continue;
    own.learn(root);
    const std::string name = sql::plain_name(root->get(sql::Role::name));
    if (const sql::Type* type = root->get(sql::Role::returns) ? own.find_function(name) : nullptr)
      facts.functions.emplace_back(name, *type);
  }
  for (const auto& [name, table] : own.tables())
    if (!table.temporary) facts.creates.push_back(table);
  for (const auto* mine : {&facts.names, &ctes, &temporary})
    for (const std::string& name : *mine) facts.uses.erase(name);
  facts.uses.erase("");
  return facts;
}

Json describe(const sql::Table& table) {
  return {{"name", table.name},
          {"columns", columns_json(table.columns)},
          {"keys", table.keys},
          {"view", table.view}};
}

sql::Table table_from(const Json& json) {
  return {text_at(json, "name"), columns_from(member(json, "columns")),
          member(json, "keys").get<std::vector<std::vector<std::string>>>(), false,
          bool_at(json, "view")};
}

Json describe(const SqlFacts& facts) {
  Json json = {{"names", facts.names}, {"uses", facts.uses}};
  for (const sql::Table& table : facts.creates) json["creates"].push_back(describe(table));
  for (const auto& [name, type] : facts.functions)
    json["functions"].push_back({name, type_json(type)});
  for (const auto& change : facts.alterations)
    json["alterations"].push_back({{"table", change.table},
                                   {"added", columns_json(change.added)},
                                   {"changed", change.changed}});
  return json;
}

SqlFacts facts_from(const Json& json) {
  SqlFacts facts;
  facts.names = member(json, "names").get<std::set<std::string>>();
  facts.uses = member(json, "uses").get<std::set<std::string>>();
  for (const Json& one : member(json, "creates")) facts.creates.push_back(table_from(one));
  for (const Json& one : member(json, "functions"))
    facts.functions.emplace_back(one.at(0).get<std::string>(), type_from(one.at(1)));
  for (const Json& one : member(json, "alterations"))
    facts.alterations.push_back({text_at(one, "table"), columns_from(member(one, "added")),
                                 member(one, "changed").get<std::vector<std::string>>()});
  return facts;
}

}  // namespace lakeshift::stages
