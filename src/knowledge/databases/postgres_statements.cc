#include "knowledge/databases/postgres_statements.h"

#include <algorithm>
#include <cctype>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

class Splitter {
 public:
  explicit Splitter(std::string_view script) : script_(script) {}

  Result<std::vector<DumpStatement>> run() {
    while (at_ < script_.size()) {
      const char c = script_[at_];
      if (at_starts("--"))
        comment();
      else if (at_starts("/*"))
        LS_TRY(skip_to("*/", 2));
      else if (c == '\\' && statement_empty())
        at_ = line_end();
      else if (c == '\'')
        LS_TRY(text(is_escape_text()));
      else if (c == '"')
        LS_TRY(quoted('"', false));
      else if (c == '$' && (at_ == 0 || !is_word(script_[at_ - 1])))
        LS_TRY(dollar());
      else if (is_word(c))
        word();
      else if (c == ';' && depth_ == 0)
        end_statement();
      else
        take(1);
    }
    end_statement();
    return std::move(statements_);
  }

 private:
  bool at_starts(std::string_view text) const { return script_.substr(at_).starts_with(text); }
  bool statement_empty() const { return trim(sql_).empty(); }
  std::size_t line_end() const {
    const std::size_t end = script_.find('\n', at_);
    return end == std::string_view::npos ? script_.size() : end + 1;
  }
  void take(std::size_t count) {
    sql_ += script_.substr(at_, count);
    at_ += count;
  }
  tl::unexpected<Error> open_quote(std::size_t from) const {
    const auto line =
        1 + std::count(script_.begin(), script_.begin() + static_cast<long>(from), '\n');
    return fail("bad-script",
                "a quote that opens in line " + std::to_string(line) + " is never closed",
                "the script of pg_dump", "report it with the version of pg_dump");
  }

  // The head of an entry is a comment of its own between statements; others are dropped.
  void comment() {
    const std::string_view line = script_.substr(at_, line_end() - at_);
    constexpr std::string_view kHead = "-- Name: ";
    if (statement_empty() && line.starts_with(kHead)) head(trim(line.substr(kHead.size())));
    at_ = line_end();
    sql_ += '\n';
  }
  // "t; Type: TABLE; Schema: public; Owner: ana": a name may hold "; " itself, so from the back.
  void head(std::string_view text) {
    const std::string whole = std::string(text) + (text.ends_with("; Owner:") ? " " : "");
    std::string_view line = whole;
    const auto cut = [&line](std::string_view mark) {
      const std::size_t place = line.rfind(mark);
      if (place == std::string_view::npos) return std::string();
      std::string value(line.substr(place + mark.size()));
      line = line.substr(0, place);
      return value == "-" ? std::string() : value;
    };
    static_cast<void>(cut("; Tablespace: "));
    entry_.owner = cut("; Owner: ");
    entry_.schema = cut("; Schema: ");
    entry_.kind = cut("; Type: ");
    entry_.name = line;
  }
  Status skip_to(std::string_view mark, std::size_t from) {
    const std::size_t end = script_.find(mark, at_ + from);
    if (end == std::string_view::npos) return open_quote(at_);
    at_ = end + mark.size();
    return {};
  }
  bool is_escape_text() const {
    return !sql_.empty() && (sql_.back() == 'E' || sql_.back() == 'e') &&
           (sql_.size() == 1 || !is_word(sql_[sql_.size() - 2]));
  }
  Status text(bool escapes) { return quoted('\'', escapes); }
  Status quoted(char quote, bool escapes) {
    const std::size_t from = at_;
    take(1);
    while (at_ < script_.size()) {
      const bool ends = script_[at_] == quote;
      const bool doubled = ends && at_ + 1 < script_.size() && script_[at_ + 1] == quote;
      if (doubled || (escapes && script_[at_] == '\\'))
        take(2);
      else if (!ends)
        take(1);
      else
        return take(1), Status{};
    }
    return open_quote(from);
  }
  Status dollar() {
    const std::size_t from = at_;
    std::size_t end = at_ + 1;
    while (end < script_.size() && script_[end] != '$' && is_word(script_[end])) ++end;
    if (end >= script_.size() || script_[end] != '$' ||
        std::isdigit(static_cast<unsigned char>(script_[at_ + 1])) != 0) {
      take(1);  // a parameter such as $1
      return {};
    }
    const std::string_view tag = script_.substr(at_, end + 1 - at_);
    const std::size_t close = script_.find(tag, end + 1);
    if (close == std::string_view::npos) return open_quote(from);
    take(close + tag.size() - at_);
    return {};
  }
  // Bodies in the standard's form hold semicolons: BEGIN ATOMIC … END, with CASE … END inside.
  void word() {
    std::size_t end = at_;
    while (end < script_.size() && is_word(script_[end])) ++end;
    const std::string_view found = script_.substr(at_, end - at_);
    if (equals_ignoring_case(found, "ATOMIC") && equals_ignoring_case(last_word_, "BEGIN"))
      depth_ = 1;
    else if (depth_ > 0 && equals_ignoring_case(found, "CASE"))
      ++depth_;
    else if (depth_ > 0 && equals_ignoring_case(found, "END"))
      --depth_;
    last_word_ = found;
    take(end - at_);
  }
  void end_statement() {
    const std::string_view sql = trim(sql_);
    if (!sql.empty()) {
      DumpStatement statement = entry_;
      statement.sql = sql;
      statement.is_setting =
          sql.starts_with("SET ") || sql.starts_with("SELECT pg_catalog.set_config(");
      statements_.push_back(std::move(statement));
    }
    sql_.clear();
    depth_ = 0;
    last_word_ = {};
    ++at_;
  }

  std::string_view script_;
  std::size_t at_ = 0;
  std::string sql_;
  int depth_ = 0;
  std::string_view last_word_;
  DumpStatement entry_;
  std::vector<DumpStatement> statements_;
};

}  // namespace

std::string DumpStatement::label() const {
  return kind + " " + (schema.empty() ? "" : schema + ".") + name;
}

Result<std::vector<DumpStatement>> split_dump(std::string_view script) {
  return Splitter(script).run();
}

}  // namespace lakeshift::databases
