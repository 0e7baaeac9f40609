#include "knowledge/databases/postgres_managed.h"

#include <algorithm>

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

Result<std::vector<std::vector<std::string>>> rows_of(const char* file, std::size_t columns) {
  std::vector<std::vector<std::string>> rows;
  bool is_head = true;
  for (const std::string& line : split(embedded_file(file), '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    std::vector<std::string> cells = split(line, ';');
    if (cells.size() != columns)
      return fail("bad-table",
                  "the line '" + line + "' has not " + std::to_string(columns) + " cells", file,
                  "report it");
    if (!is_head) rows.push_back(std::move(cells));
    is_head = false;
  }
  return rows;
}

Result<std::vector<ManagedFact>> all_facts() {
  LS_ASSIGN(const auto rows, rows_of("data/postgres_managed.csv", 5));
  std::vector<ManagedFact> facts;
  for (const auto& row : rows) facts.push_back({row[0], row[1], row[2], row[3], row[4]});
  return facts;
}

bool shows(const PostgresCatalog& catalog, const ManagedFact& signal) {
  if (signal.name == "setting") return catalog.settings.contains(signal.value);
  const auto roles = catalog.of("role");
  return std::any_of(roles.begin(), roles.end(),
                     [&](const PostgresThing* role) { return role->name == signal.value; });
}

}  // namespace

std::string ManagedService::parameter_remedy(std::string_view parameter) const {
  std::string fallback;
  for (const ManagedFact& fact : facts) {
    if (fact.fact != "parameter") continue;
    if (fact.name == parameter) return fact.value;
    if (fact.name == "*") fallback = fact.value;
  }
  return fallback;
}

std::string ManagedService::replication_role() const {
  for (const ManagedFact& fact : facts)
    if (fact.fact == "replication") return fact.value;
  return {};
}

std::string ManagedService::subscription_role() const {
  for (const ManagedFact& fact : facts)
    if (fact.fact == "subscription") return fact.value;
  return {};
}

bool ManagedService::refuses(std::string_view what) const {
  return std::any_of(facts.begin(), facts.end(), [&](const ManagedFact& fact) {
    return fact.fact == "refused" && fact.name == what;
  });
}

bool ManagedService::reserves_role(std::string_view role) const {
  return std::any_of(facts.begin(), facts.end(), [&](const ManagedFact& fact) {
    return fact.fact == "reserved" && matches_glob(role, fact.value);
  });
}

std::vector<AllowList> ManagedService::allow_lists(const PostgresCatalog& catalog) const {
  std::vector<AllowList> lists;
  for (const ManagedFact& fact : facts) {
    if (fact.fact != "allow-list") continue;
    const auto found = catalog.settings.find(fact.name);
    AllowList list;
    list.parameter = fact.name;
    const std::string text = found == catalog.settings.end() ? "" : found->second;
    for (const std::string& entry : split(text, ','))
      if (!trim(entry).empty()) list.extensions.push_back(to_lower(trim(entry)));
    list.takes_all = list.extensions.empty() && fact.value == "all";
    lists.push_back(std::move(list));
  }
  return lists;
}

Result<ManagedService> managed_service(const PostgresCatalog& catalog) {
  LS_ASSIGN(const auto facts, all_facts());
  ManagedService service;
  for (const ManagedFact& fact : facts)
    if (fact.fact == "signal" && shows(catalog, fact)) {
      service.name = fact.service;
      break;
    }
  for (const ManagedFact& fact : facts)
    if (fact.service == service.name) service.facts.push_back(fact);
  return service;
}

Result<std::vector<std::string>> managed_settings() {
  LS_ASSIGN(const auto facts, all_facts());
  std::vector<std::string> names;
  for (const ManagedFact& fact : facts) {
    if (fact.fact == "signal" && fact.name == "setting") names.push_back(fact.value);
    if (fact.fact == "allow-list") names.push_back(fact.name);
  }
  return names;
}

Result<std::map<std::string, std::string>> preloaded_libraries() {
  LS_ASSIGN(const auto rows, rows_of("data/postgres_extensions.csv", 3));
  std::map<std::string, std::string> libraries;
  for (const auto& row : rows) libraries[row[0]] = row[1];
  return libraries;
}

}  // namespace lakeshift::databases
