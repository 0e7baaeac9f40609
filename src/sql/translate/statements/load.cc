// COPY and UNLOAD. Every option is mapped, or reported; credentials are never copied.
// docs.databricks.com/sql/language-manual/delta-copy-into,
// sql-ref-syntax-dml-insert-overwrite-directory (2026-11).
#include "sql/dialect.h"
#include "sql/translate/format.h"
#include "sql/translate/options.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::load {
namespace {

constexpr std::string_view kRows[] = {"copy", "unload", "copy_job"};

std::string words_of(const Node* node) {
  std::string out;
  for (const Node* kid : node->children())
    if (kid->kind == Kind::words) out += (out.empty() ? "" : " ") + std::string(kid->text());
  return out;
}

struct Plan {
  std::string format = "CSV";
  Options options{};
  bool text = true;  // delimited text, whose default delimiter is |
  bool validate = false;
  bool single_file = false;
  std::vector<int> widths{};  // of FIXEDWIDTH
};

std::string value_of(const Node* option) {
  std::string text;
  for (const Role role : {Role::value, Role::count}) {
    const Node* value = option->get(role);
    if (!value) continue;
    if (!read_string(value, text)) text = value->text();
    return text;
  }
  return {};
}

constexpr std::string_view kLeftOut[] = {
    "COMPUPDATE",       "STATUPDATE", "COMPROWS",     "REGION",       "PARALLEL ON",
    "IGNOREBLANKLINES", "FILLRECORD", "ROWGROUPSIZE", "REMOVEQUOTES", "EXTENSION"};
constexpr std::string_view kCompressed[] = {"GZIP", "BZIP2", "ZSTD"};

// 'venueid:3, venuename:25': the names do not matter, the order does.
bool read_widths(const std::string& text, std::vector<int>& widths) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::size_t colon = text.find(':', at);
    if (colon >= end) return false;
    const std::string digits = text.substr(colon + 1, end - colon - 1);
    const int width = std::atoi(digits.c_str());
    if (width < 1) return false;
    widths.push_back(width);
    at = end + 1;
  }
  return !widths.empty();
}

bool read_format(Rewriter& rewriter, const Node* option, const std::string& words, Plan& plan,
                 bool unload) {
  const auto has = [&](std::string_view word) { return words.find(word) != words.npos; };
  if (has("FIXEDWIDTH") && !unload && read_widths(value_of(option), plan.widths)) {
    plan.format = "TEXT";
    plan.text = false;
    return true;
  }
  if (has("FIXEDWIDTH") || has("SHAPEFILE") || has("RCFILE") || has("SEQUENCEFILE") ||
      has("TEMPLATE") || has("ICEBERG") || words == "SSH" || has("READRATIO") || has("LZOP")) {
    rewriter.refuse(option, "sql-load-option",
                    words + " has no equivalent in COPY INTO and INSERT OVERWRITE DIRECTORY",
                    "convert the files, or load them with Spark");
    return true;
  }
  const std::string value = value_of(option);
  if (has("PARQUET") || has("ORC") || has("AVRO") || has("JSON")) {
    plan.format = has("PARQUET") ? "PARQUET" : has("ORC") ? "ORC" : has("AVRO") ? "AVRO" : "JSON";
    plan.text = false;
    if (!value.empty() && !lower_case(value).starts_with("auto"))
      rewriter.refuse(option, "sql-load-option", "JSONPaths files have no equivalent in COPY INTO",
                      "write COPY INTO t FROM (SELECT path AS column … FROM 'files')");
    return true;
  }
  if (has("CSV")) {
    plan.text = false;
    if (has("QUOTE") && !value.empty()) plan.options.set("quote", value);
    return true;
  }
  return false;
}

void read_option(Rewriter& rewriter, const Node* option, Plan& plan, bool unload) {
  const std::string words = words_of(option);
  const auto starts = [&](std::string_view word) { return words.starts_with(word); };
  if (option->get(Role::attributes) || option->get(Role::credentials) || starts("ENCRYPTED")) {
    rewriter.note(
        option, "sql-credentials", "credentials are left out",
        "give the catalog an external location with a storage credential for these files");
    return;
  }
  if (option->get(Role::value) && words.empty()) {
    rewriter.refuse(option, "sql-load-option",
                    "a template stands for options, which cannot be read", "write the options out");
    return;
  }
  if (starts("FIXEDWIDTH") || starts("FORMAT") || starts("CSV") || starts("PARQUET") ||
      starts("JSON") || starts("ORC") || starts("AVRO") || starts("SHAPEFILE") || starts("SSH") ||
      starts("READRATIO") || starts("LZOP") || starts("RCFILE") || starts("SEQUENCEFILE") ||
      starts("USING TEMPLATE"))
    if (read_format(rewriter, option, words, plan, unload)) return;
  const std::string value = value_of(option);
  for (const std::string_view word : kCompressed)
    if (words == word) {
      if (unload)
        plan.options.set("compression", lower_case(word));
      else
        rewriter.note(option, "sql-compression",
                      words + " is left out: compression is known by the files' endings",
                      "rename files whose ending does not tell");
      return;
    }
  for (const std::string_view word : kLeftOut)
    if (starts(word)) {
      rewriter.note(option, "sql-load-option",
                    words + " is left out: it has no meaning in Databricks", "");
      return;
    }
  if (starts("DELIMITER")) return plan.options.set("delimiter", value);
  if (starts("QUOTE")) return plan.options.set("quote", value);
  if (starts("ESCAPE")) return plan.options.set("escape", "\\");
  if (starts("NULL")) return plan.options.set("nullValue", value);
  if (starts("ENCODING")) return plan.options.set("encoding", value);
  if (starts("IGNOREHEADER")) return plan.options.set("skipRows", value);
  if (starts("HEADER")) return plan.options.set("header", "true");
  if (starts("ADDQUOTES")) return plan.options.set("quoteAll", "true");
  if (starts("TRIMBLANKS")) return plan.options.set("ignoreTrailingWhiteSpace", "true");
  if (starts("NOLOAD")) {
    plan.validate = true;
    return;
  }
  if (starts("DATEFORMAT") || starts("TIMEFORMAT")) {
    std::string fault;
    const bool automatic = same_word(value, "auto");
    const auto pattern = automatic ? std::nullopt : parse_format(value, fault);
    if (pattern)
      return plan.options.set(starts("DATE") ? "dateFormat" : "timestampNTZFormat", *pattern);
    rewriter.warn(
        option, "sql-load-format",
        "'" + value +
            "' is no pattern of Databricks: dates and times must be written as YYYY-MM-DD HH:MI:SS",
        "load as STRING and convert");
    return;
  }
  if (starts("MANIFEST")) {
    if (unload)
      rewriter.warn(option, "sql-load-option", "MANIFEST is left out: no manifest is written",
                    "list the directory");
    else
      rewriter.refuse(option, "sql-load-manifest", "a manifest has no equivalent in COPY INTO",
                      "name its files: FILES = ('…', …)");
    return;
  }
  if (starts("EMPTYASNULL") || starts("BLANKSASNULL")) {
    if (starts("BLANKSASNULL"))
      rewriter.warn(option, "sql-load-option",
                    "BLANKSASNULL is left out: fields of blanks stay blanks",
                    "set them to NULL after the load");
    plan.options.set("emptyValue", "");
    return;
  }
  if (starts("PARALLEL")) {
    plan.single_file = true;
    rewriter.note(
        option, "sql-load-option",
        "PARALLEL OFF becomes a hint for one partition; the file has a name of Spark's choice", "");
    return;
  }
  if (starts("ALLOWOVERWRITE") || starts("CLEANPATH")) return;
  if (starts("PARTITION BY")) {
    rewriter.refuse(option, "sql-load-option",
                    "PARTITION BY has no equivalent in INSERT OVERWRITE DIRECTORY",
                    "write with Spark: df.write.partitionBy(…)");
    return;
  }
  rewriter.warn(
      option, "sql-load-option",
      words + (value.empty() ? "" : " " + value) +
          " has no equivalent: a bad record fails the load, and no value is cut or repaired",
      "load into STRING columns first and convert, or use badRecordsPath");
}

bool is_storage(const std::string& url) {
  return url.starts_with("s3://") || url.starts_with("s3a://");
}

void read_options(Rewriter& rewriter, const Node* node, Plan& plan, bool unload) {
  const auto visit = [&](const auto& self, const Node* parent) -> void {
    for (const Node* kid : parent->children()) {
      if (kid->role != Role::attributes) continue;
      if (kid->kind == Kind::list)
        self(self, kid);
      else
        read_option(rewriter, kid, plan, unload);
    }
  };
  visit(visit, node);
}

// SELECT of the pieces of each line, as the types of the table's columns. Blanks are no number.
Node* fixed_width(Rewriter& rewriter, const Node* node, const Plan& plan, const Node* name,
                  const std::string& url) {
  const Table* table = rewriter.catalog.find(plain_name(name));
  const Node* columns = node->get(Role::columns);
  const std::size_t count = columns ? columns->count : table ? table->columns.size() : 0;
  const bool trims = plan.options.has("ignoreTrailingWhiteSpace");
  if (!table || count != plan.widths.size() || !plan.options.none_but("ignoreTrailingWhiteSpace")) {
    rewriter.refuse(node, "sql-load-option",
                    "FIXEDWIDTH is translated where the table is known, has as many columns as "
                    "there are widths, and no option changes how values are read",
                    "add the table's DDL to the input, or load the lines as text and cut them");
    return nullptr;
  }
  std::vector<Node*> items;
  int start = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Column* column = columns
                               ? table->find(plain_name(columns->at(static_cast<std::uint32_t>(i))))
                               : &table->columns[i];
    Node* piece = rewriter.fill("substring(value, $1, $2)",
                                {rewriter.number(start), rewriter.number(plan.widths[i])});
    start += plan.widths[i];
    if (!column || column->type.is_text()) {
      if (trims || (column && column->type.is(Base::char_)))
        piece = rewriter.call("rtrim", {piece});
    } else {
      piece = rewriter.cast(rewriter.fill("nullif(trim($1), '')", {piece}),
                            spell_databricks(column->type));
    }
    Node* alias = rewriter.ident(quote_name(column ? column->name : "value"));
    items.push_back(rewriter.make(Kind::clause, {piece, rewriter.words("AS"), alias}));
  }
  rewriter.applied("fixed-width");
  rewriter.assume("files of fixed width have ASCII characters only, and dates as YYYY-MM-DD");
  return rewriter.make(Kind::clause,
                       {rewriter.words("("), rewriter.words("SELECT"), rewriter.list(items),
                        rewriter.words("FROM"), rewriter.string(url), rewriter.words(")")});
}

Node* copy(Rewriter& rewriter, const Node* node) {
  Plan plan;
  read_options(rewriter, node, plan, false);
  const Node* source = node->get(Role::source);
  std::string url;
  if (source->kind == Kind::string && read_string(source, url) && !is_storage(url))
    rewriter.refuse(source, "sql-load-source", "'" + url + "' is no object storage",
                    "use a foreign catalog, or export to object storage first");
  if (node->says("JOB CREATE"))
    rewriter.refuse(node, "sql-no-equivalent", "copy jobs have no equivalent statement",
                    "use Auto Loader, or a job with a file arrival trigger");
  if (plan.format == "CSV") {
    if (plan.text && !plan.options.has("delimiter")) plan.options.set("delimiter", "|");
    plan.options.set("mode", "FAILFAST");
    rewriter.warn(
        node, "sql-load-empty",
        "empty fields are read as NULL; Redshift keeps them as empty strings in text columns",
        "replace NULL by '' after the load where it matters");
  }
  const Node* target = node->get(Role::target);
  const Node* name = target->kind == Kind::table ? target->get(Role::name) : target;
  const Node* columns = node->get(Role::columns);
  std::vector<Node*> names;
  if (columns)
    for (const Node* one : columns->children()) names.push_back(rewriter.output_name(one));
  rewriter.applied("copy-into");
  rewriter.note(node, "sql-load-again",
                "COPY INTO skips files it has loaded; force = true loads them again, as COPY does",
                "leave force out where each file shall be loaded once");
  const bool positions = plan.format == "CSV" && !columns;
  Node* files = url.empty() ? rewriter.as(Role::none, source) : rewriter.string(url);
  if (!plan.widths.empty()) {
    files = fixed_width(rewriter, node, plan, name, url);
    plan.options = {};
    columns = nullptr;
    if (!files) return nullptr;
  }
  return assemble(
      rewriter, node, "copy_into",
      {rewriter.words("COPY INTO"), rewriter.as(Role::target, rewriter.object_name(name)),
       columns ? rewriter.as(Role::columns, rewriter.list(names, true)) : nullptr,
       positions ? rewriter.words("BY POSITION") : nullptr, rewriter.words("FROM"),
       rewriter.as(Role::source, files), rewriter.words("FILEFORMAT = " + plan.format),
       plan.validate ? rewriter.words("VALIDATE ALL") : nullptr,
       plan.options.empty() ? nullptr : rewriter.words("FORMAT_OPTIONS"),
       plan.options.empty() ? nullptr : plan.options.list(rewriter),
       rewriter.words("COPY_OPTIONS ('force' = 'true')")});
}

// UNLOAD ('SELECT …'): the query is a text in the text.
const Node* inner_query(Rewriter& rewriter, const Node* given) {
  const Node* source = given->kind == Kind::string ? given : given->get(Role::source);
  if (!source) return given->get(Role::query) ? given->get(Role::query) : given;
  std::string text;
  if (!read_string(source, text)) return nullptr;
  StatementReader reader(text, *find_dialect("redshift"));
  Statement statement;
  if (!reader.next(statement) || !statement.root || statement.root->kind != Kind::query)
    return nullptr;
  return clone(statement.root, rewriter.arena());
}

Node* unload(Rewriter& rewriter, const Node* node) {
  Plan plan;
  read_options(rewriter, node, plan, true);
  const Node* given = node->get(Role::query);
  const Node* query = given ? inner_query(rewriter, given) : nullptr;
  if (!query || query->kind != Kind::query) {
    rewriter.refuse(node, "sql-unload-query", "the query of UNLOAD cannot be read",
                    "correct it, or write it without templates");
    return nullptr;
  }
  QueryResult result = rewriter.query(query, true);
  if (plan.single_file) {
    Node* body = result.node->get(Role::body);
    if (body->kind == Kind::select && body->get(Role::items)) {
      Node* items = body->get(Role::items);
      Node* first = items->kids[0];
      items->kids[0] = rewriter.make(Kind::clause, {rewriter.words("/*+ COALESCE(1) */"), first});
    }
  }
  std::string url;
  read_string(node->get(Role::target), url);
  if (plan.format == "CSV" && plan.text && !plan.options.has("delimiter"))
    plan.options.set("delimiter", "|");
  rewriter.applied("unload-to-directory");
  rewriter.warn(
      node, "sql-unload-overwrite",
      "INSERT OVERWRITE DIRECTORY replaces the whole directory; UNLOAD adds files with the prefix",
      "write into a directory of its own");
  return assemble(
      rewriter, node, "insert_overwrite_directory",
      {rewriter.words("INSERT OVERWRITE DIRECTORY"), rewriter.string(url), rewriter.words("USING"),
       rewriter.words(plan.format), plan.options.empty() ? nullptr : rewriter.words("OPTIONS"),
       plan.options.empty() ? nullptr : plan.options.list(rewriter),
       rewriter.as(Role::query, result.node)});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "copy") return copy(rewriter, node);
  if (node->text() == "unload") return unload(rewriter, node);
  rewriter.refuse(node, "sql-no-equivalent", "copy jobs have no equivalent statement",
                  "use Auto Loader, or a job with a file arrival trigger");
  return nullptr;
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::load
