// One side of the comparison of rows: checksums and rows of a chunk. For postgres_rows.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::checks {

struct HashedColumn {
  std::string name;
  std::string type;    // as SQL writes it
  std::string exact;   // expression for the server's hash that keeps every bit: numeric_send("a")
  std::string direct;  // its type's own hash, "{}" for the seed, where that keeps every bit; or ""
  std::string portable;  // expression whose text is the same from 10 to 18
  bool in_key = false;
  std::int64_t number = 0;  // never given twice in its table
};
struct HashedTable {
  std::string schema, name;
  std::vector<HashedColumn> columns;
  std::string whole_number_key;  // quoted; "" when chunks by range are not possible
  std::int64_t estimated_rows = 0;
  bool keyed() const;
  std::string about() const { return schema + "." + name; }
};

// Values as text: of the key columns, of all columns when the table has no key.
using RowKey = std::vector<std::optional<std::string>>;

// A condition that holds for the rows with one of these lists of values in `columns`, and for no
// others. No value is null, and an index of the columns can answer it.
std::string condition_of(const HashedTable& table, const std::vector<std::string>& columns,
                         const std::vector<RowKey>& values);
// The columns whose values a RowKey holds.
std::vector<std::string> key_columns(const HashedTable& table);

// Error "table-missing".
Result<HashedTable> read_hashed_table(databases::PostgresSession& session,
                                      const std::string& schema, const std::string& name);

struct Digest {
  std::int64_t rows = 0;
  std::string sum;  // of the rows' hashes; exact, decimal
  friend bool operator==(const Digest&, const Digest&) = default;
};
// Of the rows that came, less those that went.
Digest operator-(const Digest& now, const Digest& before);

// A condition that holds for row versions made by this transaction (numbered without its epoch) or
// a later one; for what is not further away than kFarthest.
std::string written_since(std::uint64_t oldest);
inline constexpr std::uint64_t kFarthest = std::uint64_t{1} << 30;  // 32 bits tell up to 2^31 apart
using Buckets = std::map<int, Digest>;
inline constexpr int kBuckets = 1024;

// A row that stands for all equal ones.
struct HashedRow {
  RowKey key;
  std::uint64_t hash = 0;
  std::int64_t count = 0;
};

// In the server by hash_record_extended (14 and later), or in the client over COPY's text.
class RowDigester {
 public:
  RowDigester(databases::PostgresSession& session, bool in_server)
      : session_(session), in_server_(in_server) {}
  // `where`: "" or a condition.
  Result<Digest> whole(const HashedTable& table, const std::string& where);
  // In one scan: what was written since (written_since()), and how many rows were not.
  struct Split {
    std::int64_t old = 0;
    Digest young;
  };
  Result<Split> split(const HashedTable& table, std::uint64_t oldest);
  // By the hash of the key (of the row when there is none).
  Result<Buckets> buckets(const HashedTable& table, const std::string& where);
  // Keyed by the key as text, in order.
  Result<std::map<std::string, HashedRow>> rows(const HashedTable& table, const std::string& where,
                                                const std::set<int>& buckets);
  // Those of these that are there. One scan when the table has no key.
  Result<std::map<std::string, HashedRow>> rows_again(const HashedTable& table,
                                                      const std::vector<HashedRow>& known);

 private:
  template <typename F>  // (hash, bucket, key) -> void
  Status each_row(const HashedTable& table, const std::string& where, const F& use);
  // Rows of the server's hash.
  Result<std::map<std::string, HashedRow>> read_rows(const HashedTable& table,
                                                     const std::string& where);

  databases::PostgresSession& session_;
  const bool in_server_;
};

// Both servers hash a fixed list of values alike; else why not.
Result<std::optional<std::string>> hashes_differ(databases::PostgresSession& source,
                                                 databases::PostgresSession& target);

}  // namespace lakeshift::checks
