#include "sql/translate/layout.h"

#include <charconv>

#include "sql/char_class.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql {
namespace {

constexpr std::size_t kMostKeys = 4;  // docs.databricks.com/delta/clustering (2026-11)

// Liquid clustering needs statistics, which these types do not have.
bool can_cluster(const Type& type) {
  return !type.is(Base::super) && !type.is(Base::varbyte) && !type.is(Base::boolean);
}

// The column of a query that a key names, or is the position of.
const OutputColumn* made_column(std::span<const OutputColumn> made, std::string_view key) {
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), position);
  if (error == std::errc{} && end == key.data() + key.size())
    return position >= 1 && position <= made.size() ? &made[position - 1] : nullptr;
  for (const OutputColumn& one : made)
    if (same_word(one.name, key)) return &one;
  return nullptr;
}

}  // namespace

bool is_temporary(const Node* node) {
  for (const Node* kid : node->children())
    if (kid->kind == Kind::words && kid->role == Role::none &&
        (kid->text().find("TEMP") != std::string_view::npos))
      return true;
  const Node* table = node->get(Role::table);
  return table && table->text().starts_with('#');
}

void note_temporary(Rewriter& rewriter, const Node* name) {
  rewriter.applied("temporary-table");
  rewriter.warn(name, "sql-temporary-table",
                "the temporary table " + plain_name(name) +
                    " becomes an ordinary one: other sessions see it, and it stays",
                "drop it at the end, or on SQL warehouses write CREATE TEMPORARY TABLE");
}

Node* table_layout(Rewriter& rewriter, const Node* node, std::span<const Node* const> inside,
                   std::span<const OutputColumn> made) {
  std::vector<const Node*> keys(inside.begin(), inside.end());
  bool interleaved = false;
  for (const Node* attribute : node->children()) {
    if (attribute->role != Role::attributes) continue;
    const Node* head = attribute->count > 0 ? attribute->at(0) : attribute;
    const std::string_view words = head->kind == Kind::words ? head->text() : attribute->text();
    const Node* columns = attribute->get(Role::columns);
    if (attribute->says("SORTKEY") || words.find("SORTKEY") != words.npos) {
      interleaved = interleaved || words.starts_with("INTERLEAVED");
      if (columns && columns->kind == Kind::list)
        keys.insert(keys.end(), columns->children().begin(), columns->children().end());
      else if (columns)
        keys.push_back(columns);
    } else if (words.starts_with("DISTSTYLE ALL")) {
      rewriter.note(attribute, "sql-diststyle-all",
                    "DISTSTYLE ALL is left out: Databricks has no copies on each node",
                    "small tables are broadcast by themselves; where not, use the hint /*+ "
                    "BROADCAST(table) */");
    } else if (words.starts_with("DIST")) {
      rewriter.note(attribute, "sql-distribution",
                    "distribution is left out: Delta tables have none",
                    "columns that are joined on may be worth a place in CLUSTER BY");
    } else if (words.starts_with("ENCODE") || words.starts_with("BACKUP")) {
      rewriter.note(attribute, "sql-encoding",
                    std::string(words.substr(0, 6)) +
                        " is left out: Delta chooses encodings, and time travel keeps versions",
                    "");
    } else if (words.starts_with("ON COMMIT") && attribute->says("ON COMMIT DROP")) {
      rewriter.warn(attribute, "sql-temporary-table", "ON COMMIT DROP is left out",
                    "drop the table when it is not needed");
    }
  }
  if (keys.empty()) return nullptr;
  const Table* table = rewriter.catalog.find(plain_name(node->get(Role::table)));
  std::vector<Node*> named;
  for (const Node* key : keys) {
    const Column* column = table ? table->find(plain_name(key)) : nullptr;
    const OutputColumn* output = made_column(made, plain_name(key));
    const Type type = column ? column->type : output ? output->type : Type{};
    if (named.size() == kMostKeys || !can_cluster(type)) continue;
    if (is_digit(key->text().front())) {
      if (output) named.push_back(rewriter.ident(quote_name(output->name)));
    } else {
      named.push_back(rewriter.output_name(key));
    }
  }
  rewriter.applied(interleaved ? "interleaved-sortkey-to-cluster" : "sortkey-to-cluster");
  rewriter.note(
      keys[0], "sql-sort-key",
      interleaved
          ? "the interleaved sort key becomes CLUSTER BY, which is closest to it"
          : "the sort key becomes CLUSTER BY, where the order of the columns does not count: "
            "filters on the first one alone gain less than in Redshift",
      named.size() < keys.size()
          ? "at most four columns of sortable types can be clustered by; the others are left out"
          : "");
  if (named.empty()) return nullptr;
  return rewriter.make(Kind::clause,
                       {rewriter.words("CLUSTER BY"), rewriter.words("("),
                        rewriter.as(Role::columns, rewriter.list(named)), rewriter.words(")")});
}

Node* table_properties(Rewriter& rewriter, bool defaults, std::span<const std::string> columns) {
  std::string said;
  if (defaults) {
    rewriter.applied("default-values");
    said = "'delta.feature.allowColumnDefaults' = 'supported'";
  }
  for (const std::string& one : columns) {
    if (one.find_first_of(" ,;{}()\n\t=") == std::string::npos) continue;
    rewriter.applied("column-mapping");
    said += (said.empty() ? "" : ", ") + std::string("'delta.columnMapping.mode' = 'name'");
    break;
  }
  if (said.empty()) return nullptr;
  return rewriter.make(Kind::clause, {rewriter.words("TBLPROPERTIES"), rewriter.words("("),
                                      rewriter.words(said), rewriter.words(")")});
}

Node* column_type(Rewriter& rewriter, const Node* type) {
  const Type read = read_type(type);
  std::string spelled = read.is(Base::time) ? "TIME(6)" : spell_databricks(read);
  if (read.is(Base::geometry) || read.is(Base::geography)) {
    const bool plane = read.is(Base::geometry);
    rewriter.applied("spatial-column");
    if (plane)
      rewriter.warn(type, "sql-geometry-srid",
                    "all values of a GEOMETRY column have one SRID in Databricks: this one has 0, "
                    "and storing another fails",
                    "write GEOMETRY(4326) where the column holds longitudes and latitudes");
    else
      rewriter.assume("values of GEOGRAPHY columns have the SRID 4326");
    return rewriter.text(Kind::type, plane ? "GEOMETRY(0)" : "GEOGRAPHY(4326)", Role::type);
  }
  if (read.is(Base::sketch)) {
    rewriter.applied("sketch-to-binary");
    rewriter.warn(type, "sql-sketch", "a sketch of Redshift's cannot be read by Databricks",
                  "fill the column from the data again, with hll_sketch_agg");
    return rewriter.text(Kind::type, "BINARY", Role::type);
  }
  if (spelled.empty() || read.is(Base::interval)) {
    rewriter.refuse(type, "sql-type",
                    "the type " + std::string(type->text()) + " has no equivalent in Databricks",
                    read.is(Base::timetz) ? "keep the time and its zone in two columns"
                                          : "choose a type of Databricks");
    spelled = "STRING";
  }
  // Not CHAR(n), which fills up with blanks; its length, in bytes that are characters, holds on.
  if (read.is(Base::char_)) {
    spelled = "VARCHAR(" + std::to_string(read.length) + ")";
    rewriter.applied("char-to-varchar");
    rewriter.assume("values of CHAR columns are loaded without trailing blanks");
  }
  if (read.is(Base::timestamp)) rewriter.applied("timestamp-to-ntz");
  if (read.is(Base::super)) rewriter.applied("super-to-variant");
  return rewriter.text(Kind::type, spelled, Role::type);
}

}  // namespace lakeshift::sql
