#include "stages/prove_probe.h"

#include <algorithm>
#include <cstdlib>

#include "stages/prove_compare.h"
#include "stages/prove_names.h"

namespace lakeshift::stages {

constexpr int kMostLooks = 80;

std::vector<std::string> Probe::reads() const {
  std::vector<std::string> statements;
  if (form_.changes)
    for (const ProveTable& table : tables_)
      if (writes(table)) statements.push_back("SELECT * FROM " + table.name);
  return statements;
}

std::string Probe::written_name(std::size_t index) const {
  for (const ProveTable& table : tables_)
    if (writes(table) && index-- == 0) return table.name;
  return {};
}

bool Probe::writes(const ProveTable& table) const {
  return form_.changes && (form_.changed.empty() || form_.changed == table.name);
}

// The first failure is the outcome; otherwise the last answers.
Outcome Probe::outcome_of(std::vector<engines::Answer> answers, std::size_t expected) const {
  if (!answers.empty() && answers.back().failed) return {answers.back()};
  return {answers.end() - static_cast<std::ptrdiff_t>(std::min(expected, answers.size())),
          answers.end()};
}

End end_of(const Outcome& outcome) {
  const engines::Answer& last = outcome.back();
  if (last.failed && last.state == engines::kEndless) return End::endless;
  const bool cut = std::any_of(outcome.begin(), outcome.end(),
                               [](const engines::Answer& answer) { return answer.truncated; });
  return cut ? End::cut : End::whole;
}

Result<Outcome> Probe::ask_source(const TableRows& rows) {
  std::vector<std::string> statements;
  for (std::size_t t = 0; t < tables_.size(); ++t)
    for (std::string& statement : make_in_source(tables_[t], rows[t]))
      statements.push_back(std::move(statement));
  for (const std::string& one : form_.set_up)
    statements.push_back(without_schemas(one, "postgres", tables_));
  statements.push_back(without_schemas(form_.text, "postgres", tables_));
  const auto then = reads();
  statements.insert(statements.end(), then.begin(), then.end());
  LS_ASSIGN(auto answers, source_.run(statements));
  return outcome_of(std::move(answers), std::max<std::size_t>(1, then.size()));
}

std::vector<std::string> Probe::missing_views(const TableRows& rows) {
  std::vector<std::string> missing;
  views_.resize(tables_.size());
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    auto made = make_in_target(tables_[t], rows[t], writes(tables_[t]));
    if (writes(tables_[t])) {
      missing.insert(missing.end(), made.begin(), made.end());
    } else if (views_[t] != made[0]) {
      views_[t] = made[0];
      missing.push_back(std::move(made[0]));
    }
  }
  return missing;
}

Result<Outcome> Probe::ask_target(const TableRows& rows, const std::string& statement) {
  std::vector<std::string> statements = missing_views(rows);
  statements.push_back(without_schemas(statement, "databricks", tables_));
  const auto then = reads();
  statements.insert(statements.end(), then.begin(), then.end());
  LS_ASSIGN(auto answers, target_.run(statements));
  if (answers.size() < statements.size() - then.size() && !answers.empty() && answers.back().failed)
    return fail("prove-set-up", answers.back().message, "the target's tables",
                "report the CREATE TABLE statements");
  return outcome_of(std::move(answers), std::max<std::size_t>(1, then.size()));
}

Result<std::vector<Outcome>> Probe::ask_target_each(const TableRows& rows,
                                                    const std::vector<std::string>& statements) {
  std::vector<Outcome> outcomes;
  if (form_.changes) {
    for (const std::string& statement : statements) {
      LS_ASSIGN(outcomes.emplace_back(), ask_target(rows, statement));
    }
    return outcomes;
  }
  std::vector<std::string> texts = missing_views(rows);
  const std::size_t made = texts.size();
  for (const std::string& statement : statements)
    texts.push_back(without_schemas(statement, "databricks", tables_));
  LS_ASSIGN(auto answers, target_.run_each(texts));
  for (std::size_t i = made; i < answers.size(); ++i) outcomes.push_back({std::move(answers[i])});
  return outcomes;
}

namespace {

engines::Answer without_blanks(engines::Answer answer) {
  for (auto& row : answer.rows.rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      if (row[c] && answer.rows.columns[c].family == engines::Family::text)
        row[c]->erase(row[c]->find_last_not_of(' ') + 1);
  return answer;
}

// A decimal in the digits that its counterpart has: half away from zero.
std::string rounded(const std::string& text, std::size_t digits) {
  const std::size_t point = text.find('.');
  if (point == std::string::npos || text.size() - point - 1 <= digits) return text;
  const bool up = text[point + 1 + digits] >= '5';
  std::string out = text.substr(0, point + 1 + digits);
  for (std::size_t i = out.size(); up && i-- > 0;) {
    if (out[i] == '.') continue;
    if (out[i] == '-') return out.insert(1, "1");
    if (out[i] != '9') {
      ++out[i];
      return out;
    }
    out[i] = '0';
  }
  return up ? "1" + out : out;
}

std::size_t digits_behind(const std::string& text) {
  const std::size_t point = text.find('.');
  return point == std::string::npos ? 0 : text.size() - point - 1;
}

// PostgreSQL's quotients have 16 significant digits: of a large one, few or none stand behind the
// point. Then that many are compared.
void round_large(engines::Answer& source, engines::Answer& target, std::size_t column,
                 std::size_t digits) {
  for (const auto& row : source.rows.rows)
    if (row[column] && row[column]->size() > 16)
      digits = std::min(digits, digits_behind(*row[column]));
  for (engines::Answer* answer : {&source, &target})
    for (auto& row : answer->rows.rows)
      if (row[column]) row[column] = rounded(*row[column], digits);
}

// The scale of quotients is not what the stand-in can show: it is compared as far as the target's
// goes, which is four digits at least.
void round_like(engines::Answer& source, engines::Answer& target) {
  if (source.failed || target.failed) return;
  for (std::size_t c = 0; c < source.rows.columns.size() && c < target.rows.columns.size(); ++c) {
    const std::string& type = target.rows.columns[c].type;
    const std::size_t comma = type.find(',');
    if (source.rows.columns[c].family != engines::Family::decimal || comma == type.npos) continue;
    const auto digits = static_cast<std::size_t>(std::atoi(type.c_str() + comma + 1));
    if (digits >= 4) round_large(source, target, c, digits);
  }
}

}  // namespace

std::string Probe::compare(const Outcome& source, const Outcome& target) const {
  if (source.size() != target.size()) {
    const bool source_failed = source.size() == 1 && source[0].failed;
    return source_failed ? "the source fails, the target goes on"
                         : "the source goes on, the target fails";
  }
  const bool query = !form_.changes;
  for (std::size_t i = 0; i < source.size(); ++i) {
    std::string why =
        compare_answers(source[i], target[i], query ? form_.order : std::vector<std::size_t>());
    if (!why.empty() && query && (form_.merges || form_.divides)) {
      engines::Answer left = form_.merges ? without_blanks(source[i]) : source[i];
      engines::Answer right = form_.merges ? without_blanks(target[i]) : target[i];
      if (form_.divides) round_like(left, right);
      why = compare_answers(left, right, form_.order);
    }
    if (!why.empty())
      return query || source[i].failed || target[i].failed
                 ? why
                 : "the table " + written_name(i) + ": " + why;
  }
  return {};
}

std::vector<TableRows> other_orders(const TableRows& rows) {
  std::vector<TableRows> orders(1, rows);
  for (auto& table : orders.front()) std::reverse(table.begin(), table.end());
  std::size_t columns = 0;
  for (const auto& table : rows)
    if (!table.empty()) columns = std::max(columns, table.front().size());
  for (std::size_t c = 0; c < columns; ++c) {
    TableRows up = rows;
    for (auto& table : up)
      std::stable_sort(table.begin(), table.end(), [c](const ValueRow& a, const ValueRow& b) {
        return c < a.size() && c < b.size() && a[c] < b[c];
      });
    TableRows down = up;
    for (auto& table : down) std::reverse(table.begin(), table.end());
    orders.push_back(std::move(up));
    orders.push_back(std::move(down));
  }
  return orders;
}

Result<bool> Probe::depends_on_order(const TableRows& rows, const Outcome& first) {
  for (const TableRows& turned : other_orders(rows)) {
    LS_ASSIGN(const Outcome second, ask_source(turned));
    if (first.size() != second.size()) return true;
    for (std::size_t i = 0; i < first.size(); ++i)
      if (!compare_answers(first[i], second[i], {}).empty()) return true;
  }
  return false;
}

Result<TableRows> Probe::without_failures(TableRows rows) {
  int asked = 0;
  bool works = false;
  const auto look = [&](const TableRows& some) -> Status {
    ++asked;
    LS_ASSIGN(const Outcome outcome, ask_source(some));
    works = !outcome[0].failed;
    return {};
  };
  for (std::size_t t = 0; t < rows.size(); ++t) {
    TableRows kept = rows;
    kept[t].clear();
    LS_TRY(look(kept));
    if (!works) continue;  // not for the rows of this table
    // Blocks of rows, the first at the end; one that fails is halved.
    std::vector<std::vector<ValueRow>> blocks = {rows[t]};
    while (!blocks.empty() && asked < kMostLooks) {
      const std::vector<ValueRow> block = std::move(blocks.back());
      blocks.pop_back();
      TableRows more = kept;
      more[t].insert(more[t].end(), block.begin(), block.end());
      LS_TRY(look(more));
      if (works) {
        kept = std::move(more);
      } else if (block.size() > 1) {
        const auto middle = block.begin() + static_cast<std::ptrdiff_t>(block.size() / 2);
        blocks.emplace_back(middle, block.end());
        blocks.emplace_back(block.begin(), middle);
      }
    }
    return kept;
  }
  return rows;
}

}  // namespace lakeshift::stages
