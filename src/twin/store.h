// What the simulated workspace holds: documents by kind and id, in order of creation, and byte
// contents. Everything lives in memory; with a state file each commit() is one SQLite transaction,
// so that a twin that was killed comes back with exactly the effects it answered for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::twin {

struct Row {
  std::string id;
  std::string key;      // what the kind looks objects up by (a name, a tree position); may repeat
  long long order = 0;  // of creation
  long long since = 0;  // milliseconds: when the row was made (for lists that lag)
  Json document;
};

// Not thread safe: the twin holds one lock.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& path);
  ~Store();

  const Row* get(std::string_view kind, std::string_view id) const;
  const Row* by_key(std::string_view kind, std::string_view key) const;  // the oldest
  std::vector<const Row*> all_by_key(std::string_view kind, std::string_view key) const;
  // Rows of the kind in order of creation.
  std::vector<const Row*> list(std::string_view kind) const;
  // Rows whose key starts with the prefix, in key order.
  std::vector<const Row*> with_prefix(std::string_view kind, std::string_view prefix) const;
  std::size_t count(std::string_view kind) const;
  std::vector<std::string> kinds() const;

  // Adds or replaces; order and since of a row that exists are kept.
  void put(const std::string& kind, const std::string& id, const std::string& key, Json document);
  bool erase(const std::string& kind, const std::string& id);
  void clear();

  const std::string* content(std::string_view id) const;
  void put_content(const std::string& id, std::string bytes);
  void erase_content(const std::string& id);

  // The next number of a named counter, starting at 1.
  long long next(const std::string& counter);
  // Raised whenever the kind changes: what was computed from it can be kept until then.
  long long version(std::string_view kind) const;
  void set_now(long long milliseconds) { now_ = milliseconds; }

  Status commit();

 private:
  struct Kind {
    std::unordered_map<std::string, Row> rows;
    std::map<long long, std::string> order;
    std::set<std::pair<std::string, long long>> keys;
    long long version = 0;
  };
  struct Database;
  Store();
  Status load();
  const Row* at(const Kind& kind, long long order) const;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::map<std::string, std::string, std::less<>> contents_;
  std::map<std::string, long long> counters_;
  long long last_order_ = 0;
  long long now_ = 0;
  std::set<std::pair<std::string, std::string>> changed_rows_;
  std::set<std::string> changed_contents_;
  std::unique_ptr<Database> database_;
};

}  // namespace lakeshift::twin
