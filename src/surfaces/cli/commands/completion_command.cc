#include "core/base/strings.h"
#include "surfaces/cli/parser.h"

namespace lakeshift::cli::completion_command {
namespace {

std::string words_of(const CommandShape& command) {
  std::string words = "--help";
  for (const OptionShape& option : command.options)
    for (const std::string& name : option.names) words += " " + name;
  return words;
}

std::string in_quotes(const std::string& text) {
  return "'" + replace_all(text, "'", "'\\''") + "'";
}

std::string bash_script(const std::vector<CommandShape>& commands) {
  std::string names, cases, values;
  for (const CommandShape& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    cases += "    " + command.name + ") words=" + in_quotes(words_of(command)) + " ;;\n";
    for (const OptionShape& option : command.options)
      for (const std::string& name : option.names)
        if (!option.values.empty())
          values += "    " + command.name + ":" + name + ") COMPREPLY=($(compgen -W " +
                    in_quotes(join(option.values, " ")) + " -- \"$cur\")); return ;;\n";
  }
  return "# bash completion of lakeshift: source <(lakeshift completion bash)\n"
         "_lakeshift() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= "
         "word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do [[ $word != -* ]] && { "
         "command=$word; break; }; done\n"
         "  case $prev in --dir|-d|--load) COMPREPLY=($(compgen -d -- \"$cur\")); return ;; "
         "--output|-o|--state|--request-log|--ca-bundle) COMPREPLY=($(compgen -f -- \"$cur\")); "
         "return ;; esac\n"
         "  case $command:$prev in\n" +
         values +
         "  esac\n"
         "  case $command in\n    '') words=" +
         in_quotes(names + " --help --version") + " ;;\n" + cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\ncomplete -F _lakeshift lakeshift\n";
}

// Inside _arguments a colon or a bracket of the text would end the description.
std::string zsh_text(const std::string& text) {
  std::string escaped = replace_all(text, ":", "\\:");
  escaped = replace_all(escaped, "[", "\\[");
  return replace_all(escaped, "]", "\\]");
}

std::string zsh_script(const std::vector<CommandShape>& commands) {
  std::string list, cases;
  for (const CommandShape& command : commands) {
    list += "    " + in_quotes(command.name + ":" + zsh_text(command.summary)) + "\n";
    cases += "    " + command.name + ") _arguments";
    for (const OptionShape& option : command.options)
      for (const std::string& name : option.names) {
        std::string spec = name + "[" + zsh_text(option.help) + "]";
        if (option.takes_value)
          spec += ":value:" + (option.values.empty() ? std::string("_files")
                                                     : "(" + join(option.values, " ") + ")");
        cases += " " + in_quotes(spec);
      }
    cases += " ;;\n";
  }
  return "#compdef lakeshift\n# zsh completion of lakeshift: source <(lakeshift completion zsh)\n"
         "_lakeshift() {\n  local -a commands\n  commands=(\n" +
         list +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
         "  local command=${words[2]}\n  shift words; (( CURRENT-- ))\n  case $command in\n" +
         cases +
         "  esac\n}\n"
         "compdef _lakeshift lakeshift\n";
}

std::string fish_script(const std::vector<CommandShape>& commands) {
  std::string text =
      "# fish completion of lakeshift: lakeshift completion fish | source\ncomplete -c lakeshift "
      "-f\n";
  for (const CommandShape& command : commands) {
    text += "complete -c lakeshift -n __fish_use_subcommand -a " + command.name + " -d " +
            in_quotes(command.summary) + "\n";
    for (const OptionShape& option : command.options) {
      text +=
          "complete -c lakeshift -n " + in_quotes("__fish_seen_subcommand_from " + command.name);
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (option.takes_value)
        text += option.values.empty() ? " -r -F" : " -x -a " + in_quotes(join(option.values, " "));
      text += " -d " + in_quotes(option.help) + "\n";
    }
  }
  return text;
}

class Completion final : public Invocation {
 public:
  void declare(Options& options) override {
    options.choice("shell", shell_, "bash, zsh or fish", {"bash", "zsh", "fish"});
  }

  Result<Ending> run(Session& session) override {
    if (shell_.empty())
      return fail("usage", "which shell?", {}, "lakeshift completion bash, zsh or fish");
    const std::vector<CommandShape> commands = command_shapes();
    const std::string script = shell_ == "bash"  ? bash_script(commands)
                               : shell_ == "zsh" ? zsh_script(commands)
                                                 : fish_script(commands);
    session.out.print(script);
    return Ending{Exit::done, {{"script", script}}};
  }

 private:
  std::string shell_;
};

}  // namespace

extern const Command kDefinition{
    .name = "completion",
    .order = 150,
    .summary = "print the shell completion script for bash, zsh or fish",
    .details = "",
    .examples = "source <(lakeshift completion bash)\nlakeshift completion fish | source",
    .selects = false,
    .remote = false,
    .make = make_invocation<Completion>,
};

}  // namespace lakeshift::cli::completion_command
