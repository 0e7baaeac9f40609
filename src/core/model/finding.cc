#include "core/model/finding.h"

#include <algorithm>
#include <tuple>

#include "core/base/json.h"

namespace lakeshift::model {
namespace {

Severity severity_from_text(std::string_view text) {
  if (text == "info") return Severity::info;
  if (text == "blocking") return Severity::blocking;
  return Severity::warning;
}

}  // namespace

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::blocking:
      return "blocking";
  }
  return "warning";
}

Json to_json(const Finding& finding) {
  Json json = {{"code", finding.code}, {"severity", to_text(finding.severity)}};
  const std::pair<const char*, const std::string&> texts[] = {
      {"kind", finding.kind},   {"key", finding.key},       {"where", finding.where},
      {"cause", finding.cause}, {"remedy", finding.remedy}, {"evidence", finding.evidence}};
  for (const auto& [name, text] : texts)
    if (!text.empty()) json[name] = text;
  return json;
}

Finding finding_from_json(const Json& json) {
  return {text_at(json, "code"),   severity_from_text(text_at(json, "severity")),
          text_at(json, "kind"),   text_at(json, "key"),
          text_at(json, "where"),  text_at(json, "cause"),
          text_at(json, "remedy"), text_at(json, "evidence")};
}

void Diagnostics::add(Finding finding) {
  const std::scoped_lock lock(mutex_);
  findings_.push_back(std::move(finding));
}

std::vector<Finding> Diagnostics::sorted() const {
  std::vector<Finding> copy;
  {
    const std::scoped_lock lock(mutex_);
    copy = findings_;
  }
  std::sort(copy.begin(), copy.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.kind, a.key, a.code, a.where, a.cause, a.evidence) <
           std::tie(b.kind, b.key, b.code, b.where, b.cause, b.evidence);
  });
  return copy;
}

}  // namespace lakeshift::model
