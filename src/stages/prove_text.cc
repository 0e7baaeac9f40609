// Proofs as JSON and as text.
#include <fmt/format.h>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "stages/prove.h"

namespace lakeshift::stages {
namespace {

std::string indented(const std::string& text) {
  std::string lines;
  for (const std::string& line : split(trim(text), '\n')) lines += "    " + line + "\n";
  return lines;
}

}  // namespace

std::string_view spell(Verdict verdict) {
  switch (verdict) {
    case Verdict::proved:
      return "proved";
    case Verdict::differs:
      return "differs";
    case Verdict::rule:
      return "by documented rule";
    case Verdict::refused:
      return "refused";
  }
  return "";
}

Json to_json(const Proof& proof) {
  Json json = {{"index", proof.index},
               {"line", proof.line},
               {"source", proof.source},
               {"target", proof.target},
               {"verdict", std::string(spell(proof.verdict))}};
  if (!proof.code.empty()) json["code"] = proof.code;
  if (!proof.reason.empty()) json["reason"] = proof.reason;
  if (!proof.shims.empty()) json["rests_on"] = proof.shims;
  if (!proof.notes.empty()) json["notes"] = proof.notes;
  if (proof.verdict == Verdict::proved)
    json["strength"] = {{"data_sets", proof.data_sets},
                        {"rows", proof.rows},
                        {"mutants", proof.mutants},
                        {"killed", proof.killed},
                        {"survivors", proof.survivors}};
  if (proof.counterexample)
    json["counterexample"] = {{"why", proof.counterexample->why},
                              {"rows", proof.counterexample->rows},
                              {"set_up", proof.counterexample->set_up},
                              {"source", proof.counterexample->source},
                              {"target", proof.counterexample->target}};
  return json;
}

std::string describe(const Proof& proof) {
  std::string text = fmt::format("line {}: {}", proof.line, spell(proof.verdict));
  if (proof.verdict == Verdict::proved) {
    text += fmt::format(" on {} data sets of {} rows", proof.data_sets, proof.rows);
    text += proof.mutants == 0
                ? std::string("; nothing in it to mutate")
                : fmt::format("; they tell {} of {} mutants from it", proof.killed, proof.mutants);
  }
  if (!proof.code.empty()) text += " (" + proof.code + ")";
  if (!proof.reason.empty()) text += ": " + proof.reason;
  text += '\n';
  if (!proof.shims.empty())
    text += fmt::format("  rests on the compatibility layer: {}\n", fmt::join(proof.shims, ", "));
  for (const std::string& note : proof.notes) text += "  " + note + "\n";
  for (const std::string& survivor : proof.survivors)
    text += "  not told apart: " + survivor + "\n";
  if (proof.counterexample) {
    const Counterexample& example = *proof.counterexample;
    text += fmt::format("  {}; {} rows show it:\n", example.why, example.rows);
    text += indented(example.set_up + proof.source);
    text += "  the source answers:\n" + indented(example.source);
    text +=
        "  the translation\n" + indented(proof.target) + "  answers:\n" + indented(example.target);
  }
  return text;
}

}  // namespace lakeshift::stages
