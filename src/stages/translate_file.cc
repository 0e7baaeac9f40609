#include "stages/translate_file.h"

#include <algorithm>

#include "core/base/digest.h"
#include "sql/dialect.h"
#include "stages/translate_inputs.h"
#include "stages/translate_redact.h"
#include "stages/translate_sql.h"

namespace lakeshift::stages {
namespace {

constexpr std::string_view kMark = "-- Translated by lakeshift, digest ";
constexpr std::string_view kMarkEnd = ". Change the source, not this file.\n";
constexpr std::size_t kDigits = 16;

std::string_view slice(std::string_view source, std::uint32_t begin, std::uint32_t end) {
  return source.substr(begin, end - begin);
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\r', ' ');
  return text;
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// Comments that no statement carries: each on a line, psql's commands as comments.
std::string comment_lines(const sql::Statement& statement, std::string_view source) {
  std::string out;
  for (const sql::Comment& comment : statement.comments) {
    if (comment.kind == sql::Comment::Kind::meta) out += "-- ";
    out += slice(source, comment.begin, comment.end);
    out += '\n';
  }
  return out;
}

class FileWriter {
 public:
  FileWriter(std::string_view source, SqlFileTranslation& result)
      : source_(source), lines_(source), result_(result) {}

  void add(const sql::Statement& statement, sql::Translation translation) {
    SqlStatement one;
    one.place = lines_.locate(statement.first_token);
    const bool unparsed = statement.failed();
    const bool empty = translation.outcome == sql::Outcome::empty;
    one.index = empty ? 0 : ++index_;
    const std::string_view whole = slice(source_, statement.begin, statement.end);
    one.source = without_end(whole);
    one.translation = std::move(translation);
    count(one, unparsed, empty);
    write(statement, one, empty);
    Json json = describe(one, lines_);
    json["status"] = unparsed ? "unparsed" : json["status"];
    json["source"] = redact_sql(one.source);
    if (!statements_.empty()) statements_ += ',';
    statements_ += dump_json(json);
  }

  void finish() {
    while (body_.ends_with("\n\n")) body_.pop_back();
    result_.output =
        std::string(kMark) + sha256_hex(body_).substr(0, kDigits) + std::string(kMarkEnd) + body_;
    result_.statements = "[" + statements_ + "]";
  }

 private:
  static std::string_view without_end(std::string_view text) {
    while (!text.empty() && (text.back() == ';' || text.back() == ' ' || text.back() == '\n' ||
                             text.back() == '\r' || text.back() == '\t'))
      text.remove_suffix(1);
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  }

  void count(const SqlStatement& one, bool unparsed, bool empty) {
    SqlCounts& counts = result_.counts;
    const sql::Translation& translation = one.translation;
    for (const sql::Finding& finding : translation.findings) ++result_.findings[finding.code];
    for (const sql::AppliedRule& rule : translation.rules) ++result_.rules[rule.name];
    if (empty) {
      ++counts.empty;
      return;
    }
    if (unparsed || translation.outcome == sql::Outcome::refused) {
      ++(unparsed ? counts.unparsed : counts.refused);
      const auto lines = static_cast<std::size_t>(std::ranges::count(one.source, '\n')) + 1;
      counts.minutes += std::min(kMinutesMost, kMinutesEach + kMinutesLine * lines);
      return;
    }
    ++counts.translated;
    const bool assumed =
        !translation.assumptions.empty() ||
        std::ranges::any_of(translation.rules, [](const auto& rule) { return !rule.typed; });
    if (assumed) ++counts.assumed;
  }

  void write(const sql::Statement& statement, const SqlStatement& one, bool empty) {
    const sql::Translation& translation = one.translation;
    if (!empty && translation.outcome == sql::Outcome::translated && !translation.output.empty()) {
      body_ += translation.output + ";";
      if (!translation.trailing.empty()) body_ += " " + translation.trailing;
      body_ += "\n\n";
      return;
    }
    body_ += comment_lines(statement, source_);
    if (!empty) write_absent(one);
    if (!body_.empty()) body_ += '\n';
  }

  // A statement that has no output: said in a comment; what was refused also stops whoever runs the
  // file.
  void write_absent(const SqlStatement& one) {
    const bool refused = one.translation.outcome == sql::Outcome::refused;
    const std::string name =
        "statement " + std::to_string(one.index) + " (line " + std::to_string(one.place.line) + ")";
    body_ +=
        "-- lakeshift: " + name + (refused ? " is not translated\n" : " has nothing to do here\n");
    for (const sql::Finding& finding : one.translation.findings)
      if (refused ? finding.severity == sql::Severity::error : true)
        body_ += "--   " + one_line(finding_line(finding, lines_)) + "\n";
    if (refused)
      body_ += "SELECT raise_error(" +
               sql_text("lakeshift: " + name + " of the source is not translated") + ");\n";
  }

  std::string_view source_;
  sql::Lines lines_;
  SqlFileTranslation& result_;
  std::string body_{}, statements_{};
  std::size_t index_ = 0;
};

std::string answer_to(const std::string& name, bool function, const sql::Catalog& below) {
  if (function) {
    const sql::Type* type = below.find_function(name);
    return type ? sql::spell_type(*type) : "";
  }
  const sql::Table* table = below.find(name);
  return table ? sha256_hex(dump_json(describe(*table))).substr(0, kDigits) : "";
}

}  // namespace

void SqlCounts::add(const SqlCounts& other) {
  translated += other.translated;
  refused += other.refused;
  unparsed += other.unparsed;
  empty += other.empty;
  assumed += other.assumed;
  minutes += other.minutes;
}

Json SqlCounts::to_json(std::string_view minutes_name) const {
  return {{"statements", statements()},
          {"translated", translated},
          {"refused", refused},
          {"unparsed", unparsed},
          {"empty", empty},
          {"assumed", assumed},
          {std::string(minutes_name), minutes}};
}

SqlFileTranslation translate_file(std::string_view text, const sql::Catalog& below,
                                  const sql::TranslateOptions& options) {
  SqlFileTranslation result;
  sql::Catalog own(&below);
  sql::learn_all(text, own);
  FileWriter writer(text, result);
  {
    sql::Translator translator(own, options);
    sql::StatementReader reader(text, *sql::find_dialect("redshift"));
    sql::Statement statement;
    while (reader.next(statement)) {
      const bool blank =
          statement.empty && statement.comments.empty() &&
          slice(text, statement.begin, statement.end).find(';') == std::string_view::npos;
      if (!blank) writer.add(statement, translator.translate(statement, text));
    }
  }
  writer.finish();
  for (const auto& [name, table] : own.tables())
    if (!table.temporary) result.made.push_back(table);
  for (const std::string& name : own.asked_tables())
    result.asked["t:" + name] = answer_to(name, false, below);
  for (const std::string& name : own.asked_functions())
    result.asked["f:" + name] = answer_to(name, true, below);
  return result;
}

bool answers_alike(const Json& asked, const sql::Catalog& below) {
  for (const auto& [name, answer] : asked.items())
    if (Json(answer_to(name.substr(2), name.starts_with("f:"), below)) != answer) return false;
  return true;
}

Authorship authorship_of(std::string_view text) {
  if (!text.starts_with(kMark)) return Authorship::foreign;
  text.remove_prefix(kMark.size());
  const std::string_view digest = text.substr(0, kDigits);
  text.remove_prefix(digest.size());
  if (!text.starts_with(kMarkEnd)) return Authorship::edited;
  text.remove_prefix(kMarkEnd.size());
  return sha256_hex(text).starts_with(digest) && digest.size() == kDigits ? Authorship::ours
                                                                          : Authorship::edited;
}

}  // namespace lakeshift::stages
