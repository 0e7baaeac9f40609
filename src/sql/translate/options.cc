#include "sql/translate/options.h"

#include <algorithm>

namespace lakeshift::sql {

void Options::set(std::string_view name, std::string value) {
  for (auto& [known, old] : options_)
    if (known == name) {
      old = std::move(value);
      return;
    }
  options_.emplace_back(name, std::move(value));
}

bool Options::has(std::string_view name) const {
  return std::any_of(options_.begin(), options_.end(),
                     [&](const auto& one) { return one.first == name; });
}

Node* Options::list(Draft& draft) const {
  std::vector<Node*> kids;
  for (const auto& [name, value] : options_)
    kids.push_back(
        draft.make(Kind::clause, {draft.string(name), draft.words("="), draft.string(value)}));
  return draft.list(kids, true);
}

}  // namespace lakeshift::sql
