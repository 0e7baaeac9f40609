// What of a catalogue decides a column's mask. For postgres_mask_plan.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"
#include "knowledge/formats/mask.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

enum class MaskType { text, whole, decimal, floating, date, uuid, ip, json, bytes, choice, other };
std::string_view to_text(MaskType type);

struct MaskField {  // of a composite type
  std::string name;
  MaskType type = MaskType::other;
  formats::MaskShape shape;
};

struct MaskColumn {
  std::string schema, table, name;
  std::string type_text;            // as SQL writes it
  MaskType type = MaskType::other;  // of its elements when it is an array
  formats::MaskShape shape;
  std::vector<MaskField> fields;  // of a composite
  bool not_null = false, generated = false, sequenced = false, unique = false;
  bool partition_key = false;
  std::string label() const { return schema + "." + table + "." + name; }
};

struct MaskCatalog {
  std::vector<MaskColumn> columns;
  // Pairs of columns that must agree, by their places: a foreign key's, a partition's.
  std::vector<std::pair<std::size_t, std::size_t>> joined;
  std::map<TableName, std::vector<TableName>> parents;
  std::string encoding;
};

Result<MaskCatalog> read_mask_catalog(databases::PostgresSession& session);
// The mask that a type gets by itself.
formats::MaskKind default_mask(MaskType type);
bool takes(MaskType type, formats::MaskKind kind);

}  // namespace lakeshift::transfers
