#include "stages/prove_shrink.h"

#include <algorithm>

#include "stages/prove_compare.h"

namespace lakeshift::stages {
namespace {

constexpr int kTries = 36;

struct Difference {
  std::string why;
  Outcome source, target;
};

// The difference, or an empty reason when these rows are none; rows of which SQL does not say what
// must come out are none either.
Result<Difference> look(Probe& probe, const TableRows& rows, const std::string& target) {
  Difference found;
  LS_ASSIGN(found.source, probe.ask_source(rows));
  LS_ASSIGN(found.target, probe.ask_target(rows, target));
  found.why = probe.compare(found.source, found.target);
  return found;
}

// Nothing but the type of a column differs: any rows show that, even none.
bool tells_by_type(std::string_view why) { return why.starts_with("column "); }

const engines::Answer& telling(const Outcome& mine, const Outcome& other) {
  for (std::size_t i = 0; i < mine.size() && i < other.size(); ++i)
    if (!compare_answers(mine[i], other[i], {}).empty()) return mine[i];
  return mine[0];
}

}  // namespace

Result<Counterexample> shrink(Probe& probe, TableRows rows, const std::string& target) {
  LS_ASSIGN(Difference best, look(probe, rows, target));
  const std::string wanted = best.why;
  int tries = 0;
  // Whole runs of rows first, then shorter ones, down to single rows.
  for (std::size_t table = 0; table < rows.size(); ++table) {
    std::size_t step = std::max<std::size_t>(1, rows[table].size() / 2);
    for (;;) {
      bool smaller = false;
      for (std::size_t at = 0; at < rows[table].size() && tries < kTries;) {
        TableRows less = rows;
        const auto from = less[table].begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = static_cast<std::ptrdiff_t>(std::min(step, less[table].size() - at));
        less[table].erase(from, from + count);
        ++tries;
        LS_ASSIGN(Difference now, look(probe, less, target));
        if (!now.why.empty() && now.source[0].failed == best.source[0].failed &&
            tells_by_type(now.why) == tells_by_type(wanted)) {
          rows = std::move(less);
          best = std::move(now);
          smaller = true;
        } else {
          at += step;
        }
      }
      if (tries >= kTries || rows[table].size() <= 1 || (step == 1 && !smaller)) break;
      step = std::max<std::size_t>(1, step / 2);
    }
  }
  // Tables whose order alone decides are no counterexample: a reordering must not change the
  // source.
  Counterexample example;
  example.why = best.why;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    example.rows += rows[t].size();
    example.set_up += make_for_people(probe.tables()[t], rows[t]);
  }
  example.source = show_answer(telling(best.source, best.target));
  example.target = show_answer(telling(best.target, best.source));
  return example;
}

}  // namespace lakeshift::stages
