// Statements that repeat the changes of many rows at once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "knowledge/transfers/postgres_relation.h"

namespace lakeshift::transfers {

using databases::quote_name;
using databases::pgoutput::Identity;
using databases::pgoutput::Old;

namespace {

// Types whose array means the list of their values, and what the element is called there.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kElements = {{
    {"boolean", "bool"},
    {"smallint", "int2"},
    {"integer", "int4"},
    {"bigint", "int8"},
    {"numeric", "numeric"},
    {"real", "float4"},
    {"double precision", "float8"},
    {"text", "text"},
    {"character varying", "varchar"},
    {"character", "bpchar"},
    {"bpchar", "bpchar"},
    {"date", "date"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
    {"time without time zone", "time"},
    {"time with time zone", "timetz"},
    {"interval", "interval"},
    {"uuid", "uuid"},
    {"bytea", "bytea"},
    {"json", "json"},
    {"jsonb", "jsonb"},
}};

// "numeric(14,4)", "timestamp(3) with time zone": without what is in the parentheses.
std::string without_modifier(const std::string& type) {
  const std::size_t open = type.find('('), close = type.find(')');
  return open == std::string::npos || close == std::string::npos
             ? type
             : type.substr(0, open) + type.substr(close + 1);
}

// How a value of the column stands in an array, and how it is taken out again; none: it is not.
struct Element {
  std::string_view type;
  std::string cast;
};
std::optional<Element> element_of(const TargetColumn& column) {
  if (column.is_enum) return Element{"text", "::" + column.type};
  const bool is_array = column.type.ends_with("[]");
  std::string name = without_modifier(column.type);
  if (is_array) name.resize(name.size() - 2);
  for (const auto& [type, element] : kElements) {
    if (type != name) continue;
    if (!is_array) return Element{element, ""};
    // An array of arrays would fall apart. A cast would cut its elements where they are too long.
    if (column.modifier != -1 || element == "bpchar") return std::nullopt;
    return Element{"text", fmt::format("::pg_catalog.{}[]", element)};
  }
  return std::nullopt;
}

// What a value of the arrays is called.
std::string taken_out(const TargetColumn& column, std::size_t number) {
  return fmt::format("k.c{}{}", number, element_of(column).value_or(Element{}).cast);
}

}  // namespace

std::vector<std::size_t> StatementWriter::unique_columns() const {
  const bool whole = source_.identity == Identity::full;
  std::vector<std::size_t> found;
  std::size_t keys = 0;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column == nullptr || !(whole ? column->in_key : source_.columns[i].is_key)) continue;
    found.push_back(i);
    keys += column->in_key ? 1U : 0U;
  }
  const auto needed = static_cast<std::size_t>(
      std::count_if(target_.columns.begin(), target_.columns.end(),
                    [](const TargetColumn& column) { return column.in_key; }));
  return needed > 0 && keys == needed ? found : std::vector<std::size_t>{};
}

const TargetColumn& StatementWriter::target_of(const Parameter& parameter) const {
  return *target_.find(source_.columns[parameter.column].name);
}

std::string StatementWriter::arrays(const std::vector<Parameter>& parameters) const {
  std::string values, names;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto element = element_of(target_of(parameters[i]));
    if (!element) return {};
    const std::string comma = i == 0 ? "" : ", ";
    values += fmt::format("{}pg_catalog.unnest(${}::pg_catalog.{}[])", comma, i + 1, element->type);
    names += fmt::format("{}c{}", comma, i + 1);
  }
  return fmt::format("ROWS FROM ({}) k ({})", values, names);
}

std::string StatementWriter::key_condition(const std::vector<Parameter>& parameters,
                                           std::size_t first) const {
  std::string condition;
  for (std::size_t i = first; i < parameters.size(); ++i) {
    const TargetColumn& column = target_of(parameters[i]);
    if (column.equal_schema != "pg_catalog") return {};
    condition += fmt::format("{}t.{} = {}", i == first ? "" : " AND ", quote_name(column.name),
                             taken_out(column, i + 1));
  }
  return condition;
}

Result<ChangeStatement> StatementWriter::insert_all() const {
  LS_ASSIGN(ChangeStatement statement, insert());
  const std::string rows = arrays(statement.parameters);
  if (target_.kind != 'r' || statement.parameters.empty() || rows.empty()) return ChangeStatement{};
  std::string names, values;
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const TargetColumn& column = target_of(statement.parameters[i]);
    names += (i == 0 ? "" : ", ") + quote_name(column.name);
    values += (i == 0 ? "" : ", ") + taken_out(column, i + 1);
  }
  statement.sql = fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}",
                              quote_name(target_.schema, target_.name), names, values, rows);
  return statement;
}

Result<ChangeStatement> StatementWriter::update_all(Old old,
                                                    const std::vector<bool>& unchanged) const {
  LS_ASSIGN(ChangeStatement statement, update(old, unchanged));
  const std::size_t keys = unique_columns().size();
  const std::string rows = arrays(statement.parameters);
  if (target_.kind != 'r' || keys == 0 || statement.parameters.size() <= keys || rows.empty())
    return ChangeStatement{};
  const std::size_t first = statement.parameters.size() - keys;
  std::string settings;
  for (std::size_t i = 0; i < first; ++i) {
    const TargetColumn& column = target_of(statement.parameters[i]);
    settings += (i == 0 ? "" : ", ") + quote_name(column.name) + " = " + taken_out(column, i + 1);
  }
  const std::string condition = key_condition(statement.parameters, first);
  if (condition.empty()) return ChangeStatement{};
  statement.sql =
      fmt::format("UPDATE {} t SET {} FROM {} WHERE {}", table(), settings, rows, condition);
  return statement;
}

Result<ChangeStatement> StatementWriter::remove_all(Old old) const {
  LS_ASSIGN(ChangeStatement statement, remove(old));
  const std::size_t keys = unique_columns().size();
  const std::string rows = arrays(statement.parameters);
  if (target_.kind != 'r' || keys == 0 || statement.parameters.size() != keys || rows.empty())
    return ChangeStatement{};
  const std::string condition = key_condition(statement.parameters, 0);
  if (condition.empty()) return ChangeStatement{};
  statement.sql = fmt::format("DELETE FROM {} t USING {} WHERE {}", table(), rows, condition);
  return statement;
}

}  // namespace lakeshift::transfers
