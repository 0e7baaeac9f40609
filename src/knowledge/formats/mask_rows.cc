#include "knowledge/formats/mask_rows.h"

#include <algorithm>

namespace lakeshift::formats {
namespace {

constexpr std::string_view kEscaped = "\b\f\n\r\t\v\\", kLetters = "bfnrtv\\";

std::optional<std::string> read_field(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  std::string out;
  out.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      out += field[i];
      continue;
    }
    const char c = field[++i];
    const std::size_t found = kLetters.find(c);
    out += found == kLetters.npos ? c : kEscaped[found];
  }
  return out;
}

}  // namespace

std::vector<std::optional<std::string>> read_copy_row(std::string_view row) {
  std::vector<std::optional<std::string>> fields;
  if (row.ends_with('\n')) row.remove_suffix(1);
  while (true) {
    const std::size_t tab = row.find('\t');
    fields.push_back(read_field(row.substr(0, tab)));
    if (tab == row.npos) return fields;
    row.remove_prefix(tab + 1);
  }
}

std::string write_copy_row(const std::vector<std::optional<std::string>>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += '\t';
    if (!fields[i]) {
      out += "\\N";
      continue;
    }
    for (const char c : *fields[i]) {
      const std::size_t found = kEscaped.find(c);
      if (found == kEscaped.npos) {
        out += c;
      } else {
        out += '\\';
        out += kLetters[found];
      }
    }
  }
  return out + '\n';
}

bool RowMask::masks_any() const {
  return std::any_of(masks.begin(), masks.end(), [](const auto& mask) { return mask != nullptr; });
}

void RowMask::apply(std::vector<std::optional<std::string>>& fields) const {
  for (std::size_t i = 0; i < fields.size() && i < masks.size(); ++i)
    if (masks[i] && fields[i]) fields[i] = masks[i]->apply(*fields[i]);
}

std::string RowMask::apply(std::string_view copy_row) const {
  auto fields = read_copy_row(copy_row);
  apply(fields);
  return write_copy_row(fields);
}

}  // namespace lakeshift::formats
