#include "sql/functions/function.h"

#include <unordered_map>
#include <vector>

namespace lakeshift::sql {
namespace {

using Index = std::unordered_map<std::string_view, std::vector<const Function*>>;

Index build_index() {
  Index index;
  for (const FunctionSet* set : functions::all_function_sets())
    for (const Function& row : set->rows) index[row.name].push_back(&row);
  return index;
}

}  // namespace

std::span<const Function* const> find_functions(std::string_view lower_name) {
  static const Index index = build_index();
  const auto found = index.find(lower_name);
  if (found == index.end()) return {};
  return found->second;
}

}  // namespace lakeshift::sql
