// INSERT, TRUNCATE. Values are converted as Redshift does on assignment.
#include <algorithm>

#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::insert {
namespace {

constexpr std::string_view kRows[] = {"insert", "truncate"};

bool is_scalar_constant(const Node* value) {
  if (value->kind == Kind::unary && value->count == 1) value = value->at(0);
  return value->kind == Kind::number || value->kind == Kind::boolean;
}

bool is_variant(const Node* value) {
  if (value->kind != Kind::cast) return false;
  const Node* type = value->get(Role::type);
  return type && same_word(type->text(), "VARIANT");
}

// A column that one row gives an ARRAY is SUPER, also where the table is unknown.
void find_documents(Rewriter& rewriter, const Node* values, std::vector<Type>& types) {
  if (!values || values->kind != Kind::values) return;
  for (const Node* row : values->children())
    for (std::uint32_t i = 0; i < row->count; ++i) {
      if (!is_variant(row->at(i)) || (i < types.size() && types[i].known())) continue;
      if (types.size() <= i) types.resize(i + 1);
      types[i] = type_of(Base::super);
      rewriter.applied("values-of-super");
    }
}

// A constant written into a column takes the column's type, in every row.
void convert_values(Rewriter& rewriter, Node* query, const std::vector<Type>& types) {
  Node* body = query->get(Role::body);
  if (!body || body->kind != Kind::values) return;
  for (Node* row : body->children())
    for (std::uint32_t i = 0; i < row->count && i < types.size(); ++i) {
      Node* value = row->kids[i];
      if (value->kind == Kind::string) {
        const Expr one = rewriter.coerce({value, type_of(Base::literal)}, types[i]);
        if (!types[i].is_float() && !types[i].is(Base::super))
          row->kids[i] = rewriter.as(Role::none, one.node);
        std::string text;
        if (types[i].is(Base::char_) && read_string(value, text) && text.ends_with(' ')) {
          while (text.ends_with(' ')) text.pop_back();
          row->kids[i] = rewriter.string(text);
        }
        if (types[i].is(Base::super)) row->kids[i] = rewriter.cast(value, "VARIANT");
      } else if (types[i].is(Base::super) && is_scalar_constant(value)) {
        row->kids[i] = rewriter.cast(value, "VARIANT");
      } else if (types[i].is_integer() && value->kind == Kind::number &&
                 value->text().find('.') != std::string_view::npos) {
        row->kids[i] = rewriter.fill("CAST(round($1) AS BIGINT)", {value});
      }
    }
}

// The same for the columns of a query: rounding to integers, blanks behind CHAR.
void convert_columns(Rewriter& rewriter, Node* query, const std::vector<OutputColumn>& columns,
                     const std::vector<Type>& types) {
  Node* body = query->get(Role::body);
  Node* items = body && body->kind == Kind::select ? body->get(Role::items) : nullptr;
  if (!items || items->count != columns.size()) return;
  for (std::uint32_t i = 0; i < items->count && i < types.size(); ++i) {
    Node*& slot =
        items->kids[i]->kind == Kind::select_item ? items->kids[i]->kids[0] : items->kids[i];
    const Type& from = columns[i].type;
    if (slot->kind == Kind::star) return;
    if (types[i].is_integer() && (from.is(Base::decimal) || from.is_float()))
      slot = rewriter.call(from.is_float() ? "bround" : "round", {slot});
    else if (types[i].is(Base::char_) && from.is(Base::varchar))
      slot = rewriter.call("rtrim", {slot});
    else if (from.is(Base::literal) && slot->kind == Kind::string && !types[i].is_float() &&
             types[i].known() && !types[i].is_string())
      slot = rewriter.coerce({slot, from}, types[i]).node;
    else if (types[i].is_string() && from.known() && !from.is_text() && !from.is(Base::null))
      slot = rewriter.text_of({slot, from});
    else
      continue;
    rewriter.applied("assignment-conversion");
  }
}

// DEFAULT in every row for an IDENTITY column, which Databricks only numbers where it is not named.
void leave_out_identities(Rewriter& rewriter, const Table& table, const Node* columns,
                          QueryResult& query, std::vector<Node*>& named, std::vector<Type>& types) {
  Node* body = query.node->get(Role::body);
  if (!body || body->kind != Kind::values) return;
  for (std::uint32_t i = columns->count; i-- > 0;) {
    const Column* column = table.find(plain_name(columns->at(i)));
    const auto is_default = [&](const Node* row) {
      return i < row->count && row->at(i)->kind == Kind::default_value;
    };
    if (!column || !column->identity || named.size() < 2 ||
        !std::all_of(body->kids, body->kids + body->count, is_default))
      continue;
    for (Node* row : body->children()) {
      std::vector<Node*> values(row->kids, row->kids + row->count);
      values.erase(values.begin() + i);
      *row = *rewriter.rebuilt(row, values);
    }
    named.erase(named.begin() + i);
    types.erase(types.begin() + i);
    if (i < query.columns.size()) query.columns.erase(query.columns.begin() + i);
    rewriter.applied("identity-default");
  }
}

Node* truncate(Rewriter& rewriter, const Node* node) {
  rewriter.warn(node, "sql-truncate-commits", "TRUNCATE commits the transaction in Redshift",
                "see that nothing before it relied on a ROLLBACK");
  const Node* target = node->get(Role::target);
  return assemble(rewriter, node, "truncate",
                  {rewriter.words("TRUNCATE TABLE"),
                   rewriter.as(Role::target, rewriter.object_name(target->kind == Kind::table
                                                                      ? target->get(Role::name)
                                                                      : target))});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "truncate") return truncate(rewriter, node);
  const Node* target = node->get(Role::target);
  const Node* name = target->kind == Kind::table ? target->get(Role::name) : target;
  const Table* table = rewriter.catalog.find(plain_name(name));
  const Node* columns = node->get(Role::columns);
  if (node->get(Role::items) || node->get(Role::action) || node->get(Role::options))
    rewriter.refuse(node, "sql-no-equivalent",
                    "RETURNING, ON CONFLICT and OVERRIDING are no part of Redshift's INSERT",
                    "use MERGE");
  std::vector<Node*> named;
  std::vector<Type> types;
  if (columns) {
    for (const Node* one : columns->children()) {
      named.push_back(rewriter.output_name(one));
      const Column* column = table ? table->find(plain_name(one)) : nullptr;
      types.push_back(column ? column->type : Type{});
    }
  } else if (table) {
    for (const Column& column : table->columns)
      if (!column.identity) types.push_back(column.type);
  }
  Node* target_node = rewriter.as(Role::target, rewriter.object_name(name));
  const Node* source = node->get(Role::source);
  if (!source) {  // DEFAULT VALUES
    if (!table) {
      rewriter.refuse(node, "sql-type-unknown",
                      "DEFAULT VALUES needs the table's columns, which are not known",
                      "add the table's DDL to the input");
      return nullptr;
    }
    std::vector<Node*> defaults, names;
    for (const Column& column : table->columns) {
      if (column.identity) continue;
      names.push_back(rewriter.ident(quote_name(column.name)));
      defaults.push_back(rewriter.make(Kind::default_value));
    }
    return assemble(rewriter, node, "insert",
                    {rewriter.words("INSERT INTO"), target_node, rewriter.list(names, true),
                     rewriter.words("VALUES"), rewriter.list(defaults, true)});
  }
  QueryResult query = rewriter.query(source, false);
  if (table && columns) leave_out_identities(rewriter, *table, columns, query, named, types);
  find_documents(rewriter, query.node->get(Role::body), types);
  convert_values(rewriter, query.node, types);
  convert_columns(rewriter, query.node, query.columns, types);
  // fewer values than columns: the rest have their defaults, which Databricks wants said
  Node* list = nullptr;
  if (!named.empty()) {
    list = rewriter.as(Role::columns, rewriter.list(named, true));
  } else if (table && !query.columns.empty() && query.complete) {
    bool identity = false;
    std::vector<Node*> first;
    for (const Column& column : table->columns) {
      identity = identity || column.identity;
      if (!column.identity && first.size() < query.columns.size())
        first.push_back(rewriter.ident(quote_name(column.name)));
    }
    if (identity || first.size() < table->columns.size()) {
      rewriter.applied("insert-columns");
      list = rewriter.as(Role::columns, rewriter.list(first, true));
    }
  }
  return assemble(
      rewriter, node, "insert",
      {rewriter.words("INSERT INTO"), target_node, list, rewriter.as(Role::source, query.node)});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::insert
