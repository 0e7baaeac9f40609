#include "core/model/verdict.h"

#include "core/model/plan_json.h"

namespace lakeshift::model {
namespace {

constexpr Verdict kAllVerdicts[] = {Verdict::equal, Verdict::differs, Verdict::missing,
                                    Verdict::not_provable, Verdict::not_applied};

Verdict verdict_from_text(std::string_view text) {
  for (const Verdict verdict : kAllVerdicts)
    if (to_text(verdict) == text) return verdict;
  return Verdict::not_provable;
}

std::vector<Difference> differences_at(const Json& json, std::string_view name) {
  std::vector<Difference> differences;
  const Json& list = member(json, name);
  if (list.is_array())
    for (const Json& item : list) differences.push_back(difference_from_json(item));
  return differences;
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::equal:
      return "equal";
    case Verdict::differs:
      return "differs";
    case Verdict::missing:
      return "missing";
    case Verdict::not_provable:
      return "not-provable";
    case Verdict::not_applied:
      return "not-applied";
  }
  return "not-provable";
}

Json to_json(const Judgement& judgement) {
  Json json = {{"source", to_json(judgement.source)},
               {"key", judgement.key},
               {"name", judgement.name},
               {"verdict", to_text(judgement.verdict)}};
  if (!judgement.target.id.empty()) json["target"] = to_json(judgement.target);
  if (!judgement.code.empty()) json["code"] = judgement.code;
  if (!judgement.reason.empty()) json["reason"] = judgement.reason;
  for (const Difference& difference : judgement.differences)
    json["differences"].push_back(to_json(difference));
  for (const Difference& difference : judgement.expected)
    json["expected"].push_back(to_json(difference));
  return json;
}

Judgement judgement_from_json(const Json& json) {
  Judgement judgement;
  judgement.source = object_id_from_json(member(json, "source"));
  judgement.target = object_id_from_json(member(json, "target"));
  judgement.key = text_at(json, "key");
  judgement.name = text_at(json, "name");
  judgement.verdict = verdict_from_text(text_at(json, "verdict"));
  judgement.code = text_at(json, "code");
  judgement.reason = text_at(json, "reason");
  judgement.differences = differences_at(json, "differences");
  judgement.expected = differences_at(json, "expected");
  return judgement;
}

}  // namespace lakeshift::model
