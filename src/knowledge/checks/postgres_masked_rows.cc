#include "knowledge/checks/postgres_masked_rows.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <unordered_map>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::checks {

using databases::PostgresSession;
using Fields = std::vector<std::optional<std::string>>;

namespace {

constexpr std::size_t kMaskedBuckets = 1U << 16;
constexpr int kStrikes = 3, kRounds = 8;
constexpr std::size_t kMostRowsNamed = 100;

struct Sum {
  std::int64_t rows = 0;
  std::uint64_t sum = 0, mixed = 0;
  bool operator==(const Sum&) const = default;
  void add(std::uint64_t hash) {
    ++rows;
    sum += hash;
    mixed ^= hash;
  }
};
using Rows = std::unordered_map<std::uint64_t, Sum>;  // by the key's hash
struct Doubt {
  Sum source, target;
  int strikes = 0;
};

class Comparison {
 public:
  Comparison(PostgresSession& source, PostgresSession& target, const MaskedTable& table,
             const std::function<Status(databases::Lsn)>& wait)
      : source_(source),
        target_(target),
        table_(table),
        wait_(wait),
        hash_(formats::MaskKey("lakeshift compare"), "rows") {}

  Result<MaskedProof> go() {
    MaskedProof proof;
    proof.table = table_.schema + "." + table_.name;
    std::vector<Sum> here(kMaskedBuckets), there(kMaskedBuckets);
    LS_TRY(scan(true, [&](const Fields&, std::uint64_t key, std::uint64_t row) {
      here[key % kMaskedBuckets].add(row);
      ++proof.rows;
    }));
    LS_TRY(wait());
    LS_TRY(scan(false, [&](const Fields&, std::uint64_t key, std::uint64_t row) {
      there[key % kMaskedBuckets].add(row);
    }));
    doubted_.assign(kMaskedBuckets, false);
    proof.equal = true;
    for (std::size_t i = 0; i < kMaskedBuckets; ++i) {
      doubted_[i] = here[i] != there[i];
      proof.equal = proof.equal && !doubted_[i];
    }
    if (proof.equal) return proof;
    LS_TRY(settle());
    std::map<std::uint64_t, bool> differ;
    for (const auto& [key, doubt] : doubts_) {
      if (doubt.strikes >= kStrikes || !wait_)
        differ[key] = true;
      else
        ++proof.moving;
    }
    proof.equal = differ.empty();
    if (!proof.equal) LS_TRY(name(differ, proof));
    return proof;
  }

 private:
  template <typename Take>
  Status scan(bool source, const Take& take) {
    std::string columns;
    for (const std::string& column : table_.mask.columns)
      columns += (columns.empty() ? "" : ", ") + databases::quote_name(column);
    const std::string sql = fmt::format("COPY (SELECT {} FROM ONLY {}) TO STDOUT", columns,
                                        databases::quote_name(table_.schema, table_.name));
    const auto read = (source ? source_ : target_).copy_out(sql, [&](std::string_view row) {
      Fields fields = formats::read_copy_row(row);
      if (source) table_.mask.apply(fields);
      even_out(fields);
      take(fields, hash_.prf(formats::write_copy_row(key_of(fields))),
           hash_.prf(formats::write_copy_row(fields)));
      return Status{};
    });
    if (!read) return fail(read.error());
    return {};
  }

  // Servers before version 12 write floating numbers otherwise.
  void even_out(Fields& fields) const {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& mask = table_.mask.masks[i];
      if (!fields[i] || !mask || !mask->floating()) continue;
      fields[i] = fmt::format("{:.15g}", std::strtod(fields[i]->c_str(), nullptr));
    }
  }

  Fields key_of(const Fields& fields) const {
    if (table_.key.empty()) return fields;
    Fields key;
    for (const std::size_t place : table_.key) key.push_back(fields[place]);
    return key;
  }

  Status wait() {
    if (!wait_) return {};
    LS_ASSIGN(const std::string position,
              source_.value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
    LS_ASSIGN(const databases::Lsn until, databases::parse_lsn(position));
    return wait_(until);
  }

  // Until every row in doubt is equal, or was different often enough without changing.
  Status settle() {
    const int rounds = wait_ ? kRounds : 1;
    for (int round = 0; round < rounds; ++round) {
      Rows here, there;
      const auto into = [&](Rows& rows) {
        return [&](const Fields&, std::uint64_t key, std::uint64_t row) {
          if (doubted_[key % kMaskedBuckets]) rows[key].add(row);
        };
      };
      LS_TRY(scan(true, into(here)));
      LS_TRY(wait());
      LS_TRY(scan(false, into(there)));
      std::map<std::uint64_t, Doubt> now;
      for (const auto& [key, sum] : here)
        if (const auto other = there.find(key); other == there.end() || other->second != sum)
          now[key] = {sum, other == there.end() ? Sum{} : other->second, 1};
      for (const auto& [key, sum] : there)
        if (!here.contains(key)) now[key] = {Sum{}, sum, 1};
      bool open = false;
      for (auto& [key, doubt] : now) {
        const auto before = doubts_.find(key);
        if (before != doubts_.end() && before->second.source == doubt.source &&
            before->second.target == doubt.target)
          doubt.strikes = before->second.strikes + 1;
        open = open || doubt.strikes < kStrikes;
      }
      doubts_ = std::move(now);
      if (!open) break;
    }
    return {};
  }

  // Which rows and columns: a last look at both sides. What only the copy holds may be unmasked,
  // so nothing of it is told.
  Status name(const std::map<std::uint64_t, bool>& differ, MaskedProof& proof) {
    std::map<std::uint64_t, Fields> expected, found;
    const auto into = [&](std::map<std::uint64_t, Fields>& rows) {
      return [&](const Fields& fields, std::uint64_t key, std::uint64_t) {
        if (differ.contains(key)) rows.emplace(key, fields);
      };
    };
    LS_TRY(scan(true, into(expected)));
    LS_TRY(scan(false, into(found)));
    std::int64_t only_there = 0;
    for (const auto& [key, ignored] : differ) {
      const auto row = expected.find(key);
      if (row == expected.end()) {
        ++only_there;
        continue;
      }
      if (proof.differences.size() >= kMostRowsNamed) continue;
      const auto other = found.find(key);
      proof.differences.push_back(proof.table + " " + key_text(row->second) +
                                  (other == found.end()
                                       ? ": not in the copy"
                                       : ": differs in " + columns_text(*row, *other)));
    }
    if (only_there > 0)
      proof.differences.push_back(
          fmt::format("{}: {} rows only in the copy, withheld since they may be unmasked",
                      proof.table, only_there));
    return {};
  }

  std::string key_text(const Fields& fields) const {
    if (table_.key.empty()) return "row (it has no key; withheld)";
    std::string text;
    for (const std::size_t place : table_.key)
      text += (text.empty() ? "" : ", ") + table_.mask.columns[place] + "='" +
              fields[place].value_or("NULL") + "'";
    return text;
  }

  template <typename Row>
  std::string columns_text(const Row& one, const Row& other) const {
    std::string text;
    for (std::size_t i = 0; i < one.second.size(); ++i)
      if (one.second[i] != other.second[i])
        text += (text.empty() ? "" : ", ") + table_.mask.columns[i];
    return text.empty() ? "how often it is there" : text + " (values withheld)";
  }

  PostgresSession& source_;
  PostgresSession& target_;
  const MaskedTable& table_;
  const std::function<Status(databases::Lsn)>& wait_;
  const formats::MaskPermutation hash_;
  std::vector<bool> doubted_;
  std::map<std::uint64_t, Doubt> doubts_;
};

}  // namespace

Result<std::vector<MaskedProof>> compare_masked_rows(
    const databases::PostgresAddress& source, const databases::PostgresAddress& target,
    const std::vector<MaskedTable>& tables,
    const std::function<Status(databases::Lsn)>& wait_applied, world::Run& run) {
  LS_ASSIGN(const auto here, PostgresSession::connect(source, run.stop));
  LS_ASSIGN(const auto there, PostgresSession::connect(target, run.stop));
  std::vector<MaskedProof> proofs;
  for (const MaskedTable& table : tables) {
    Comparison comparison(*here, *there, table, wait_applied);
    LS_ASSIGN(MaskedProof proof, comparison.go());
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

}  // namespace lakeshift::checks
