#include "surfaces/report/plan_text.h"

#include <map>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

constexpr std::size_t kLongestValue = 120;

// Replaces placeholders by what a person should read, at any depth.
Json readable(const Json& value) {
  if (value.is_object()) {
    if (value.size() == 1) {
      if (value.contains("$ref")) return "(known after apply)";
      if (value.contains("$secret")) return "(secret)";
      if (value.contains("$content"))
        return "(content " + text_at(member(value, "$content"), "sha256").substr(0, 8) + "…)";
    }
    Json copy = Json::object();
    for (const auto& [key, item] : value.items()) copy[key] = readable(item);
    return copy;
  }
  if (value.is_array()) {
    Json copy = Json::array();
    for (const Json& item : value) copy.push_back(readable(item));
    return copy;
  }
  if (!value.is_string()) return value;
  std::string text = value.get<std::string>();
  for (std::size_t at = text.find("${ref:"); at != std::string::npos;
       at = text.find("${ref:", at)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string::npos) break;
    text.replace(at, end - at + 1, "(known after apply)");
  }
  return text;
}

std::string object_line(const model::Change& change, const Style& style) {
  const std::string mark(1, symbol_of(change.verb));
  std::string line = "  " + paint(style, tone_of(change.verb), mark) + " " + printable(change.key);
  if (!change.target_key.empty() && change.target_key != change.key)
    line += paint(style, Tone::dim, " -> ") + printable(change.target_key);
  if (!change.name.empty() && change.name != change.key && !contains(change.key, change.name))
    line += paint(style, Tone::dim, "  (" + printable(change.name) + ")");
  if (change.verb == model::Verb::create) {
    line += paint(style, Tone::dim, "  id (known after apply)");
  } else if (!change.target_id.empty()) {
    line += paint(style, Tone::dim, "  id " + printable(change.target_id));
  }
  return line + "\n";
}

std::string reason_lines(const model::Change& change, const Style& style) {
  std::string text;
  if (!change.reason.empty() || !change.code.empty()) {
    text += "      " + paint(style, Tone::dim, std::string(model::to_text(change.verb)) + ":") +
            " " + printable(change.reason);
    if (!change.code.empty()) text += paint(style, Tone::dim, " (" + change.code + ")");
    text += '\n';
  }
  if (!change.owner.empty())
    text += "      " + paint(style, Tone::dim, "owner:") + " " + printable(change.owner) + "\n";
  return text;
}

std::string decision_lines(const model::Change& change, const Style& style) {
  std::string text;
  for (const model::Decision& decision : change.decisions) {
    text += "      " + paint(style, Tone::accent, ">") + " " + printable(decision.path) + ": " +
            value_text(decision.before) + " -> " + value_text(decision.after);
    if (!decision.explanation.empty())
      text += paint(style, Tone::dim, "  # " + printable(decision.explanation));
    text += '\n';
  }
  return text;
}

std::string call_lines(const model::Change& change, const Style& style, bool all) {
  std::string text;
  for (const model::Action& action : change.actions) {
    if (!all && action.note.empty()) continue;
    text += "      " + paint(style, Tone::dim, "call:") + " " + printable(action.name);
    if (all) {
      Json path = action.path;
      text += "  " + action.method + " " + printable(scalar_text(readable(path)));
    }
    if (!action.note.empty()) text += paint(style, Tone::dim, "  # " + printable(action.note));
    text += '\n';
  }
  return text;
}

std::string member_lines(const Json& document, const Style& style) {
  std::string text;
  if (!document.is_object()) return text;
  for (const auto& [name, value] : document.items())
    text += "      " + paint(style, Tone::good, "+") + " " + printable(name) + " = " +
            value_text(value) + "\n";
  return text;
}

std::string change_text(const model::Change& change, const Style& style,
                        const PlanTextOptions& options) {
  std::string text = object_line(change, style) + reason_lines(change, style);
  if (change.verb == model::Verb::create && options.full)
    text += member_lines(change.expected, style);
  for (const model::Difference& difference : change.differences)
    if (change.verb != model::Verb::create)
      text += "    " + difference_text(difference, style) + "\n";
  return text + decision_lines(change, style) + call_lines(change, style, options.full);
}

std::string kind_title(const std::string& kind, const std::map<model::Verb, long long>& verbs,
                       const Style& style) {
  std::string counts;
  for (const model::Verb verb : model::kAllVerbs) {
    const auto found = verbs.find(verb);
    if (found == verbs.end() || found->second == 0) continue;
    counts += (counts.empty() ? "" : ", ") + grouped(found->second) + " " +
              std::string(model::to_text(verb));
  }
  return paint(style, Tone::strong, replace_all(kind, "_", " ")) +
         paint(style, Tone::dim, "  " + counts) + "\n";
}

std::string summary(const model::Accounting& accounting, std::string_view stage,
                    std::span<const std::pair<model::Verb, std::string_view>> words) {
  const auto totals = totals_of(accounting);
  long long found = 0;
  std::string text;
  for (const auto& [verb, word] : words) {
    const auto total = totals.find(verb);
    const long long count = total == totals.end() ? 0 : total->second;
    found += count;
    if (verb == model::Verb::failed && count == 0) continue;
    text += (text.empty() ? "" : ", ") + grouped(count) + " " + std::string(word);
  }
  return std::string(stage) + ": " + text + " of " + grouped(found) + " found";
}

}  // namespace

std::string value_text(const Json& value) {
  if (value.is_null()) return "(absent)";
  const Json shown = readable(value);
  std::string text = dump_json(shown);
  if (shown.is_string()) {
    const std::string plain = shown.get<std::string>();
    const bool only_placeholder = plain.starts_with('(') && plain.ends_with(')') && shown != value;
    text = only_placeholder ? plain : "\"" + printable(plain) + "\"";
  }
  return fit_width(printable(text), kLongestValue);
}

std::string difference_text(const model::Difference& difference, const Style& style) {
  char mark = '~';
  if (difference.before.is_null()) mark = '+';
  if (difference.after.is_null()) mark = '-';
  if (difference.replaces) mark = '!';
  const Tone tone = mark == '+' ? Tone::good : mark == '~' ? Tone::change : Tone::bad;
  std::string text = "  " + paint(style, tone, std::string(1, mark)) + " " +
                     printable(difference.path) + ": " + value_text(difference.before) + " -> " +
                     value_text(difference.after);
  std::string reason = difference.reason;
  if (difference.replaces)
    reason += std::string(reason.empty() ? "" : "; ") + "cannot be changed in place";
  if (!reason.empty()) text += paint(style, Tone::dim, "  # " + printable(reason));
  return text;
}

std::map<model::Verb, long long> totals_of(const model::Accounting& accounting) {
  std::map<model::Verb, long long> totals;
  for (const auto& [kind, verbs] : accounting)
    for (const auto& [verb, count] : verbs) totals[verb] += count;
  return totals;
}

std::string plan_summary(const model::Accounting& accounting) {
  static constexpr std::pair<model::Verb, std::string_view> kWords[] = {
      {model::Verb::create, "to create"},  {model::Verb::update, "to update"},
      {model::Verb::adopt, "to adopt"},    {model::Verb::unchanged, "unchanged"},
      {model::Verb::manual, "manual"},     {model::Verb::blocked, "blocked"},
      {model::Verb::excluded, "excluded"}, {model::Verb::failed, "failed"}};
  return summary(accounting, "plan", kWords);
}

std::string apply_summary(const model::Accounting& accounting) {
  static constexpr std::pair<model::Verb, std::string_view> kWords[] = {
      {model::Verb::create, "created"}, {model::Verb::update, "updated"},
      {model::Verb::adopt, "adopted"},  {model::Verb::unchanged, "unchanged"},
      {model::Verb::manual, "manual"},  {model::Verb::blocked, "blocked"},
      {model::Verb::failed, "failed"},  {model::Verb::excluded, "excluded"}};
  return summary(accounting, "apply", kWords);
}

std::string plan_text(const model::Plan& plan, const Style& style, const PlanTextOptions& options) {
  const model::Accounting accounting = model::account(plan);
  std::string text;
  std::string kind;
  for (const model::Change& change : plan.changes) {
    const bool quiet =
        change.verb == model::Verb::unchanged || change.verb == model::Verb::excluded;
    if (change.source.kind != kind) {
      kind = change.source.kind;
      const auto verbs = accounting.find(kind);
      text +=
          (text.empty() ? "" : "\n") +
          kind_title(kind,
                     verbs == accounting.end() ? std::map<model::Verb, long long>{} : verbs->second,
                     style);
    }
    if (quiet && !options.all) continue;
    text += change_text(change, style, options);
  }
  if (!plan.not_moved.empty()) {
    std::string counted;
    for (const model::KindCount& count : plan.not_moved)
      if (count.listed > 0)
        counted += (counted.empty() ? "" : ", ") + grouped(count.listed) + " " +
                   replace_all(count.kind, "_", " ");
    if (!counted.empty())
      text += "\n" + paint(style, Tone::strong, "counted, not moved by this version: ") + counted +
              "\n";
  }
  return text + (text.empty() ? "" : "\n") + paint(style, Tone::strong, plan_summary(accounting)) +
         "\n";
}

}  // namespace lakeshift::report
