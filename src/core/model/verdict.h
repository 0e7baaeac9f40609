// Verdicts of verify: what was compared, and how it ended.
#pragma once

#include <string>
#include <vector>

#include "core/model/plan.h"

namespace lakeshift::model {

enum class Verdict { equal, differs, missing, not_provable, not_applied };
std::string_view to_text(Verdict verdict);

// A difference that is right: from the committed table data/expected_differences.csv.
struct ExpectedDifference {
  std::string kind;
  std::string pattern;    // field pattern, glob
  std::string direction;  // "<cloud>-><cloud>", "*" for any
  std::string reason;
  std::string source;  // where the fact is from
};

struct Judgement {
  ObjectId source;
  ObjectId target;
  std::string key;
  std::string name;
  Verdict verdict = Verdict::not_provable;
  std::string code;  // reason code when not equal
  std::string reason;
  std::vector<Difference> differences;  // unexpected ones
  std::vector<Difference> expected;     // allowed by the table, with its reason
};

Json to_json(const Judgement& judgement);
Judgement judgement_from_json(const Json& json);

}  // namespace lakeshift::model
