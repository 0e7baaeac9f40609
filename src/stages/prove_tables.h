// The tables that a statement works on: their columns as CREATE TABLE says, how both engines are
// given them, and rows as texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::stages {

enum class Domain { integer, decimal, real, text, boolean, date, timestamp, timestamp_zone, other };

struct ProveColumn {
  std::string name;
  std::string type;  // in lower case, without its size: "varchar"
  Domain domain = Domain::other;
  int size = 0;        // precision, or length; 0 when not said
  int scale = 0;       // of decimals
  bool fixed = false;  // CHAR(n): filled up with blanks
  bool not_null = false;
};

using Value = std::optional<std::string>;  // as a literal without its quotes; none: NULL
using ValueRow = std::vector<Value>;

struct ProveTable {
  std::string name;  // the last part, in lower case
  std::vector<ProveColumn> columns;
  std::string schema{};  // the part before, or empty
};

// Rows of each table, by the tables' order.
using TableRows = std::vector<std::vector<ValueRow>>;

// Every CREATE TABLE of the text, in order; a later one replaces an earlier one of the same name.
std::vector<ProveTable> read_tables(std::string_view sql);

// CREATE TABLE and INSERT statements for the engine that stands in for the source.
std::vector<std::string> make_in_source(const ProveTable& table, const std::vector<ValueRow>& rows);
// For the target: a view for queries, a Delta table for statements that change it.
std::vector<std::string> make_in_target(const ProveTable& table, const std::vector<ValueRow>& rows,
                                        bool changes);
// The same rows as Redshift statements, for people.
std::string make_for_people(const ProveTable& table, const std::vector<ValueRow>& rows);

}  // namespace lakeshift::stages
