#include "stages/prove_compare.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

using engines::Family;

std::string canonical_number(std::string text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  if (text.find_first_not_of("0123456789.") != std::string::npos) return text;
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty() || text.front() == '.') text.insert(0, "0");
  return (negative && text != "0" ? "-" : "") + text;
}

std::string canonical_real(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  if (std::isnan(value)) return "NaN";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.12g", value == 0 ? 0.0 : value);
  return buffer;
}

// CHAR stands against VARCHAR: what fills it up does not count on either side.
Family meeting(Family mine, Family other) {
  return mine == Family::text && other == Family::padded ? Family::padded : mine;
}

bool same_family(Family a, Family b) {
  const auto plain = [](Family f) { return f == Family::padded ? Family::text : f; };
  return a == Family::none || b == Family::none || plain(a) == plain(b);
}

using Texts = std::vector<std::vector<std::string>>;

Texts texts_of(const engines::Rows& mine, const engines::Rows& other) {
  Texts all;
  for (const auto& row : mine.rows) {
    std::vector<std::string> texts;
    for (std::size_t c = 0; c < row.size(); ++c)
      texts.push_back(
          row[c] ? "=" + canonical_value(meeting(mine.columns[c].family, other.columns[c].family),
                                         *row[c])
                 : "NULL");
    all.push_back(std::move(texts));
  }
  return all;
}

// Blanks behind a text mean nothing to an order.
std::string_view as_key(const std::string& text) {
  return std::string_view(text).substr(0, text.find_last_not_of(' ') + 1);
}

std::string compare_order(const Texts& left, const Texts& right,
                          const std::vector<std::size_t>& order) {
  for (std::size_t r = 0; r < left.size(); ++r)
    for (const std::size_t column : order)
      if (as_key(left[r][column]) != as_key(right[r][column]))
        return "the rows are the same, their order is not: at row " + std::to_string(r + 1) +
               " the source has " + left[r][column] + ", the target " + right[r][column];
  return {};
}

}  // namespace

std::string canonical_value(Family family, const std::string& text) {
  switch (family) {
    case Family::boolean:
      return text.starts_with('t') ? "true" : "false";
    case Family::integer:
    case Family::decimal:
      return canonical_number(text);
    case Family::real:
      return canonical_real(text);
    case Family::padded:
      return text.substr(0, text.find_last_not_of(' ') + 1);
    case Family::timestamp:
    case Family::timestamp_zone: {
      std::string plain = text.ends_with("+00") ? text.substr(0, text.size() - 3) : text;
      if (plain.find('.') != std::string::npos) {
        plain.erase(plain.find_last_not_of('0') + 1);
        if (plain.ends_with('.')) plain.pop_back();
      }
      return plain;
    }
    case Family::binary:
      return to_lower(text.starts_with("\\x") ? text.substr(2) : text);
    case Family::document: {
      const auto json = parse_json(text, "a value");
      return json ? dump_json(*json) : text;
    }
    default:
      return text;
  }
}

std::string show_answer(const engines::Answer& answer, std::size_t limit) {
  if (answer.failed)
    return "error " + answer.failure + ": " +
           answer.message.substr(0, std::min<std::size_t>(answer.message.find('\n'), 200));
  std::string text;
  for (std::size_t r = 0; r < answer.rows.rows.size() && r < limit; ++r) {
    text += r == 0 ? "(" : ", (";
    for (std::size_t c = 0; c < answer.rows.rows[r].size(); ++c) {
      const engines::Cell& cell = answer.rows.rows[r][c];
      text += (c == 0 ? "" : ", ") + (cell ? "'" + *cell + "'" : std::string("NULL"));
    }
    text += ')';
  }
  if (answer.rows.rows.size() > limit)
    text += ", … " + std::to_string(answer.rows.rows.size()) + " rows";
  return text.empty() ? "no row" : text;
}

std::string compare_answers(const engines::Answer& source, const engines::Answer& target,
                            const std::vector<std::size_t>& order) {
  if (source.failed && target.failed) return {};
  if (source.failed) return "the source fails, the target answers";
  if (target.failed) return "the source answers, the target fails";
  const engines::Rows &a = source.rows, &b = target.rows;
  if (a.columns.size() != b.columns.size())
    return "the source has " + std::to_string(a.columns.size()) + " columns, the target " +
           std::to_string(b.columns.size());
  if (a.rows.size() != b.rows.size())
    return "the source has " + std::to_string(a.rows.size()) + " rows, the target " +
           std::to_string(b.rows.size());
  Texts left = texts_of(a, b), right = texts_of(b, a);
  std::string misplaced = compare_order(left, right, order);
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  if (left != right) return "the rows differ";
  for (std::size_t c = 0; c < a.columns.size(); ++c)
    if (!same_family(a.columns[c].family, b.columns[c].family))
      return "column " + std::to_string(c + 1) + " is " +
             std::string(engines::spell(a.columns[c].family)) + " in the source, " +
             std::string(engines::spell(b.columns[c].family)) + " in the target";
  return misplaced;
}

}  // namespace lakeshift::stages
