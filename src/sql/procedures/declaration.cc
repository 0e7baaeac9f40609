// DECLARE: variables of plain types, %TYPE, records, aliases, cursors.
#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

std::string_view before_percent(std::string_view text) { return text.substr(0, text.find('%')); }

}  // namespace

std::string Script::declared_type(const Type& type, const Node* place) {
  if (type.is_string()) return "STRING";
  if (type.is(Base::time)) return "TIME(6)";
  std::string spelled = spell_databricks(type);
  if (spelled.empty()) {
    rewriter_.refuse(place, "sql-type",
                     "the type " + std::string(place->text()) + " has no equivalent for a variable",
                     "declare it as a type that Databricks has");
    return "STRING";
  }
  return spelled;
}

// The type of a declaration or parameter: also of a column, a variable, a table's row.
void Script::read_declared_type(const Node* type, Variable& variable) {
  const std::string text = lower_case(type->text());
  if (text == "refcursor") {
    variable.cursor = true;
    return;
  }
  if (text == "record") {
    variable.record = true;
    return;
  }
  if (text.ends_with("%rowtype")) {
    variable.record = true;
    if (const Table* table = local_.find(before_percent(text)))
      for (const Column& one : table->columns)
        variable.fields.push_back({rewriter_.copy(one.name), one.type});
    if (variable.fields.empty())
      rewriter_.refuse(type, "sql-type-unknown",
                       "the columns of " + std::string(before_percent(text)) + " are not known",
                       "add the table's DDL to the input");
    return;
  }
  if (text.ends_with("%type")) {
    const std::string_view of = before_percent(text);
    const auto dot = of.rfind('.');
    variable.sized = true;
    if (dot == of.npos) {
      if (const Located other = scopes_.find(of); other.variable)
        variable.type = other.variable->type;
    } else if (const Table* table = local_.find(of.substr(0, dot))) {
      if (const Column* column = table->find(of.substr(dot + 1))) variable.type = column->type;
    }
    if (!variable.type.known())
      rewriter_.refuse(type, "sql-type-unknown", "the type of " + std::string(of) + " is not known",
                       "add the table's DDL to the input, or write the type itself");
  } else {
    variable.type = read_type(type);
    variable.sized = type->count > 0 && variable.type.is_string();
    if (!variable.type.known()) {
      rewriter_.refuse(type, "sql-type",
                       "the type " + std::string(type->text()) + " has no equivalent in Databricks",
                       "declare it as a type of the Redshift reference");
      return;
    }
  }
  if (variable.type.known()) variable.declared = declared_type(variable.type, type);
}

Node* Script::declare_line(const Node* place, const Variable& variable, Node* value) {
  return line(place, {words("DECLARE"), ident(variable.spelled), words(variable.declared),
                      value ? words("DEFAULT") : nullptr,
                      value ? rewriter_.as(Role::value, value) : nullptr});
}

Variable& Script::made(Frame& frame, std::string_view wanted, Type type,
                       std::string_view declared) {
  auto variable = std::make_unique<Variable>();
  variable->spelled = scopes_.unused(wanted);
  variable->type = type;
  variable->declared = declared;
  frame.variables.push_back(std::move(variable));
  return *frame.variables.back();
}

void Script::declare(const Node* one, Frame& frame, Declared& out) {
  auto variable = std::make_unique<Variable>();
  variable->name = plain_ident(one->get(Role::variable)->text());
  variable->spelled = quote_name(one->get(Role::variable)->text());
  if (const Node* source = one->get(Role::source)) {  // ALIAS FOR
    const std::string of =
        source->kind == Kind::parameter ? std::string(source->text()) : plain_name(source);
    const Located other = of.starts_with('$') ? parameter(of) : scopes_.find(of);
    if (!other.variable) {
      rewriter_.refuse(one, "sql-variable-unknown", of + " is no variable or parameter",
                       "declare what the alias stands for");
      return;
    }
    variable->same_as = other.variable;
    variable->same_frame = other.frame;
    variable->type = other.variable->type;
    frame.variables.push_back(std::move(variable));
    rewriter_.applied("alias-for");
    return;
  }
  if (const Node* query = one->get(Role::query)) {
    variable->cursor = true;
    variable->query = query;
    variable->arguments = one->get(Role::args);
    frame.variables.push_back(std::move(variable));
    return;
  }
  read_declared_type(one->get(Role::type), *variable);
  variable->constant = one->says("CONSTANT");
  variable->not_null = one->says("NOT NULL");
  Node* value = nullptr;
  if (const Node* given = one->get(Role::value)) {
    if (variable->record || variable->cursor)
      rewriter_.refuse(given, "sql-record-value", "a record or cursor with a value to begin with",
                       "fill it by a query");
    else
      value = converted(rewriter_.expression(given), *variable, given);
  } else if (variable->not_null) {
    rewriter_.refuse(one, "sql-variable-null",
                     variable->name + " is declared NOT NULL without a value", "give it a DEFAULT");
  }
  const bool late = value && (has_query(value) || (!out.values.empty() && value->count > 0) ||
                              (!out.values.empty() && value->kind == Kind::ident));
  Node* declared = nullptr;
  if (variable->record)
    declared = record_line(one, *variable);
  else if (!variable->cursor)
    declared = declare_line(one, *variable, late ? nullptr : value);
  if (declared) out.variables.push_back(declared);
  if (late) out.values.push_back(set_line(nullptr, ident(variable->spelled), value));
  frame.variables.push_back(std::move(variable));
}

// A record's declaration, whose type is known once a query fills it: a line without parts is left
// out when the block is finished.
Node* Script::record_line(const Node* place, Variable& record) {
  record.line = line(place, {});
  if (!record.fields.empty()) shape_record(record, place);
  return record.line;
}

void Script::shape_record(Variable& record, const Node* place) {
  record.declared = "STRUCT<";
  for (const OutputColumn& one : record.fields) {
    if (record.declared.size() > 7) record.declared += ", ";
    const bool text = one.type.is_text() || !one.type.known() || one.type.is(Base::null);
    if (!one.type.known())
      rewriter_.assume("the field " + std::string(one.name) + " of " + record.name + " is text");
    record.declared += quote_name(one.name) + ": ";
    record.declared += text ? std::string("STRING") : declared_type(one.type, place);
  }
  record.declared += '>';
  if (record.line) {
    const Node* built = declare_line(place, record, nullptr);
    record.line->kids = built->kids;
    record.line->count = built->count;
  }
}

// $1, $2, …
Located Script::parameter(std::string_view name) {
  const auto index = static_cast<std::size_t>(std::atoi(std::string(name.substr(1)).c_str()));
  if (!parameters_ || index == 0 || index > parameters_->variables.size()) return {};
  return {parameters_->variables[index - 1].get(), parameters_};
}

void Script::declarations(const Node* list, Frame& frame, Declared& out) {
  for (const Node* one : list->children()) declare(one, frame, out);
}

}  // namespace lakeshift::sql
