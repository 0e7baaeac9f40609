#include "sql/catalog.h"

#include <algorithm>

namespace lakeshift::sql {
namespace {

std::vector<std::string> names_of(const Node* list) {
  std::vector<std::string> names;
  if (list)
    for (const Node* one : list->children()) names.push_back(plain_name(one));
  return names;
}

void read_column(const Node* element, Table& table) {
  Column column{plain_name(element->get(Role::name)), read_type(element->get(Role::type))};
  for (const Node* attribute : element->children()) {
    if (attribute->role != Role::attributes) continue;
    if (attribute->says("IDENTITY") || attribute->says("AS IDENTITY")) column.identity = true;
    for (const Node* word : attribute->children())
      if (word->kind == Kind::words && word->text().ends_with("IDENTITY")) column.identity = true;
    if (attribute->get(Role::default_value)) column.has_default = true;
    if (attribute->says("NOT NULL")) column.not_null = true;
    if (attribute->says("PRIMARY KEY") || attribute->says("UNIQUE"))
      table.keys.push_back({column.name});
  }
  table.columns.push_back(std::move(column));
}

}  // namespace

std::string plain_ident(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '`')) {
    const char mark = text.front();
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      if (text[i] == mark && i + 1 < text.size() && text[i + 1] == mark) ++i;
    }
    return lower_case(out);
  }
  return lower_case(text);
}

std::string last_part(std::string_view name) {
  return std::string(name.substr(name.rfind('.') + 1));
}

std::string plain_name(const Node* name) {
  if (!name) return {};
  if (name->kind != Kind::name) {
    if (name->kind == Kind::table) return plain_name(name->get(Role::name));
    return plain_ident(name->text());
  }
  std::string out;
  for (const Node* part : name->children()) {
    if (!out.empty()) out += '.';
    out += plain_ident(part->text());
  }
  return out;
}

const Column* Table::find(std::string_view column) const {
  for (const Column& one : columns)
    if (same_word(one.name, column)) return &one;
  return nullptr;
}

void Catalog::put(Table table) {
  by_last_name_[last_part(table.name)].insert(table.name);
  dropped_.erase(table.name);
  tables_[table.name] = std::move(table);
}

void Catalog::forget(std::string_view table) {
  if (base_) dropped_.emplace(table);
  const auto found = tables_.find(table);
  if (found == tables_.end()) return;
  by_last_name_[last_part(table)].erase(found->first);
  tables_.erase(found);
}

void Catalog::learn_function(std::string_view name, Type returns) {
  functions_[last_part(name)] = returns;
}

const Table* Catalog::find(std::string_view name) const {
  if (const auto found = tables_.find(name); found != tables_.end()) return &found->second;
  if (!base_) return find_own(name);
  asked_tables_.emplace(name);
  const Table* below = base_->find(name);
  if (below && dropped_.contains(below->name)) below = nullptr;
  if (below && below->name == name) return below;
  const Table* own = find_own(name);
  return own ? own : below;
}

const Table* Catalog::find_own(std::string_view name) const {
  const auto named = by_last_name_.find(last_part(name));
  if (named == by_last_name_.end() || named->second.empty()) return nullptr;
  // db.schema.table and schema.table are one when the longer ends with the shorter
  const Table* only = nullptr;
  for (const std::string& candidate : named->second) {
    const bool suffix =
        name.ends_with("." + candidate) || candidate.ends_with("." + std::string(name));
    if (!suffix) continue;
    if (only) return nullptr;
    only = &tables_.find(candidate)->second;
  }
  return only;
}

const Type* Catalog::find_function(std::string_view name) const {
  const auto found = functions_.find(last_part(name));
  if (found != functions_.end()) return &found->second;
  if (!base_) return nullptr;
  asked_functions_.emplace(last_part(name));
  return base_->find_function(name);
}

void Catalog::learn_procedure(std::string name, std::string_view text) {
  // the one said last is last: a text that redefines a procedure is read again where it stands
  std::vector<std::string>& texts = procedures_[std::move(name)];
  std::erase(texts, text);
  texts.emplace_back(text);
}

std::vector<std::string_view> Catalog::find_procedures(std::string_view name) const {
  const std::vector<std::string>* found = nullptr;
  if (const auto exact = procedures_.find(name); exact != procedures_.end()) {
    found = &exact->second;
  } else {
    for (const auto& [known, texts] : procedures_) {
      if (last_part(known) != last_part(name)) continue;
      if (known.find('.') != known.npos && name.find('.') != name.npos) continue;
      if (found) return {};
      found = &texts;
    }
  }
  if (!found) return base_ ? base_->find_procedures(name) : std::vector<std::string_view>{};
  return {found->begin(), found->end()};
}

void Catalog::learn(const Node* statement) {
  if (!statement || statement->kind != Kind::statement) return;
  const std::string_view row = statement->text();
  if (row == "create_table" || row == "create_external_table") {
    Table table{plain_name(statement->get(Role::table))};
    table.temporary = statement->says("TEMP") || statement->says("TEMPORARY") ||
                      statement->says("LOCAL TEMP") || table.name.starts_with('#');
    const Node* columns = statement->get(Role::columns);
    if (!columns) return;
    for (const Node* element : columns->children()) {
      if (const Node* column = element->get(Role::element)) {
        read_column(column, table);
      } else if (element->text() == "external_column") {
        table.columns.push_back(
            {plain_name(element->get(Role::name)), read_type(element->get(Role::type))});
      } else if (const Node* like = element->get(Role::source)) {
        if (const Table* other = find(plain_name(like)))
          table.columns.insert(table.columns.end(), other->columns.begin(), other->columns.end());
      } else if (const Node* constraint = element->get(Role::constraint)) {
        if (constraint->says("PRIMARY KEY") || constraint->says("UNIQUE"))
          table.keys.push_back(names_of(constraint->get(Role::columns)));
      }
    }
    for (const Node* attribute : statement->children())
      if (const Node* partition = attribute->get(Role::partition))
        for (const Node* one : partition->children())
          table.columns.push_back(
              {plain_name(one->get(Role::name)), read_type(one->get(Role::type))});
    put(std::move(table));
  } else if (row == "drop_table" || row == "drop_view") {
    if (const Node* names = statement->get(Role::names))
      for (const Node* name : names->children()) forget(plain_name(name));
  } else if (row == "create_function" || row == "create_external_function") {
    learn_function(plain_name(statement->get(Role::name)),
                   read_type(statement->get(Role::returns)));
  } else if (row == "create_model") {  // its function is the user's to make again
    const Node* name = nullptr;
    const auto read = [&](const Node* option) {
      if (const Node* function = option->get(Role::function)) name = function;
    };
    for (const Node* option : statement->children()) {
      if (option->kind == Kind::list)
        for (const Node* one : option->children()) read(one);
      else
        read(option);
    }
    if (name) learn_function(plain_name(name), {});
  } else if (row == "alter_table") {
    const Table* known = find(plain_name(statement->get(Role::table)));
    if (!known) return;
    Table table = *known;
    for (const Node* action : statement->children()) {
      if (action->role != Role::action) continue;
      if (const Node* added = action->get(Role::element)) read_column(added, table);
      const Node* name = action->get(Role::name);
      if (!name) continue;
      const std::string column = plain_name(name);
      if (action->says("DROP") || action->says("DROP COLUMN"))
        std::erase_if(table.columns, [&](const Column& one) { return one.name == column; });
      for (Column& one : table.columns) {
        if (one.name != column) continue;
        if (const Node* to = action->get(Role::to)) one.name = plain_name(to);
        if (const Node* type = action->get(Role::type)) one.type = read_type(type);
      }
    }
    put(std::move(table));
  }
}

std::vector<Finding> Catalog::read(std::string_view text) {
  std::vector<Finding> findings;
  std::map<std::string, Table> read;
  std::uint32_t begin = 0;
  while (begin < text.size()) {
    const auto end = static_cast<std::uint32_t>(std::min(text.find('\n', begin), text.size()));
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto first = line.find('\t');
    const auto second = first == line.npos ? line.npos : line.find('\t', first + 1);
    const bool blank = line.empty() || line.front() == '#';
    const Type type = second == line.npos ? Type{} : read_type(line.substr(second + 1));
    if (!blank && !type.known()) {
      findings.push_back({"sql-bad-catalog", Severity::error, begin, end,
                          "the line is not table, column and type with tabs between",
                          "write one column a line: schema.table<TAB>column<TAB>type"});
    } else if (!blank) {
      Table& table = read[lower_case(line.substr(0, first))];
      table.columns.push_back({lower_case(line.substr(first + 1, second - first - 1)), type});
    }
    begin = end + 1;
  }
  for (auto& [name, table] : read) {
    table.name = name;
    put(std::move(table));
  }
  return findings;
}

}  // namespace lakeshift::sql
