#include "surfaces/report/table.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastColumn = 6;

std::vector<std::size_t> column_widths(const std::vector<Column>& columns,
                                       const std::vector<std::vector<Cell>>& rows,
                                       std::size_t room) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) widths.push_back(display_width(column.title));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], display_width(row[i].text));
  if (room == 0) return widths;
  std::size_t total = kGap * (widths.empty() ? 0 : widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  while (total > room) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (widest == widths.end() || *widest <= kLeastColumn) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string format_cell(const Cell& cell, std::size_t width, bool right, bool last,
                        const Style& style) {
  const std::string text = fit_width(cell.text, width);
  const std::size_t used = display_width(text);
  const std::string blanks(width > used ? width - used : 0, ' ');
  const std::string painted = paint(style, cell.tone, text);
  if (right) return blanks + painted;
  return last ? painted : painted + blanks;
}

}  // namespace

std::string format_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<Cell>>& rows, const Style& style) {
  const auto widths = column_widths(columns, rows, style.columns);
  std::string text;
  const auto add_line = [&](const std::vector<Cell>& cells) {
    std::string line;
    for (std::size_t i = 0; i < std::min(cells.size(), widths.size()); ++i) {
      if (i > 0) line += std::string(kGap, ' ');
      line += format_cell(cells[i], widths[i], columns[i].right, i + 1 == widths.size(), style);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  std::vector<Cell> titles;
  for (const Column& column : columns) titles.push_back({column.title, Tone::dim});
  add_line(titles);
  for (const auto& row : rows) add_line(row);
  return text;
}

}  // namespace lakeshift::report
