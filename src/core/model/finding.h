// Findings: coded observations about the user's estate. They never stop a run.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"

namespace lakeshift::model {

enum class Severity { info, warning, blocking };
std::string_view to_text(Severity severity);

struct Finding {
  std::string code;  // stable: "node-type-unmapped"; one page per code in docs/guide/findings
  Severity severity = Severity::warning;
  std::string kind;  // the object's kind and natural key; empty for the estate as a whole
  std::string key;
  std::string where;  // field path, or "line 12"
  std::string cause;
  std::string remedy;
  std::string evidence;  // the offending text, without secrets
};

Json to_json(const Finding& finding);
Finding finding_from_json(const Json& json);

// Thread safe collector.
class Diagnostics {
 public:
  void add(Finding finding);
  std::vector<Finding> sorted() const;  // by kind, key, code, where

 private:
  mutable std::mutex mutex_;
  std::vector<Finding> findings_;
};

}  // namespace lakeshift::model
