// String constants and names: what Redshift means by them, and how Databricks writes it.
#include "sql/char_class.h"
#include "sql/dialect.h"
#include "sql/parse/grammar.h"
#include "sql/translate/draft.h"
#include "sql/types/type.h"

namespace lakeshift::sql {
namespace {

// Letters, digits and '_', not beginning with a digit.
bool is_simple_name(std::string_view name) {
  if (name.empty() || is_digit(name.front())) return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) >= 0x80 || !is_word(c)) return false;
  return true;
}

void append_code_point(std::string& out, unsigned long code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// One escape behind a backslash at text[i]; returns the index of its last byte.
std::size_t read_escape(std::string_view text, std::size_t i, std::string& value) {
  const char c = text[i];
  switch (c) {
    case 'b':
      value += '\b';
      return i;
    case 'f':
      value += '\f';
      return i;
    case 'n':
      value += '\n';
      return i;
    case 'r':
      value += '\r';
      return i;
    case 't':
      value += '\t';
      return i;
    default:
      break;
  }
  if (c >= '0' && c <= '7') {
    unsigned code = 0;
    std::size_t end = i;
    while (end < text.size() && end < i + 3 && text[end] >= '0' && text[end] <= '7')
      code = code * 8 + static_cast<unsigned>(text[end++] - '0');
    value += static_cast<char>(code & 0xFF);
    return end - 1;
  }
  value += c;
  return i;
}

// U&'\0061', U&'\+01F600'
bool read_unicode(std::string_view text, std::string& value) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '\\') {
      value += '\\';
      ++i;
      continue;
    }
    const bool longer = i + 1 < text.size() && text[i + 1] == '+';
    const std::size_t digits = longer ? 6 : 4;
    const std::size_t from = i + (longer ? 2 : 1);
    if (from + digits > text.size()) return false;
    append_code_point(value, std::stoul(std::string(text.substr(from, digits)), nullptr, 16));
    i = from + digits - 1;
  }
  return true;
}

}  // namespace

bool read_string(const Node* node, std::string& value) {
  value.clear();
  if (node->kind != Kind::string) return false;
  if (node->count > 0) {
    for (const Node* part : node->children()) {
      std::string one;
      if (!read_string(part, one)) return false;
      value += one;
    }
    return true;
  }
  std::string_view text = node->text();
  if (text.find("{{") != text.npos || text.find("${") != text.npos) return false;
  const auto quote = static_cast<Quote>(node->code);
  if (quote == Quote::dollar) {
    const auto tag = text.find('$', 1) + 1;
    value = text.substr(tag, text.size() - 2 * tag);
    return true;
  }
  const auto open = text.find('\'');
  if (open == text.npos) return false;
  text = text.substr(open + 1, text.size() - open - 2);
  if (quote == Quote::bits || quote == Quote::hex) return false;
  const bool backslash = quote != Quote::unicode;
  std::string inner;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'') ++i;
    if (backslash && text[i] == '\\' && i + 1 < text.size())
      i = read_escape(text, i + 1, inner);
    else
      inner += text[i];
  }
  if (quote == Quote::unicode) return read_unicode(inner, value);
  value = std::move(inner);
  return true;
}

bool is_plain_name(std::string_view spelling) {
  return is_simple_name(spelling) && find_word(spelling) == Word::none;
}

std::string quote_name(std::string_view spelling) {
  if (is_plain_name(spelling)) return std::string(spelling);
  const bool quoted = spelling.size() >= 2 && spelling.front() == '"';
  const bool templated =
      spelling.find("{{") != spelling.npos || spelling.find("${") != spelling.npos;
  if (templated || spelling.starts_with('`')) return std::string(spelling);
  std::string plain;
  if (quoted) {
    for (std::size_t i = 1; i + 1 < spelling.size(); ++i) {
      plain += spelling[i];
      if (spelling[i] == '"' && i + 2 < spelling.size() && spelling[i + 1] == '"') ++i;
    }
  } else {
    plain = spelling;
  }
  if (plain.starts_with('#')) plain.erase(0, 1);
  bool simple = is_simple_name(plain);
  const Word word = find_word(plain);
  if (word != Word::none) {
    static const CompiledDialect& target = compile(*find_dialect("databricks"));
    // words that Spark's ANSI mode reserves, beside those the grammar needs
    static constexpr std::string_view kAnsi[] = {
        "check",    "collate", "column",     "constraint", "create",  "end",
        "fetch",    "filter",  "foreign",    "grant",      "leading", "only",
        "overlaps", "primary", "references", "some",       "table",   "to",
        "trailing", "unique",  "user",       "both",       "any",     "set"};
    bool reserved = target.reserved[static_cast<std::size_t>(word)];
    for (const std::string_view one : kAnsi) reserved = reserved || same_word(one, plain);
    if (reserved) simple = false;
  }
  if (simple) return plain;
  std::string out = "`";
  for (const char c : plain) {
    out += c;
    if (c == '`') out += c;
  }
  return out + "`";
}

}  // namespace lakeshift::sql
