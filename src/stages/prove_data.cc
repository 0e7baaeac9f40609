#include "stages/prove_data.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <set>

#include "stages/prove_values.h"

namespace lakeshift::stages {
namespace {

// A small generator of its own, so that rows never change with a library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ % limit);
  }

 private:
  std::uint64_t state_;
};

// Every value of every pool at least once, and as many rows again of chance; each value is a
// literal of its column. NULLs and values of the row before, which make groups, are only among the
// rows of chance: no value of a pool is lost to them.
// Of a key's values, each table lacks another one: so that some keys match and some do not.
std::vector<ValueRow> rows_of(const SourceForm& form, const ProveTable& table, Wildness wild,
                              std::uint64_t seed) {
  Dice dice(seed * 2654435761U + 88172645463325252ULL);
  std::vector<std::vector<Value>> pools;
  std::size_t longest = 6;
  for (const ProveColumn& column : table.columns) {
    pools.push_back(values_of(form, column, wild));
    if (form.keys.contains(column.name) && pools.back().size() > 3)
      pools.back().erase(pools.back().begin() +
                         static_cast<std::ptrdiff_t>(seed % pools.back().size()));
    longest = std::max(longest, pools.back().size());
  }
  const std::size_t count = std::min<std::size_t>(longest + 12, 60);
  std::vector<ValueRow> rows;
  for (std::size_t r = 0; r < count; ++r) {
    ValueRow row;
    for (std::size_t c = 0; c < pools.size(); ++c) {
      // In turn, each column with another stride, then by chance.
      const std::vector<Value>& pool = pools[c];
      const std::size_t few = std::min<std::size_t>(3, pool.size());  // the constants stand first
      const std::size_t index = r < pool.size()      ? (r + c) % pool.size()
                                : dice.below(2) == 0 ? dice.below(few)
                                                     : dice.below(pool.size());
      const bool hole = wild != Wildness::plain && !table.columns[c].not_null && r >= pool.size() &&
                        (r + c * 5) % 4 == 1;
      row.push_back(hole ? Value() : pool[index]);
    }
    rows.push_back(std::move(row));
  }
  for (std::size_t r = longest + 1; r < rows.size(); r += 2) {
    const std::size_t c = dice.below(table.columns.size());
    if (rows[r - 1][c] || !table.columns[c].not_null) rows[r][c] = rows[r - 1][c];
  }
  if (wild != Wildness::plain && rows.size() > 3) rows.push_back(rows[3]);  // a whole row twice
  return rows;
}

// Rows that pass the statement's conditions more often than not, whatever stands in the columns
// that no condition names.
std::vector<ValueRow> passing_rows(const SourceForm& form, const ProveTable& table,
                                   std::size_t count, Dice& dice) {
  std::vector<std::vector<Value>> wanted, pools;
  for (const ProveColumn& column : table.columns) {
    wanted.push_back(wanted_of(form, column));
    pools.push_back(values_of(form, column, Wildness::nulls));
  }
  std::vector<ValueRow> rows;
  for (std::size_t r = 0; r < count; ++r) {
    ValueRow row;
    for (std::size_t c = 0; c < pools.size(); ++c) {
      const bool nullable = !table.columns[c].not_null;
      if (!wanted[c].empty() && r % 4 == 0)  // whatever luck leaves of the others
        row.push_back(wanted[c].front());
      else if (!wanted[c].empty() && dice.below(10) < 8)
        row.push_back(wanted[c][dice.below(
            dice.below(3) > 0 ? std::min<std::size_t>(3, wanted[c].size()) : wanted[c].size())]);
      else if (nullable && dice.below(6) == 0)
        row.push_back(Value());
      else
        row.push_back(pools[c][dice.below(pools[c].size())]);
    }
    rows.push_back(std::move(row));
    if (r % 7 == 3) rows.push_back(rows[dice.below(rows.size())]);
  }
  return rows;
}

// Columns that rows are sorted by hold each value once, NULL too: what a window gives is then one
// thing only. Some rows are there twice, as a whole.
std::vector<ValueRow> sorted_rows(const SourceForm& form, const ProveTable& table, Dice& dice) {
  std::vector<ValueRow> rows = passing_rows(form, table, 12, dice);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!form.sorted.contains(table.columns[c].name)) continue;
    std::vector<Value> pool = wanted_of(form, table.columns[c]);
    if (pool.size() > 6) pool.resize(6);
    for (const Value& value : values_of(form, table.columns[c], Wildness::nulls))
      if (std::find(pool.begin(), pool.end(), value) == pool.end()) pool.push_back(value);
    if (rows.size() > pool.size()) rows.resize(pool.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::swap(pool[r], pool[r + dice.below(std::min<std::size_t>(6, pool.size() - r))]);
      rows[r][c] = pool[r];
    }
    if (!table.columns[c].not_null && !rows.empty()) rows[dice.below(rows.size())][c] = Value();
  }
  for (std::size_t copies = 0; copies < 3 && !rows.empty(); ++copies)
    rows.push_back(rows[dice.below(rows.size())]);
  return rows;
}

// The numbers that a tree's rows are told by, rising: the statement's own, and some beside them.
std::vector<long long> tree_keys(const SourceForm& form, const ProveColumn& column,
                                 std::size_t count) {
  std::set<long long> keys;
  for (const Value& wanted : wanted_of(form, column))
    if (const long long key = std::atoll(wanted->c_str()); key > 0 && keys.size() < count / 2)
      keys.insert(key);
  for (long long key = 1; keys.size() < count; ++key) keys.insert(key);
  return {keys.begin(), keys.end()};
}

// Passing rows whose numbers make trees: one column is the row's own key, all other integers are
// keys of rows above it, NULL at a root; the last has no key. Whichever way a statement walks, it
// comes to an end.
std::vector<ValueRow> tree_rows(const SourceForm& form, const ProveTable& table, std::size_t count,
                                bool turned, Dice& dice) {
  std::vector<ValueRow> rows = passing_rows(form, table, count, dice);
  rows.resize(std::min(rows.size(), count));
  std::vector<std::size_t> numbers;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c].domain == Domain::integer) numbers.push_back(c);
  if (numbers.empty()) return rows;
  const std::size_t own = turned ? numbers.back() : numbers.front();
  const std::vector<long long> keys = tree_keys(form, table.columns[own], rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (const std::size_t c : numbers) {
      const bool root = c != own && (r == 0 || dice.below(6) == 0);
      if (c == own)
        rows[r][c] = std::to_string(keys[r]);
      else if (root)
        rows[r][c] = table.columns[c].not_null ? Value("0") : Value();
      else
        rows[r][c] = std::to_string(keys[dice.below(r)]);
    }
  if (!table.columns[own].not_null && rows.size() > 3) rows.back()[own] = Value();
  return rows;
}

}  // namespace

std::vector<ProveData> make_prove_data(const SourceForm& form,
                                       const std::vector<ProveTable>& tables) {
  std::vector<ProveData> all;
  const auto fill = [&](std::string name, Wildness wild, std::size_t limit) {
    ProveData data{std::move(name), {}};
    for (std::size_t t = 0; t < tables.size(); ++t) {
      auto rows = rows_of(form, tables[t], wild, t + 1);
      if (rows.size() > limit) rows.resize(limit);
      data.rows.push_back(std::move(rows));
    }
    all.push_back(std::move(data));
  };
  if (tables.empty()) {
    all.push_back({"no table", {}});
    return all;
  }
  fill("nulls", Wildness::nulls, 100);
  if (!form.recurses) {  // each of its steps takes the target as long as a statement
    fill("plain", Wildness::plain, 100);
    fill("edges", Wildness::edges, 100);
  }
  fill("pairs", Wildness::plain, 2);
  fill("empty", Wildness::plain, 0);
  for (std::size_t round = 0; round < kFirstRounds; ++round)
    all.push_back(make_more_data(form, tables, round));
  return all;
}

ProveData make_more_data(const SourceForm& form, const std::vector<ProveTable>& tables,
                         std::size_t round) {
  Dice dice((round + 1) * 0x9E3779B97F4A7C15ULL);
  for (int i = 0; i < 8; ++i) (void)dice.below(2);
  // Few rows, too: among many, a failure or a row that passes anyway hides the one that tells.
  constexpr std::size_t kCounts[] = {40, 0, 3, 24, 0, 1, 60, 6};
  const std::size_t count = kCounts[round % std::size(kCounts)];
  const bool sorted = count == 0 && !form.recurses;
  ProveData data{form.recurses ? "tree " : sorted ? "sorted " : "passing ", {}};
  data.name += std::to_string(round + 1);
  for (const ProveTable& table : tables)
    data.rows.push_back(form.recurses ? tree_rows(form, table, 6 + 2 * round, round % 3 == 2, dice)
                        : sorted      ? sorted_rows(form, table, dice)
                                      : passing_rows(form, table, count, dice));
  return data;
}

}  // namespace lakeshift::stages
