#include "stages/prove_shrink.h"

#include <algorithm>

#include "stages/prove_compare.h"

namespace lakeshift::stages {
namespace {

constexpr int kTries = 36;
constexpr int kTriesOfChanges = 14;  // each makes its tables anew, which takes seconds

struct Difference {
  std::string why;
  Outcome source, target;
};

// The difference, or an empty reason when there is none.
Result<Difference> look(Probe& probe, const TableRows& rows, const std::string& target) {
  Difference found;
  LS_ASSIGN(found.source, probe.ask_source(rows));
  LS_ASSIGN(found.target, probe.ask_target(rows, target));
  if (end_of(found.source) == End::whole && end_of(found.target) == End::whole)
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

class Shrinker {
 public:
  Shrinker(Probe& probe, const std::string& target, TableRows rows, Difference first)
      : probe_(probe),
        target_(target),
        rows_(std::move(rows)),
        best_(std::move(first)),
        by_type_(tells_by_type(best_.why)) {}

  const TableRows& rows() const { return rows_; }
  const Difference& best() const { return best_; }

  Status shrink() {
    for (std::size_t table = 0; table < rows_.size(); ++table) {
      LS_TRY(shorten(table));
      LS_TRY(thin_out(table));
    }
    return {};
  }

 private:
  int most() const { return probe_.changes() ? kTriesOfChanges : kTries; }

  // Takes the rows when they still differ in the same way, and not by their order alone.
  Result<bool> take(std::size_t table, std::vector<ValueRow> less) {
    if (tries_ >= most() || less.size() >= rows_[table].size()) return false;
    ++tries_;
    TableRows all = rows_;
    all[table] = std::move(less);
    LS_ASSIGN(Difference now, look(probe_, all, target_));
    if (now.why.empty() || now.source[0].failed != best_.source[0].failed ||
        tells_by_type(now.why) != by_type_)
      return false;
    LS_ASSIGN(const bool free, probe_.depends_on_order(all, now.source));
    if (free) return false;
    rows_ = std::move(all);
    best_ = std::move(now);
    return true;
  }

  // No row at all, else the shortest beginning by halving, and of it the last row alone.
  Status shorten(std::size_t table) {
    LS_ASSIGN(const bool none, take(table, {}));
    if (none) return {};
    std::size_t low = 0;
    while (rows_[table].size() - low > 1) {
      const std::size_t middle = low + (rows_[table].size() - low) / 2;
      const auto begin = rows_[table].begin();
      LS_ASSIGN(const bool enough,
                take(table, {begin, begin + static_cast<std::ptrdiff_t>(middle)}));
      if (!enough) low = middle;
      if (tries_ >= most()) break;
    }
    if (rows_[table].size() > 1) LS_TRY(take(table, {rows_[table].back()}));
    return {};
  }

  // Whole runs of rows first, then shorter ones, down to single rows.
  Status thin_out(std::size_t table) {
    for (std::size_t step = rows_[table].size() / 2; step > 0; step /= 2)
      for (std::size_t at = 0; at < rows_[table].size() && rows_[table].size() > 1;) {
        std::vector<ValueRow> less = rows_[table];
        const auto from = less.begin() + static_cast<std::ptrdiff_t>(at);
        less.erase(from, from + static_cast<std::ptrdiff_t>(std::min(step, less.size() - at)));
        LS_ASSIGN(const bool taken, take(table, std::move(less)));
        if (!taken) at += step;
        if (tries_ >= most()) return {};
      }
    return {};
  }

  Probe& probe_;
  const std::string& target_;
  TableRows rows_;
  Difference best_;
  bool by_type_;
  int tries_ = 0;
};

}  // namespace

Result<Counterexample> shrink(Probe& probe, TableRows all, const std::string& target) {
  LS_ASSIGN(Difference first, look(probe, all, target));
  Shrinker shrinker(probe, target, std::move(all), std::move(first));
  LS_TRY(shrinker.shrink());
  const TableRows& rows = shrinker.rows();
  const Difference& best = shrinker.best();
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
