#include "twin/store.h"

#include "twin/state_file.h"

namespace lakeshift::twin {

struct Store::Database {
  std::unique_ptr<StateFile> file;
};

Store::Store() : database_(std::make_unique<Database>()) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path) {
  std::unique_ptr<Store> store(new Store());
  if (!path.empty()) {
    LS_ASSIGN(store->database_->file, StateFile::open(path));
    LS_TRY(store->load());
  }
  return store;
}

Status Store::load() {
  LS_TRY(database_->file->read_rows([this](const std::string& kind, Row row) {
    Kind& rows = kinds_[kind];
    rows.order[row.order] = row.id;
    rows.keys.insert({row.key, row.order});
    last_order_ = std::max(last_order_, row.order);
    std::string id = row.id;
    rows.rows[std::move(id)] = std::move(row);
  }));
  LS_TRY(database_->file->read_contents(
      [this](const std::string& id, std::string bytes) { contents_[id] = std::move(bytes); }));
  return database_->file->read_counters(
      [this](const std::string& name, long long value) { counters_[name] = value; });
}

const Row* Store::at(const Kind& kind, long long order) const {
  const auto id = kind.order.find(order);
  if (id == kind.order.end()) return nullptr;
  const auto row = kind.rows.find(id->second);
  return row == kind.rows.end() ? nullptr : &row->second;
}

const Row* Store::get(std::string_view kind, std::string_view id) const {
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return nullptr;
  const auto row = rows->second.rows.find(std::string(id));
  return row == rows->second.rows.end() ? nullptr : &row->second;
}

const Row* Store::by_key(std::string_view kind, std::string_view key) const {
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return nullptr;
  const auto found = rows->second.keys.lower_bound({std::string(key), 0});
  return found == rows->second.keys.end() || found->first != key ? nullptr
                                                                 : at(rows->second, found->second);
}

std::vector<const Row*> Store::all_by_key(std::string_view kind, std::string_view key) const {
  std::vector<const Row*> found;
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return found;
  const auto& keys = rows->second.keys;
  for (auto it = keys.lower_bound({std::string(key), 0}); it != keys.end() && it->first == key;
       ++it)
    found.push_back(at(rows->second, it->second));
  return found;
}

std::vector<const Row*> Store::list(std::string_view kind) const {
  std::vector<const Row*> found;
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return found;
  found.reserve(rows->second.order.size());
  for (const auto& [order, id] : rows->second.order) found.push_back(at(rows->second, order));
  return found;
}

std::vector<const Row*> Store::with_prefix(std::string_view kind, std::string_view prefix) const {
  std::vector<const Row*> found;
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return found;
  const auto& keys = rows->second.keys;
  for (auto it = keys.lower_bound({std::string(prefix), 0});
       it != keys.end() && it->first.starts_with(prefix); ++it)
    found.push_back(at(rows->second, it->second));
  return found;
}

std::size_t Store::count(std::string_view kind) const {
  const auto rows = kinds_.find(kind);
  return rows == kinds_.end() ? 0 : rows->second.rows.size();
}

std::vector<std::string> Store::kinds() const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds_) {
    if (!kind.rows.empty()) names.push_back(name);
  }
  return names;
}

void Store::put(const std::string& kind, const std::string& id, const std::string& key,
                Json document) {
  Kind& rows = kinds_[kind];
  Row& row = rows.rows[id];
  if (row.order == 0) {
    row.id = id;
    row.order = ++last_order_;
    row.since = now_;
    rows.order[row.order] = id;
  } else {
    rows.keys.erase({row.key, row.order});
  }
  row.key = key;
  row.document = std::move(document);
  rows.keys.insert({key, row.order});
  ++rows.version;
  if (database_->file) changed_rows_.insert({kind, id});
}

bool Store::erase(const std::string& kind, const std::string& id) {
  const auto rows = kinds_.find(kind);
  if (rows == kinds_.end()) return false;
  const auto row = rows->second.rows.find(id);
  if (row == rows->second.rows.end()) return false;
  rows->second.keys.erase({row->second.key, row->second.order});
  rows->second.order.erase(row->second.order);
  rows->second.rows.erase(row);
  ++rows->second.version;
  if (database_->file) changed_rows_.insert({kind, id});
  return true;
}

void Store::clear() {
  for (const auto& [kind, rows] : kinds_) {
    for (const auto& [id, row] : rows.rows) changed_rows_.insert({kind, id});
  }
  for (const auto& [id, bytes] : contents_) changed_contents_.insert(id);
  for (auto& [kind, rows] : kinds_) {
    const long long version = rows.version + 1;
    rows = {};
    rows.version = version;
  }
  contents_.clear();
}

const std::string* Store::content(std::string_view id) const {
  const auto found = contents_.find(id);
  return found == contents_.end() ? nullptr : &found->second;
}

void Store::put_content(const std::string& id, std::string bytes) {
  contents_[id] = std::move(bytes);
  if (database_->file) changed_contents_.insert(id);
}

void Store::erase_content(const std::string& id) {
  if (contents_.erase(id) > 0 && database_->file) changed_contents_.insert(id);
}

long long Store::next(const std::string& counter) { return ++counters_[counter]; }

long long Store::version(std::string_view kind) const {
  const auto rows = kinds_.find(kind);
  return rows == kinds_.end() ? 0 : rows->second.version;
}

Status Store::commit() {
  if (!database_->file) {
    changed_rows_.clear();
    changed_contents_.clear();
    return {};
  }
  if (changed_rows_.empty() && changed_contents_.empty()) return {};
  LS_TRY(database_->file->begin());
  for (const auto& [kind, id] : changed_rows_) {
    if (const Row* row = get(kind, id)) {
      LS_TRY(database_->file->write_row(kind, *row));
    } else {
      LS_TRY(database_->file->erase_row(kind, id));
    }
  }
  for (const std::string& id : changed_contents_)
    LS_TRY(database_->file->write_content(id, content(id)));
  for (const auto& [name, value] : counters_) LS_TRY(database_->file->write_counter(name, value));
  LS_TRY(database_->file->end());
  changed_rows_.clear();
  changed_contents_.clear();
  return {};
}

}  // namespace lakeshift::twin
