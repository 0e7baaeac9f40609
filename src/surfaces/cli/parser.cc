#include "surfaces/cli/parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/base/strings.h"
#include "surfaces/cli/registry.h"

namespace lakeshift::cli {
namespace {

class CliOptions final : public Options {
 public:
  explicit CliOptions(CLI::App& app) : app_(app) {}
  void flag(const std::string& names, bool& to, const std::string& help) override {
    app_.add_flag(names, to, help);
    shapes_.push_back({names_in(names), help, false, {}});
  }
  void text(const std::string& names, std::string& to, const std::string& help) override {
    app_.add_option(names, to, help)->type_name(to.empty() ? "TEXT" : "[" + to + "]");
    shapes_.push_back({names_in(names), help, true, {}});
  }
  void number(const std::string& names, int& to, const std::string& help, int least,
              int most) override {
    app_.add_option(names, to, help)->check(CLI::Range(least, most))->type_name("N");
    shapes_.push_back({names_in(names), help, true, {}});
  }
  void list(const std::string& names, std::vector<std::string>& to,
            const std::string& help) override {
    CLI::Option* option = app_.add_option(names, to, help)->type_name("TEXT");
    // One value per mention: a following positional argument is not swallowed.
    if (names.starts_with('-'))
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    shapes_.push_back({names_in(names), help, true, {}});
  }
  void choice(const std::string& names, std::string& to, const std::string& help,
              const std::vector<std::string>& allowed) override {
    // Once is enough: the check describes itself by the same list.
    app_.add_option(names, to, help)
        ->check(CLI::IsMember(allowed).description(""))
        ->type_name(join(allowed, "|"));
    shapes_.push_back({names_in(names), help, true, allowed});
  }
  const std::vector<OptionShape>& shapes() const { return shapes_; }

 private:
  static std::vector<std::string> names_in(const std::string& names) {
    std::vector<std::string> kept;
    for (const std::string& name : split(names, ','))
      if (name.starts_with('-')) kept.push_back(name);
    return kept;
  }
  CLI::App& app_;
  std::vector<OptionShape> shapes_;
};

void declare_common(const Command& command, CommonOptions& common, Options& options) {
  options.text("-d,--dir", common.dir, "the work directory");
  options.flag("--json", common.json, "print JSON lines: events, then one result");
  options.flag("-q,--quiet", common.quiet, "no progress");
  options.flag("--no-color", common.no_color, "no colours (also: NO_COLOR)");
  if (command.selects) {
    options.list("--select", common.select,
                 "only these: kind, kind/name-pattern, */name-pattern or tag:name=value; "
                 "repeatable");
    options.list("--exclude", common.exclude, "all but these, same form; repeatable");
  }
  if (command.selects || command.waves)
    options.text("--wave", common.wave, "only this wave of lakeshift.yaml and what it needs");
  if (command.remote) {
    options.number("--parallel", common.parallel, "remote calls in flight", 1, 256);
    options.text("--ca-bundle", common.ca_bundle, "PEM file of certificate authorities to trust");
    options.number("--login-wait", common.login_wait_minutes,
                   "minutes to wait for a new token when one is revoked in mid-run [15]", 0, 1440);
  }
}

std::vector<const Command*> commands_in_order() {
  const auto all = all_commands();
  std::vector<const Command*> sorted(all.begin(), all.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Command* a, const Command* b) { return a->order < b->order; });
  return sorted;
}

std::string overview_text() {
  std::string text =
      "lakeshift moves a Databricks workspace to another cloud and proves that nothing was "
      "lost.\n\n"
      "usage: lakeshift COMMAND [options]     lakeshift COMMAND --help\n\ncommands, in the order "
      "of the journey:\n";
  for (const Command* command : commands_in_order()) {
    std::string name(command->name);
    name.resize(12, ' ');
    text += "  " + name + std::string(command->summary) + "\n";
  }
  return text +
         "\nexit codes: 0 done, 1 failed, 2 usage, 3 findings block or a gate is closed, 4 partly "
         "done (run again),\n"
         "130 interrupted; plan --detailed-exitcode: 5 when there is something to do; move: 6 when "
         "a switch "
         "went back.\n";
}

Error usage_error(const std::string& message, const std::string& remedy) {
  Error error;
  error.code = "usage";
  error.message = message;
  error.remedy = remedy;
  return error;
}

std::string lower_first(std::string text) {
  if (!text.empty())
    text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return text;
}

// CLI11 names the word it did not expect; the closest option of the command is the remedy.
Error explain(const CLI::ParseError& error, const CLI::App& app, const CliOptions& options,
              const std::vector<std::string>& words) {
  const std::string help = "see 'lakeshift " + app.get_name() + " --help'";
  std::vector<std::string> known;
  for (const OptionShape& shape : options.shapes())
    for (const std::string& name : shape.names) known.push_back(name);
  for (const std::string& word : words) {
    if (!word.starts_with('-') || word == "-" || word == "--") continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end() || name == "--help" ||
        name == "-h")
      continue;
    const std::string near = closest(name, known);
    return usage_error("unknown option " + printable(name) + " of command " + app.get_name(),
                       near.empty() ? help : "did you mean " + near + "? " + help);
  }
  return usage_error(lower_first(printable(error.what())), help);
}

std::string help_text(const Command& command, const CLI::App& app) {
  std::string text = app.help();
  if (!command.details.empty()) text += "\n" + std::string(command.details) + "\n";
  if (!command.examples.empty()) {
    text += "\nExamples:\n";
    for (const std::string& line : split(command.examples, '\n'))
      if (!line.empty()) text += "  " + line + "\n";
  }
  return text;
}

// Options may stand before the command: "lakeshift --dir x plan" is "lakeshift plan --dir x".
std::vector<std::string> command_first(const std::vector<std::string>& words) {
  static constexpr std::string_view kWithValue[] = {
      "-d", "--dir", "--parallel", "--ca-bundle", "--select", "--exclude", "--wave"};
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) {
    const bool takes_next =
        std::find(std::begin(kWithValue), std::end(kWithValue), words[at]) != std::end(kWithValue);
    at += takes_next ? 2 : 1;
  }
  if (at == 0 || at >= words.size()) return words;
  std::vector<std::string> ordered = {words[at]};
  ordered.insert(ordered.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
  ordered.insert(ordered.end(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  return ordered;
}

Result<const Command*> find_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Command* command : all_commands()) {
    if (command->name == word) return command;
    names.emplace_back(command->name);
  }
  const std::string near = closest(word, names);
  return fail(usage_error(
      "unknown command '" + printable(word) + "'",
      near.empty() ? "see 'lakeshift --help'" : "did you mean 'lakeshift " + near + "'?"));
}

}  // namespace

Result<Parsed> parse_command_line(const std::vector<std::string>& given) {
  Parsed parsed;
  const std::vector<std::string> words = command_first(given);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" ||
      (words[0] == "help" && words.size() == 1)) {
    parsed.text = overview_text();
    return parsed;
  }
  if (words[0] == "--version") {
    parsed.text = "lakeshift " + version_text() + "\n";
    return parsed;
  }
  const bool asks_help = words[0] == "help";
  LS_ASSIGN(const Command* command, find_command(words[asks_help ? 1 : 0]));
  CLI::App app{std::string(command->summary), std::string(command->name)};
  parsed.invocation = command->make();
  CliOptions options(app);
  parsed.invocation->declare(options);
  declare_common(*command, parsed.common, options);
  std::vector<std::string> rest(words.begin() + 1, words.end());
  if (asks_help) rest = {"--help"};
  try {
    std::vector<std::string> reversed(rest.rbegin(), rest.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    parsed.text = help_text(*command, app);
    return parsed;
  } catch (const CLI::ParseError& error) {
    return fail(explain(error, app, options, rest));
  }
  parsed.command = command;
  return parsed;
}

std::vector<CommandShape> command_shapes() {
  std::vector<CommandShape> shapes;
  for (const Command* command : commands_in_order()) {
    CLI::App app;
    CliOptions options(app);
    const auto invocation = command->make();
    CommonOptions common;
    invocation->declare(options);
    declare_common(*command, common, options);
    shapes.push_back({std::string(command->name), std::string(command->summary), options.shapes()});
  }
  return shapes;
}

}  // namespace lakeshift::cli
