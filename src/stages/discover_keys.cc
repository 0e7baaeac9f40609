#include "stages/discover_keys.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace lakeshift::stages {
namespace {

// Ids and times come as numbers or as texts: longer numbers are greater, equal lengths compare as
// text.
std::pair<std::size_t, std::string> ordinal(std::string text) {
  return {text.size(), std::move(text)};
}

auto order_of(const model::Object& object) {
  const Json& document = object.document;
  std::string creator, created;
  for (const char* name : {"creator_user_name", "creator_name", "creator"})
    if (creator.empty()) creator = text_at(document, name);
  for (const char* name : {"created_time", "created_at", "start_time"})
    if (created.empty()) created = scalar_text(member(document, name));
  return std::tuple(creator, ordinal(created), ordinal(object.id.id));
}

}  // namespace

void make_keys_unique(std::vector<model::Object>& objects) {
  std::map<std::pair<std::string, std::string>, std::vector<model::Object*>> groups;
  std::set<std::pair<std::string, std::string>> taken;
  for (model::Object& object : objects) {
    groups[{object.id.kind, object.key}].push_back(&object);
    taken.insert({object.id.kind, object.key});
  }
  for (auto& [key, group] : groups) {
    if (group.size() < 2) continue;
    std::sort(group.begin(), group.end(), [](const model::Object* a, const model::Object* b) {
      return order_of(*a) < order_of(*b);
    });
    int number = 2;
    for (std::size_t i = 1; i < group.size(); ++i) {
      // An object may really be called "name#2".
      std::string unique;
      do unique = key.second + "#" + std::to_string(number++);
      while (!taken.insert({key.first, unique}).second);
      group[i]->key = unique;
    }
  }
}

}  // namespace lakeshift::stages
