// What the SQL library says of each statement of a corpus, a line of JSON each: whether it is read,
// whether rendering and reading again gives the same IR, and its translation.
// usage: sql_probe DIALECT [--learn FILE …] [--schema FROM=TO …] [--together] FILE …
// Every file is a folder of its own for the types, beside the files to learn from; --together: all
// of them are one folder.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/parser.h"
#include "sql/render.h"
#include "sql/translate.h"

namespace {

namespace sql = lakeshift::sql;
using nlohmann::json;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string_view> texts(std::string_view source,
                                    std::span<const sql::Comment> comments) {
  std::vector<std::string_view> out;
  for (const sql::Comment& comment : comments)
    out.push_back(source.substr(comment.begin, comment.end - comment.begin));
  return out;
}

// Empty when rendering and reading again gives the same IR and the same comments, and rendering
// that the same text; otherwise what is not so.
std::string fault_of_identity(const sql::Statement& statement, std::string_view source,
                              const sql::Dialect& dialect) {
  for (const bool pretty : {true, false}) {
    const sql::RenderOptions options{.pretty = pretty};
    const std::string out =
        sql::render(statement.root, source, statement.comments, dialect, options);
    sql::StatementReader reader(out, dialect);
    sql::Statement again;
    if (!reader.next(again) || again.failed() || !again.root)
      return "unreadable: " + again.finding.message + ": " + out;
    if (!sql::equal(statement.root, again.root)) return "another IR: " + out;
    if (texts(source, statement.comments) != texts(out, again.comments))
      return "other comments: " + out;
    if (sql::render(again.root, out, again.comments, dialect, options) != out)
      return "unstable: " + out;
    sql::Statement rest;
    if (reader.next(rest) && !rest.empty) return "two statements: " + out;
  }
  return {};
}

// A statement that is kept as words only, without a part that has a meaning of its own.
bool is_opaque(const sql::Node* root) {
  if (root->kind != sql::Kind::statement) return false;
  bool words = false;
  for (const sql::Node* kid : root->children()) {
    if (kid->kind != sql::Kind::words) return false;
    words = true;
  }
  return words && root->text().empty();
}

json describe(const sql::Statement& statement, std::string_view source, const sql::Dialect& dialect,
              sql::Translator& translator) {
  json line = {{"begin", statement.begin}, {"end", statement.end}, {"read", !statement.failed()}};
  if (statement.root) {
    line["head"] = statement.root->kind == sql::Kind::statement
                       ? std::string(statement.root->text())
                       : std::string(sql::spell_kind(statement.root->kind));
    line["opaque"] = is_opaque(statement.root);
    line["identity"] = fault_of_identity(statement, source, dialect);
  }
  const sql::Translation done = translator.translate(statement, source);
  line["outcome"] = sql::spell_outcome(done.outcome);
  line["output"] = done.output;
  for (const sql::Finding& finding : done.findings)
    if (finding.severity == sql::Severity::error) {
      line["code"] = finding.code;
      line["message"] = finding.message;
      break;
    }
  return line;
}

void probe(const std::string& path, const std::string& text, const sql::Catalog& base,
           const sql::Dialect& dialect, const sql::TranslateOptions& options) {
  sql::Catalog own(&base);
  sql::learn_all(text, own);
  sql::Translator translator(own, options);
  sql::StatementReader reader(text, dialect);
  sql::Statement statement;
  while (reader.next(statement)) {
    if (statement.empty) continue;
    json line = describe(statement, text, dialect, translator);
    line["file"] = path;
    std::printf("%s\n", line.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const sql::Dialect* dialect = sql::find_dialect(argv[1]);
  if (!dialect) return 2;
  sql::Catalog base;
  sql::TranslateOptions options;
  std::vector<std::string> paths;
  bool together = false;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--learn" && i + 1 < argc)
      sql::learn_all(read_file(argv[++i]), base);
    else if (argument == "--schema" && i + 1 < argc) {
      const std::string_view pair = argv[++i];
      options.schemas[std::string(pair.substr(0, pair.find('=')))] =
          pair.substr(pair.find('=') + 1);
    } else if (argument == "--together")
      together = true;
    else
      paths.emplace_back(argument);
  }
  if (together)
    for (const std::string& path : paths) sql::learn_all(read_file(path), base);
  for (const std::string& path : paths) probe(path, read_file(path), base, *dialect, options);
  return 0;
}
