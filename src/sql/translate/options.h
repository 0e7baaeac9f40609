// What a reader or a writer of files is told: ('name' = 'value', …).
#pragma once

#include "sql/translate/draft.h"

namespace lakeshift::sql {

class Options {
 public:
  void set(std::string_view name, std::string value);  // in place of what was said before
  bool has(std::string_view name) const;
  bool empty() const { return options_.empty(); }
  bool none_but(std::string_view name) const { return options_.size() == (has(name) ? 1U : 0U); }
  Node* list(Draft& draft) const;

 private:
  std::vector<std::pair<std::string, std::string>> options_{};
};

}  // namespace lakeshift::sql
