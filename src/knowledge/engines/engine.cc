#include "knowledge/engines/engine.h"

#include "core/base/strings.h"
#include "core/world/process.h"

namespace lakeshift::engines {

std::string_view spell(Family family) {
  switch (family) {
    case Family::none:
      return "null";
    case Family::boolean:
      return "boolean";
    case Family::integer:
      return "integer";
    case Family::decimal:
      return "decimal";
    case Family::real:
      return "floating point";
    case Family::text:
    case Family::padded:
      return "text";
    case Family::date:
      return "date";
    case Family::time:
      return "time";
    case Family::timestamp:
      return "timestamp without zone";
    case Family::timestamp_zone:
      return "timestamp with zone";
    case Family::interval:
      return "interval";
    case Family::binary:
      return "binary";
    case Family::document:
      return "document";
    case Family::other:
      break;
  }
  return "other";
}

Result<std::vector<Answer>> Session::run_each(const std::vector<std::string>& statements) {
  std::vector<Answer> answers;
  for (const std::string& statement : statements) {
    LS_ASSIGN(auto answer, run({statement}));
    if (answer.empty()) return fail("ended", "no answer", "an engine", "report the statement");
    answers.push_back(std::move(answer.back()));
  }
  return answers;
}

const Engine* find_engine(std::string_view name) {
  for (const Engine* engine : all_engines())
    if (engine->name == name) return engine;
  return nullptr;
}

Result<std::string> make_folder(const std::vector<std::string>& prefix) {
  std::vector<std::string> command = prefix;
  command.insert(command.end(), {"mktemp", "-d", "/tmp/lakeshift-engine-XXXXXX"});
  LS_ASSIGN(const world::Ended ended, world::run_process(command, "", world::Millis(10000)));
  std::string folder = ended.out.substr(0, ended.out.find('\n'));
  if (ended.exit_code != 0 || folder.empty())
    return fail("cannot-start", "no folder could be made: " + ended.err, "the engine's files",
                "make room in /tmp");
  return folder;
}

void remove_folder(const std::string& folder) {
  if (folder.starts_with("/tmp/lakeshift-engine-"))
    (void)world::run_process({"rm", "-rf", folder}, "", world::Millis(30000));
}

}  // namespace lakeshift::engines
