#include "surfaces/cli/folder_translation.h"

#include <algorithm>
#include <thread>

#include "core/base/digest.h"
#include "surfaces/cli/command.h"
#include "surfaces/report/report_html.h"
#include "surfaces/report/style.h"

namespace lakeshift::cli {
namespace {

using stages::FileFate;
using stages::FolderResult;
constexpr std::size_t kMostLines = 20;

Json result_json(const FolderResult& result) {
  Json files = Json::object(), changes = Json::array(), problems = Json::array();
  for (const FileFate fate : {FileFate::written, FileFate::unchanged, FileFate::removed,
                              FileFate::kept, FileFate::failed})
    files[std::string(stages::spell_fate(fate))] = result.count(fate);
  files["remembered"] = std::ranges::count_if(result.files, &stages::FolderFile::remembered);
  files["not_read"] = result.others.size();
  const auto add = [&](const std::string& path, const Error& error) {
    problems.push_back({{"path", path},
                        {"code", error.code},
                        {"message", error.message},
                        {"remedy", error.remedy}});
  };
  for (const stages::FolderFile& file : result.files) {
    if (file.fate == FileFate::written || file.fate == FileFate::removed)
      changes.push_back({{"path", file.path}, {"change", stages::spell_fate(file.fate)}});
    if (!file.problem.code.empty()) add(file.path, file.problem);
  }
  for (const Error& error : result.problems) add(error.about, error);
  return {{"files", files},
          {"counts", result.counts.to_json("effort_minutes")},
          {"changes", changes},
          {"problems", problems},
          {"cycles", result.cycles},
          {"findings", result.findings},
          {"report", result.report_page}};
}

std::string amount(std::size_t number, std::string_view one, std::string_view many) {
  return report::grouped(static_cast<long long>(number)) + " " +
         std::string(number == 1 ? one : many);
}

std::string accounting_text(const FolderResult& result) {
  const stages::SqlCounts& counts = result.counts;
  std::string text = amount(counts.statements(), "statement", "statements") + " = " +
                     std::to_string(counts.translated) + " translated + " +
                     std::to_string(counts.refused) + " refused + " +
                     std::to_string(counts.unparsed) + " unparsed + " +
                     std::to_string(counts.empty) + " empty\n";
  std::string files;
  for (const FileFate fate : {FileFate::written, FileFate::unchanged, FileFate::removed,
                              FileFate::kept, FileFate::failed})
    if (const std::size_t count = result.count(fate))
      files += (files.empty() ? "" : ", ") + std::to_string(count) + " " +
               std::string(stages::spell_fate(fate));
  text += amount(result.files.size(), "file", "files") + (files.empty() ? "" : ": " + files) + "\n";
  if (!result.others.empty())
    text += amount(result.others.size(), "other file is", "other files are") +
            " not read, see the report\n";
  if (counts.assumed)
    text += amount(counts.assumed, "translation rests", "translations rest") +
            " on an assumption about a type\n";
  if (counts.minutes)
    text += "estimated work by hand: " + std::to_string((counts.minutes + 59) / 60) + " h\n";
  return text;
}

std::string problems_text(const FolderResult& result) {
  std::string text;
  std::size_t lines = 0;
  const auto add = [&](const Error& error) {
    if (++lines <= kMostLines) text += error.to_text() + "\n";
  };
  for (const stages::FolderFile& file : result.files)
    if (!file.problem.code.empty()) add(file.problem);
  for (const Error& error : result.problems) add(error);
  if (lines > kMostLines) text += "and " + std::to_string(lines - kMostLines) + " more\n";
  for (const auto& cycle : result.cycles)
    text += "warning: these files need each other: " + cycle.front() + " … " + cycle.back() + "\n";
  return text;
}

std::string changes_text(const FolderResult& result) {
  std::string text;
  for (const stages::FolderFile& file : result.files)
    if (file.fate == FileFate::written || file.fate == FileFate::removed)
      text += std::string(file.fate == FileFate::written ? "would write  " : "would remove ") +
              file.path + "\n";
  return text;
}

// What cannot be mended by running again blocks; what can is partly done.
Exit exit_of(const FolderResult& result, bool check) {
  bool again = !result.problems.empty();
  bool blocked = result.counts.refused + result.counts.unparsed > 0;
  for (const stages::FolderFile& file : result.files) {
    const bool content = file.problem.code == "file-binary" ||
                         file.problem.code == "file-encoding" || file.fate == FileFate::kept;
    if (file.problem.code.empty()) continue;
    (content ? blocked : again) = true;
  }
  if (again) return Exit::partly;
  const std::size_t changes = result.count(FileFate::written) + result.count(FileFate::removed);
  if (check && changes > 0) return Exit::changes;
  return blocked ? Exit::blocked : Exit::done;
}

}  // namespace

Result<Ending> translate_folder(Session& session, const sql::Catalog& given,
                                stages::FolderOptions options, int jobs) {
  options.version = version_text();
  LS_ASSIGN(const std::string program, session.run.world.files.read("/proc/self/exe"));
  options.translator = options.version + " " + sha256_hex(program);
  options.threads =
      jobs > 0 ? static_cast<std::size_t>(jobs) : std::max(1U, std::thread::hardware_concurrency());
  options.page = [&](const std::string& document) {
    return report::sql_report_html(document, options.root + " → Databricks SQL");
  };
  auto done = stages::translate_folder(session.run, given, options);
  if (!done) {
    if (done.error().code != "disk-full") return fail(done.error());
    session.out.fail(done.error());
    return Ending{Exit::partly, {{"problems", {{{"code", "disk-full"}}}}}};
  }
  session.out.say(problems_text(*done));
  if (options.check) session.out.print(changes_text(*done));
  session.out.print(accounting_text(*done));
  if (!options.check) session.out.print("report: " + done->report_page + "\n");
  return Ending{exit_of(*done, options.check), result_json(*done)};
}

}  // namespace lakeshift::cli
