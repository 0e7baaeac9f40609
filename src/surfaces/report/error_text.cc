#include "surfaces/report/error_text.h"

#include <map>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

std::string sentence_of(const Error& error) {
  std::string text;
  if (!error.about.empty()) text += printable(error.about) + ": ";
  text += printable(error.message);
  return text;
}

}  // namespace

std::string error_text(const Error& error, const Style& style) {
  std::string text = paint(style, Tone::bad, "error:") + " " + sentence_of(error);
  if (!error.code.empty()) text += " " + paint(style, Tone::dim, "(" + error.code + ")");
  text += '\n';
  std::string remedy = error.remedy;
  for (const Error* cause = error.cause.get(); cause; cause = cause->cause.get()) {
    text += "  cause: " + sentence_of(*cause);
    if (cause->code != error.code) text += " " + paint(style, Tone::dim, "(" + cause->code + ")");
    text += '\n';
    if (remedy.empty()) remedy = cause->remedy;
  }
  if (!remedy.empty())
    text += "  " + paint(style, Tone::strong, "try:") + " " + printable(remedy) + "\n";
  return text;
}

Json error_json(const Error& error) {
  Json causes = Json::array();
  std::string remedy = error.remedy;
  for (const Error* cause = error.cause.get(); cause; cause = cause->cause.get()) {
    causes.push_back({{"code", cause->code}, {"message", cause->message}, {"about", cause->about}});
    if (remedy.empty()) remedy = cause->remedy;
  }
  return {{"code", error.code}, {"message", error.message}, {"about", error.about},
          {"remedy", remedy},   {"causes", causes},         {"http_status", error.http_status}};
}

std::string finding_text(const model::Finding& finding, const Style& style) {
  Tone tone = Tone::change;
  if (finding.severity == model::Severity::blocking) tone = Tone::bad;
  if (finding.severity == model::Severity::info) tone = Tone::accent;
  std::string text = paint(style, tone, std::string(model::to_text(finding.severity)) + ":") + " ";
  if (!finding.kind.empty())
    text += finding.kind + (finding.key.empty() ? "" : " '" + printable(finding.key) + "'");
  if (!finding.where.empty()) text += (finding.kind.empty() ? "" : ", ") + printable(finding.where);
  if (!finding.kind.empty() || !finding.where.empty()) text += ": ";
  text += printable(finding.cause) + " " + paint(style, Tone::dim, "(" + finding.code + ")") + "\n";
  if (!finding.remedy.empty())
    text += "  " + paint(style, Tone::strong, "try:") + " " + printable(finding.remedy) + "\n";
  return text;
}

std::string findings_text(const std::vector<model::Finding>& findings, const Style& style,
                          std::size_t most) {
  std::map<std::pair<int, std::string>, std::vector<const model::Finding*>> groups;
  std::size_t informations = 0;
  for (const model::Finding& finding : findings) {
    if (finding.severity == model::Severity::info)
      ++informations;
    else
      groups[{-static_cast<int>(finding.severity), finding.code}].push_back(&finding);
  }
  std::string text;
  std::size_t shown = 0;
  for (const auto& [head, group] : groups) {
    if (shown++ == most) break;
    text += finding_text(*group.front(), style);
    if (group.size() > 1)
      text += paint(style, Tone::dim,
                    "  and " + grouped(static_cast<long long>(group.size() - 1)) +
                        " more with code " + head.second) +
              "\n";
  }
  std::string rest;
  if (groups.size() > most)
    rest += grouped(static_cast<long long>(groups.size() - most)) + " more codes, ";
  if (informations > 0)
    rest += grouped(static_cast<long long>(informations)) +
            (informations == 1 ? " information, " : " informations, ");
  if (!rest.empty()) text += paint(style, Tone::dim, rest + "all in 'lakeshift report'") + "\n";
  return text;
}

}  // namespace lakeshift::report
