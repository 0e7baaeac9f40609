// ALTER TABLE, and ALTER TABLE … APPEND, which moves rows.
#include "sql/translate/layout.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::alter_table {
namespace {

constexpr std::string_view kRows[] = {"alter_table", "alter_table_append"};

bool says(const Node* node, std::string_view word) {
  for (const Node* kid : node->children())
    if (kid->kind == Kind::words && kid->text().find(word) != std::string_view::npos) return true;
  return false;
}

// The number of rows is a hint for the planner.
bool only_rows(const Node* properties) {
  for (const Node* one : properties->children()) {
    std::string key;
    if (!one->get(Role::key) || !read_string(one->get(Role::key), key) ||
        !same_word(key, "numRows"))
      return false;
  }
  return true;
}

Node* append(Rewriter& rewriter, const Node* node) {
  const Node* target = node->get(Role::table);
  const Node* source = node->get(Role::source);
  rewriter.applied("append-to-insert");
  rewriter.warn(node, "sql-append",
                "APPEND moves rows at once; here they are inserted, then taken from the source: "
                "others see both in between",
                "let nobody read until both statements have run");
  if (says(node, "IGNOREEXTRA") || says(node, "FILLTARGET"))
    rewriter.refuse(node, "sql-no-equivalent", "IGNOREEXTRA and FILLTARGET have no equivalent",
                    "name the columns: INSERT INTO t (…) SELECT …");
  rewriter.after.push_back(
      assemble(rewriter, nullptr, "truncate",
               {rewriter.words("TRUNCATE TABLE"), rewriter.object_name(source)}));
  return assemble(rewriter, node, "insert",
                  {rewriter.words("INSERT INTO"), rewriter.object_name(target),
                   rewriter.words("BY NAME SELECT * FROM"), rewriter.object_name(source)});
}

// PARTITION (day = '2020-01-01') of an external table.
void push_partition(Rewriter& rewriter, const Node* from, std::vector<Node*>& kids) {
  kids.push_back(rewriter.words("PARTITION"));
  kids.push_back(rewriter.words("("));
  const Node* list = from->get(Role::partition);
  for (const Node* each : list->children()) {
    if (each != list->at(0)) kids.push_back(rewriter.words(","));
    kids.push_back(rewriter.output_name(each->get(Role::target)));
    kids.push_back(rewriter.words("="));
    kids.push_back(rewriter.expression(each->get(Role::value)).node);
  }
  kids.push_back(rewriter.words(")"));
}

void push_location(Rewriter& rewriter, std::string_view words, const Node* from,
                   std::vector<Node*>& kids) {
  const Node* location = from->get(Role::location);
  if (!location) return;
  kids.push_back(rewriter.words(words));
  kids.push_back(rewriter.as(Role::none, location));
}

// What only external tables have; null when the action is another.
Node* external(Rewriter& rewriter, const Node* name, const Node* action) {
  const bool drops = says(action, "DROP") && action->get(Role::partition);
  if (!drops && !action->get(Role::branches) && !says(action, "SET LOCATION")) return nullptr;
  std::vector<Node*> kids{rewriter.words("ALTER TABLE"), rewriter.object_name(name)};
  if (drops) {
    kids.push_back(rewriter.words(says(action, "IF EXISTS") ? "DROP IF EXISTS" : "DROP"));
    push_partition(rewriter, action, kids);
  } else if (action->get(Role::branches)) {
    kids.push_back(rewriter.words(says(action, "IF NOT EXISTS") ? "ADD IF NOT EXISTS" : "ADD"));
    for (const Node* each : action->children()) {
      if (each->role != Role::branches) continue;
      push_partition(rewriter, each, kids);
      push_location(rewriter, "LOCATION", each, kids);
    }
  } else {
    if (action->get(Role::partition)) push_partition(rewriter, action, kids);
    push_location(rewriter, "SET LOCATION", action, kids);
  }
  rewriter.applied("external-table");
  Node* out = rewriter.make(Kind::statement, kids);
  out->set_text("alter_table");
  return out;
}

Node* one(Rewriter& rewriter, const Node* node, const Node* name, const Node* action) {
  if (Node* made = external(rewriter, name, action)) return made;
  const auto alter = [&](std::initializer_list<Node*> rest) {
    std::vector<Node*> kids{rewriter.words("ALTER TABLE"), rewriter.object_name(name)};
    for (Node* kid : rest)
      if (kid) kids.push_back(kid);
    Node* out = rewriter.make(Kind::statement, kids);
    out->set_text("alter_table");
    return out;
  };
  const Node* column = action->get(Role::name);
  if (const Node* properties = action->get(Role::properties); properties && only_rows(properties)) {
    rewriter.note(action, "sql-external-format",
                  "numRows is left out: Databricks counts the rows of a table itself",
                  "ANALYZE TABLE … COMPUTE STATISTICS");
    return nullptr;
  }
  if (const Node* element = action->get(Role::element)) {
    for (const Node* attribute : element->children())
      if (attribute->role == Role::attributes && attribute->get(Role::default_value) &&
          attribute->get(Role::default_value)->kind != Kind::null) {
        rewriter.refuse(
            attribute, "sql-add-default",
            "a new column with a DEFAULT has NULL in the rows that are there, in Databricks",
            "add the column, UPDATE the rows, then set the default");
        return nullptr;
      } else if (attribute->role == Role::attributes && says(attribute, "NOT NULL")) {
        rewriter.refuse(attribute, "sql-add-default", "a new column cannot be NOT NULL",
                        "add the column, fill it, then ALTER COLUMN … SET NOT NULL");
        return nullptr;
      }
    return alter({rewriter.words("ADD COLUMN"), rewriter.output_name(element->get(Role::name)),
                  column_type(rewriter, element->get(Role::type))});
  }
  if (says(action, "RENAME COLUMN") || (says(action, "RENAME") && action->get(Role::to))) {
    rewriter.note(action, "sql-column-mapping",
                  "renaming and dropping columns needs column mapping",
                  "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    return alter({rewriter.words("RENAME COLUMN"), rewriter.output_name(column),
                  rewriter.words("TO"), rewriter.output_name(action->get(Role::to))});
  }
  if (says(action, "RENAME TO"))
    return alter({rewriter.words("RENAME TO"), column->kind == Kind::name
                                                   ? rewriter.object_name(column)
                                                   : rewriter.output_name(column)});
  if (says(action, "OWNER TO"))
    return alter({rewriter.words("SET OWNER TO"), rewriter.output_name(action->get(Role::user))});
  if (says(action, "DROP CONSTRAINT"))
    return alter(
        {rewriter.words("DROP CONSTRAINT"), rewriter.output_name(action->get(Role::constraint))});
  if (says(action, "SORTKEY") && action->get(Role::columns)) {
    std::vector<Node*> keys;
    for (const Node* key : action->get(Role::columns)->children())
      if (keys.size() < 4) keys.push_back(rewriter.output_name(key));
    rewriter.applied("sortkey-to-cluster");
    return alter({rewriter.words("CLUSTER BY"), rewriter.list(keys, true)});
  }
  if (says(action, "DIST") || says(action, "SORTKEY") || says(action, "ENCODE")) {
    rewriter.note(action, "sql-distribution",
                  "keys of distribution, automatic sort keys and encodings are left out: Delta "
                  "tables have none",
                  "");
    return nullptr;
  }
  if (says(action, "DROP") && column && !says(action, "NOT NULL") && !says(action, "DEFAULT") &&
      !says(action, "PARTITION")) {
    rewriter.note(action, "sql-column-mapping",
                  "renaming and dropping columns needs column mapping",
                  "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    return alter({rewriter.words("DROP COLUMN"), rewriter.output_name(column)});
  }
  if (const Node* type = action->get(Role::type); type && column)
    return alter({rewriter.words("ALTER COLUMN"), rewriter.output_name(column),
                  rewriter.words("TYPE"), column_type(rewriter, type)});
  rewriter.refuse(action, "sql-not-translated", "this change of a table is not translated",
                  "write it for Databricks: ALTER TABLE " + plain_name(name) + " …");
  (void)node;
  return nullptr;
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "alter_table_append") return append(rewriter, node);
  const Node* table = node->get(Role::table);
  const Node* name = table->kind == Kind::table ? table->get(Role::name) : table;
  Node* first = nullptr;
  const auto visit = [&](const Node* action) {
    Node* made = one(rewriter, node, name, action);
    if (!made) return;
    if (first)
      rewriter.after.push_back(made);
    else
      first = rewriter.at(node, made);
  };
  for (const Node* kid : node->children()) {
    if (kid->role != Role::action) continue;
    if (kid->kind == Kind::list)
      for (const Node* action : kid->children()) visit(action);
    else
      visit(kid);
  }
  rewriter.applied("alter-table");
  return first;
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::alter_table
