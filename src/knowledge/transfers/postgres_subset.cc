#include "knowledge/transfers/postgres_subset.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <set>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::PostgresRows;
using databases::PostgresSession;

namespace {

constexpr std::size_t kAtOnce = 5000;

// Tables that hold rows, and of partitions the table at the top, which keys refer to.
constexpr const char* kSubsetTables = R"(
WITH RECURSIVE up(leaf, top) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lakeshift')
  UNION ALL SELECT up.leaf, i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.top
  JOIN pg_catalog.pg_class c ON c.oid = up.top AND c.relispartition)
SELECT up.leaf::bigint, up.top::bigint, n.nspname, c.relname, c.relkind
FROM up JOIN pg_catalog.pg_class c ON c.oid = up.leaf JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = up.top WHERE NOT t.relispartition ORDER BY 1)";

// A key that a parent has is told once, not again for each of its partitions.
constexpr const char* kKeys = R"(
SELECT k.conrelid::bigint, k.confrelid::bigint, pg_catalog.string_agg(pg_catalog.format('p.%I = c.%I', fa.attname, a.attname),
  ' AND ' ORDER BY pair.place)
FROM pg_catalog.pg_constraint k
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) WITH ORDINALITY AS pair(here, there, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
JOIN pg_catalog.pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = pair.there
WHERE k.contype = 'f' GROUP BY k.oid ORDER BY k.oid)";

struct Table {
  std::int64_t top = 0;
  TableName name;
  bool partitioned = false;
  std::string quoted() const { return databases::quote_name(name.first, name.second); }
  std::string only() const { return (partitioned ? "" : "ONLY ") + quoted(); }
};
struct Key {
  std::int64_t child = 0, parent = 0;  // tables
  std::string join;                    // p, c
};
using Addresses = std::vector<std::string>;

std::string array_of(Addresses::const_iterator from, Addresses::const_iterator to) {
  std::string text = "'{";
  for (auto one = from; one != to; ++one) text += (one == from ? "\"" : ",\"") + *one + "\"";
  return text + "}'::pg_catalog.tid[]";
}

class Chooser {
 public:
  Chooser(PostgresSession& session, const SubsetRules& rules) : session_(session), rules_(rules) {}

  Result<ChosenRows> go() {
    LS_TRY(read());
    LS_TRY(take_roots());
    while (!work_.empty()) {
      const Work work = std::move(work_.front());
      work_.pop_front();
      LS_TRY(expand(work));
    }
    return conditions();
  }

 private:
  struct Work {
    std::int64_t table = 0;
    bool down = false;  // what refers to these rows comes along too
    Addresses rows;
  };

  Status read() {
    LS_ASSIGN(const PostgresRows tables, session_.query(kSubsetTables));
    for (int row = 0; row < tables.size(); ++row)
      tables_[tables.integer(row, 0)] = {tables.integer(row, 1),
                                         {tables.text(row, 2), tables.text(row, 3)},
                                         tables.text(row, 4) == "p"};
    LS_ASSIGN(const PostgresRows keys, session_.query(kKeys));
    for (int row = 0; row < keys.size(); ++row)
      if (tables_.contains(keys.integer(row, 0)) && tables_.contains(keys.integer(row, 1)))
        keys_.push_back({keys.integer(row, 0), keys.integer(row, 1), keys.text(row, 2)});
    return {};
  }

  std::int64_t top(std::int64_t table) const { return tables_.at(table).top; }

  Status take_roots() {
    for (const auto& [label, rule] : rules_) {
      const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const auto& one) {
        return table_text(one.second.name) == label;
      });
      if (found == tables_.end())
        return fail("subset-table-missing", "the source has no such table", label,
                    "write 'subset' with the tables' names as the source has them");
      ruled_.insert(top(found->first));
      auto rows = session_.query(fmt::format("SELECT tableoid::bigint, ctid FROM {} WHERE {}",
                                             found->second.only(),
                                             condition_of(rule, found->second.name.second)));
      if (!rows) return fail_because(rows.error(), "subset of " + label, "its condition");
      add(*rows, true);
    }
    return {};
  }

  // "5%": by a digest of the whole row, the same in every run.
  static std::string condition_of(const std::string& rule, const std::string& table) {
    double percent = 0;
    const auto [end, error] = std::from_chars(rule.data(), rule.data() + rule.size(), percent);
    if (error != std::errc() || std::string_view(end) != "%") return "(" + rule + ")";
    return fmt::format(
        "('x' || pg_catalog.substr(pg_catalog.md5({}::text), 1, 7))::bit(28)::int % 100000 < {}",
        databases::quote_name(table), static_cast<int>(percent * 1000));
  }

  // Remembers what is new of these rows, as work.
  void add(const PostgresRows& rows, bool down) {
    std::map<std::int64_t, Addresses> fresh;
    for (int row = 0; row < rows.size(); ++row) {
      const std::int64_t table = rows.integer(row, 0);
      std::string address = rows.text(row, 1);
      const bool is_new = chosen_[table].insert(address).second;
      const bool goes_down = down && expanded_[table].insert(address).second;
      if (is_new || goes_down) fresh[table].push_back(std::move(address));
    }
    for (auto& [table, addresses] : fresh) work_.push_back({table, down, std::move(addresses)});
  }

  Status expand(const Work& work) {
    for (auto from = work.rows.begin(); from != work.rows.end();) {
      const auto to = from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                 kAtOnce, static_cast<std::size_t>(work.rows.end() - from)));
      const std::string rows = array_of(from, to);
      for (const Key& key : keys_) {
        if (applies(key.child, work.table))
          LS_TRY(
              follow(work.table, tables_.at(key.parent).only(), "c", "p", key.join, rows, false));
        if (work.down && applies(key.parent, work.table) && !ruled_.contains(top(key.child)))
          LS_TRY(follow(work.table, tables_.at(key.child).only(), "p", "c", key.join, rows, true));
      }
      from = to;
    }
    return {};
  }

  // A key of a table at the top is that of its partitions.
  bool applies(std::int64_t of_key, std::int64_t table) const {
    return of_key == table || of_key == top(table);
  }

  Status follow(std::int64_t table, const std::string& other, const std::string& here,
                const std::string& there, const std::string& join, const std::string& rows,
                bool down) {
    LS_ASSIGN(const PostgresRows found,
              session_.query(fmt::format(
                  "SELECT DISTINCT {1}.tableoid::bigint, {1}.ctid::text FROM ONLY {2} {0} JOIN {3} "
                  "{1} ON {4} WHERE {0}.ctid = ANY ({5})",
                  here, there, tables_.at(table).quoted(), other, join, rows)));
    add(found, down);
    return {};
  }

  // Tables that keys join with one of a rule, in whatever direction.
  std::set<std::int64_t> joined() const {
    std::set<std::int64_t> tops = ruled_;
    for (std::size_t before = 0; before != tops.size();) {
      before = tops.size();
      for (const Key& key : keys_) {
        if (tops.contains(top(key.child))) tops.insert(top(key.parent));
        if (tops.contains(top(key.parent))) tops.insert(top(key.child));
      }
    }
    return tops;
  }

  ChosenRows conditions() {
    const std::set<std::int64_t> tops = joined();
    ChosenRows chosen;
    for (const auto& [table, what] : tables_) {
      if (what.partitioned || !tops.contains(what.top)) continue;
      std::vector<std::string>& parts = chosen[what.name];
      const Addresses rows(chosen_[table].begin(), chosen_[table].end());
      for (auto from = rows.begin(); from != rows.end();) {
        const auto to = from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                   kAtOnce, static_cast<std::size_t>(rows.end() - from)));
        parts.push_back("ctid = ANY (" + array_of(from, to) + ")");
        from = to;
      }
      if (parts.empty()) parts.push_back("false");
    }
    return chosen;
  }

  PostgresSession& session_;
  const SubsetRules& rules_;
  std::map<std::int64_t, Table> tables_;
  std::vector<Key> keys_;
  std::set<std::int64_t> ruled_;
  std::map<std::int64_t, std::set<std::string>> chosen_, expanded_;
  std::deque<Work> work_;
};

}  // namespace

Result<ChosenRows> choose_subset(PostgresSession& snapshot, const SubsetRules& rules) {
  return Chooser(snapshot, rules).go();
}

}  // namespace lakeshift::transfers
