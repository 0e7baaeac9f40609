// Scanning source text with the rules, and the patch of what is certain.
#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"
#include "knowledge/clouds/unified_diff.h"
#include "knowledge/rules/credentials_in_text.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::clouds {
namespace {

// A generated file may hold thousands of the same; what matters is that it does.
constexpr std::size_t kShownPerRule = 50;

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') starts.push_back(i + 1);
  return starts;
}

std::size_t line_of(const std::vector<std::size_t>& starts, std::size_t offset) {
  return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), offset) -
                                  starts.begin());
}

rules::Move describe_move(const Mapper::State& state) {
  rules::Move move;
  move.crosses_clouds = state.crosses_clouds();
  if (move.crosses_clouds) move.foreign_libraries = state.from().libraries;
  move.is_foreign_storage = [&state](std::string_view url) {
    const Cloud* cloud = cloud_of_storage(url);
    return cloud != nullptr && cloud != state.context.to;
  };
  move.storage = [&state](std::string_view url) -> std::optional<std::string> {
    auto hit = state.storage.map(url);
    return hit ? std::optional(hit->location) : std::nullopt;
  };
  move.person = [&state](std::string_view name) -> std::optional<std::string> {
    std::string mapped = state.map_person(name);
    return mapped != name ? std::optional(mapped) : std::nullopt;
  };
  move.host = [&state](std::string_view host) -> std::optional<std::string> {
    auto found = state.hosts.find(to_lower(host));
    return found != state.hosts.end() ? std::optional(found->second) : std::nullopt;
  };
  move.account = [&state](std::string_view text) -> std::optional<std::string> {
    std::string mapped = state.map_accounts(text);
    return mapped != text ? std::optional(mapped) : std::nullopt;
  };
  return move;
}

using Replacements =
    std::map<std::size_t, std::pair<std::size_t, std::string>>;  // offset -> length, new text

// Of two places that overlap the first and longer one is rewritten.
void add_replacement(Replacements& all, const rules::Hit& hit, std::string_view text) {
  if (!hit.replacement || *hit.replacement == text.substr(hit.offset, hit.length)) return;
  auto next = all.lower_bound(hit.offset);
  if (next != all.end() && next->first < hit.offset + hit.length) return;
  if (next != all.begin() && std::prev(next)->first + std::prev(next)->second.first > hit.offset)
    return;
  all[hit.offset] = {hit.length, *hit.replacement};
}

}  // namespace

Mapper::ScannedText Mapper::scan(const engine::Kind& kind, const model::Object& object,
                                 std::string_view text) const {
  ScannedText result;
  if (text.find('\0') != std::string_view::npos) return result;  // not a text
  const rules::Text source{text, object.key};
  const rules::Move move = describe_move(*state_);
  const std::vector<std::size_t> starts = line_starts(text);
  Replacements replacements;
  for (const rules::Rule* rule : rules::all_rules()) {
    std::vector<rules::Hit> hits;
    rule->check(source, move, hits);
    std::stable_sort(hits.begin(), hits.end(),
                     [](const rules::Hit& a, const rules::Hit& b) { return a.offset < b.offset; });
    for (std::size_t i = 0; i < hits.size(); ++i) {
      add_replacement(replacements, hits[i], text);
      if (i >= kShownPerRule) continue;
      std::string cause(rule->cause);
      if (i + 1 == kShownPerRule && hits.size() > kShownPerRule)
        cause += " (and " + std::to_string(hits.size() - kShownPerRule) + " more in this text)";
      model::Finding finding;
      finding.code = rule->code;
      finding.severity = rule->severity;
      finding.kind = kind.name;
      finding.key = object.key;
      finding.where = "line " + std::to_string(line_of(starts, hits[i].offset));
      finding.cause = std::move(cause);
      finding.remedy = rule->remedy;
      finding.evidence = rules::without_credentials(hits[i].evidence);
      result.findings.push_back(std::move(finding));
    }
    if (rule->references == nullptr) continue;
    std::vector<rules::Reference> references;
    rule->references(source, references);
    for (rules::Reference& each : references)
      result.needs.push_back({std::move(each.kind), std::move(each.key),
                              "line " + std::to_string(line_of(starts, each.offset))});
  }
  std::string rewritten;
  std::size_t end = 0;
  for (const auto& [offset, change] : replacements) {
    rewritten.append(text, end, offset - end);
    rewritten += change.second;
    end = offset + change.first;
  }
  if (!replacements.empty()) {
    rewritten.append(text, end);
    result.patch = unified_diff(object.key, text, rewritten);
  }
  return result;
}

}  // namespace lakeshift::clouds
