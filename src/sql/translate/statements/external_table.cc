// CREATE EXTERNAL TABLE of Spectrum: the same files, as a table of Databricks that lies on them.
// docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html,
// docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-table-using,
// spark.apache.org/docs/latest/sql-data-sources-csv.html (2026-11).
#include <algorithm>

#include "sql/translate/layout.h"
#include "sql/translate/options.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::external_table {
namespace {

constexpr std::string_view kRows[] = {"create_external_table", "create_external_table_as"};

struct Format {
  std::string_view hive, databricks;
};
// Names behind STORED AS, and of input formats.
constexpr Format kFormats[] = {
    {"parquet", "PARQUET"},
    {"orc", "ORC"},
    {"avro", "AVRO"},
    {"textfile", "CSV"},
    {"json", "JSON"},
    {"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", "PARQUET"},
    {"org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "ORC"},
    {"org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat", "AVRO"},
    {"org.apache.hadoop.mapred.TextInputFormat", "CSV"},
};
constexpr Format kSerializers[] = {
    {"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", "PARQUET"},
    {"org.apache.hadoop.hive.ql.io.orc.OrcSerde", "ORC"},
    {"org.apache.hadoop.hive.serde2.avro.AvroSerDe", "AVRO"},
    {"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "CSV"},
    {"org.apache.hadoop.hive.serde2.OpenCSVSerde", "CSV"},
    {"org.openx.data.jsonserde.JsonSerDe", "JSON"},
    {"org.apache.hive.hcatalog.data.JsonSerDe", "JSON"},
    {"org.apache.hadoop.hive.serde2.JsonSerDe", "JSON"},
};
constexpr std::string_view kOpenCsv = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
// Properties that say nothing of what a query reads.
constexpr std::string_view kIdleProperties[] = {
    "numRows",          "compression_type", "write.parallel", "write.maxfilesize.mb",
    "write.kms.key.id", "EXTERNAL",         "classification", "typeOfData"};

struct Plan {
  std::string format;  // empty: not said, text of fields
  Options options;
  bool quotes = false;  // fields may stand in quotes
  const Node* partition = nullptr;
  const Node* location = nullptr;
};

std::string string_of(const Node* node) {
  std::string value;
  return node && node->kind == Kind::string && read_string(node, value) ? value : std::string();
}

// \t and \001 as the character they mean.
std::string unescaped(const std::string& text) {
  if (text == "\\t") return "\t";
  if (text == "\\n") return "\n";
  if (text.size() == 4 && text[0] == '\\')
    return std::string(
        1, static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0')));
  return text;
}

void choose(Rewriter& rewriter, const Node* place, std::span<const Format> formats,
            const std::string& said, Plan& plan) {
  for (const Format& one : formats)
    if (same_word(one.hive, said)) {
      plan.format = one.databricks;
      return;
    }
  rewriter.refuse(place, "sql-external-format",
                  "files of " + said + " have no reader in Databricks SQL",
                  "convert them to Parquet or Delta, or read them with Spark");
}

void read_serializer_property(Rewriter& rewriter, const Node* property, bool open_csv, Plan& plan) {
  const std::string key = string_of(property->get(Role::key));
  const std::string value = unescaped(string_of(property->get(Role::value)));
  if (key == "field.delim" || (open_csv && key == "separatorChar"))
    plan.options.set("delimiter", value);
  else if (open_csv && key == "quoteChar")
    plan.options.set("quote", value);
  else if (key == "escape.delim" || (open_csv && key == "escapeChar"))
    plan.options.set("escape", value);
  else if (key == "serialization.null.format")
    plan.options.set("nullValue", value);
  else if (key == "avro.schema.literal")
    plan.options.set("avroSchema", value);
  else if (key == "ignore.malformed.json" && value == "true")
    plan.options.set("mode", "PERMISSIVE");
  else if (key == "strip.outer.array" && value == "true")
    plan.options.set("multiLine", "true");
  else if (key != "serialization.format" && key != "case.insensitive" && key != "dots.in.keys" &&
           key != "paths")
    rewriter.refuse(property, "sql-external-format",
                    "the property '" + key + "' of the reader has no equivalent",
                    "read the files with Spark, or rename what it renames in a view");
}

void read_table_property(Rewriter& rewriter, const Node* property, Plan& plan) {
  const std::string key = string_of(property->get(Role::key));
  const std::string value = string_of(property->get(Role::value));
  if (std::find(std::begin(kIdleProperties), std::end(kIdleProperties), key) !=
      std::end(kIdleProperties)) {
    rewriter.note(property, "sql-external-property", "the property '" + key + "' is left out", "");
  } else if (key == "skip.header.line.count") {
    if (value == "1")
      plan.options.set("header", "true");
    else if (value != "0")
      rewriter.refuse(property, "sql-external-format",
                      "a head of " + value + " lines has no equivalent",
                      "take the lines out of the files");
  } else if (key == "orc.schema.resolution") {
    rewriter.note(property, "sql-external-property",
                  "columns of ORC files are found by name, by position only where the files have "
                  "no names",
                  "");
  } else {
    rewriter.refuse(property, "sql-external-format",
                    "the table property '" + key + "' has no equivalent",
                    "leave it out where it changes nothing, or clean the values in a view");
  }
}

void read_delimiter(const Node* option, Plan& plan) {
  const std::string value = unescaped(string_of(option->get(Role::value)));
  if (option->says("FIELDS TERMINATED BY"))
    plan.options.set("delimiter", value);
  else if (option->says("ESCAPED BY"))
    plan.options.set("escape", value);
  else if (option->says("NULL DEFINED AS"))
    plan.options.set("nullValue", value);
  // LINES TERMINATED BY: \n, \r and both are found by the reader itself
}

void read_attribute(Rewriter& rewriter, const Node* attribute, Plan& plan) {
  if (const Node* partition = attribute->get(Role::partition)) plan.partition = partition;
  if (const Node* location = attribute->get(Role::location)) plan.location = location;
  if (attribute->says("STORED AS INPUTFORMAT"))
    choose(rewriter, attribute, kFormats, string_of(attribute->get(Role::source)), plan);
  else if (const Node* stored = attribute->get(Role::format);
           stored && stored->kind != Kind::string)
    choose(rewriter, attribute, kFormats, std::string(stored->text()), plan);
  for (const Node* option : attribute->children()) {
    if (option->role != Role::options) continue;
    if (option->kind != Kind::list)
      read_delimiter(option, plan);
    else
      for (const Node* one : option->children()) read_delimiter(one, plan);
  }
}

// The reader's own name wins over STORED AS: Hive's input format for it is that of texts.
void read_serializer(Rewriter& rewriter, const Node* attribute, Plan& plan) {
  const Node* serializer = attribute->get(Role::format);
  const Node* properties = attribute->get(Role::properties);
  if (serializer && serializer->kind == Kind::string) {
    const std::string said = string_of(serializer);
    choose(rewriter, attribute, kSerializers, said, plan);
    if (said == kOpenCsv) {
      plan.quotes = true;
      plan.options.set("delimiter", ",");
    }
    if (properties)
      for (const Node* one : properties->children())
        read_serializer_property(rewriter, one, said == kOpenCsv, plan);
  } else if (properties) {
    for (const Node* one : properties->children()) read_table_property(rewriter, one, plan);
  }
}

Plan read(Rewriter& rewriter, const Node* node) {
  Plan plan;
  std::vector<const Node*> attributes;
  for (const Node* kid : node->children()) {
    if (kid->role != Role::attributes) continue;
    if (kid->kind == Kind::list)
      attributes.insert(attributes.end(), kid->children().begin(), kid->children().end());
    else
      attributes.push_back(kid);
  }
  for (const Node* one : attributes) read_attribute(rewriter, one, plan);
  for (const Node* one : attributes) read_serializer(rewriter, one, plan);
  if (plan.format.empty()) plan.format = "CSV";
  if (plan.format == "CSV") {
    if (!plan.options.has("delimiter")) plan.options.set("delimiter", "\001");  // Hive's
    if (!plan.options.has("nullValue") && !plan.quotes) plan.options.set("nullValue", "\\N");
    if (!plan.options.has("quote") && !plan.quotes) plan.options.set("quote", "");
  }
  return plan;
}

// Nested types have no other spelling, but what is in them has.
std::string nested_type(Rewriter& rewriter, const Node* type) {
  if (type->kind != Kind::type || type->code != 1)
    return std::string(column_type(rewriter, type)->text());
  std::string out;
  for (const Node* kid : type->children()) {
    out += out.empty() ? "" : ", ";
    if (const Node* name = kid->get(Role::name))
      out += std::string(quote_name(name->text())) + ": " +
             nested_type(rewriter, kid->get(Role::type));
    else
      out += nested_type(rewriter, kid);
  }
  std::string head(type->text());
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return head + "<" + out + ">";
}

Node* column(Rewriter& rewriter, const Node* element, const Plan& plan) {
  const Node* type = element->get(Role::type);
  std::string spelled = nested_type(rewriter, type);
  if (plan.format != "CSV" && plan.format != "JSON") {
    for (std::size_t at = 0; (at = spelled.find("TIMESTAMP_NTZ", at)) != std::string::npos; ++at) {
      spelled.erase(at + 9, 4);
      rewriter.assume("the session's time zone is UTC: the files hold instants");
    }
  }
  return rewriter.make(Kind::clause,
                       {rewriter.as(Role::name, rewriter.output_name(element->get(Role::name))),
                        rewriter.text(Kind::type, spelled, Role::type)});
}

Node* partition_names(Rewriter& rewriter, const Node* partition) {
  std::vector<Node*> out;
  for (const Node* one : partition->children())
    out.push_back(rewriter.output_name(one->get(Role::name) ? one->get(Role::name) : one));
  return rewriter.list(out, true);
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const Plan plan = read(rewriter, node);
  const std::string place = string_of(plan.location);
  if (place.empty() || !(place.starts_with("s3://") || place.starts_with("S3://")))
    rewriter.refuse(node, "sql-load-source", "'" + place + "' is no object storage",
                    "give a LOCATION of files");
  else if (place.ends_with("manifest"))
    rewriter.refuse(plan.location, "sql-load-manifest",
                    "a manifest has no equivalent as a LOCATION", "name the folder of its files");
  const Node* query = node->get(Role::query);
  std::vector<Node*> columns;
  if (const Node* given = node->get(Role::columns))
    for (const Node* one : given->children())
      columns.push_back(rewriter.at(one, column(rewriter, one, plan)));
  if (plan.partition && !query)
    for (const Node* one : plan.partition->children())
      columns.push_back(rewriter.at(one, column(rewriter, one, plan)));
  const Node* partition = query ? node->get(Role::partition) : plan.partition;
  rewriter.applied("external-table");
  if (plan.format == "CSV")
    rewriter.warn(node, "sql-load-empty",
                  "empty fields are read as NULL; Redshift reads empty strings in text columns",
                  "read them through a view with coalesce(column, '') where it matters");
  rewriter.assume("'" + place + "' is reachable as an external location");
  if (partition && !query)
    rewriter.note(node, "sql-external-partitions",
                  "partitions are found in folders called column=value",
                  "run MSCK REPAIR TABLE where the table is not in Unity Catalog");
  Node* selected = query ? rewriter.query(query, false).node : nullptr;
  return assemble(
      rewriter, node, "create_table",
      {rewriter.words(node->says("IF NOT EXISTS") ? "CREATE TABLE IF NOT EXISTS" : "CREATE TABLE"),
       rewriter.as(Role::table, rewriter.object_name(node->get(Role::table))),
       query ? nullptr : rewriter.words("("),
       query ? nullptr : rewriter.as(Role::columns, rewriter.list(columns)),
       query ? nullptr : rewriter.words(")"), rewriter.words("USING " + plan.format),
       plan.options.empty() ? nullptr : rewriter.words("OPTIONS"),
       plan.options.empty() ? nullptr : plan.options.list(rewriter),
       partition ? rewriter.words("PARTITIONED BY") : nullptr,
       partition ? partition_names(rewriter, partition) : nullptr,
       place.empty() ? nullptr : rewriter.words("LOCATION"),
       place.empty() ? nullptr : rewriter.string("s3" + place.substr(2)),
       query ? rewriter.words("AS") : nullptr,
       query ? rewriter.as(Role::query, selected) : nullptr});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::external_table
