// A folder of SQL files translated into another folder: in parallel, remembering what it did, each
// statement exactly once in the report.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "sql/catalog.h"
#include "stages/translate_file.h"
#include "stages/translate_order.h"

namespace lakeshift::stages {

struct FolderOptions {
  std::string root{}, out{};
  std::string cache{};  // a folder; unused by a check
  std::vector<std::string> extensions{"sql"};
  sql::TranslateOptions translation{};
  std::string translator{};  // identifies the program: another one translates anew
  std::string version{};
  std::size_t threads = 2;
  bool check = false;      // say what would change, write nothing
  bool overwrite = false;  // also files in `out` that somebody changed, or that are not ours
  // The report's page from its document. Called when it is written.
  std::function<std::string(const std::string& document)> page{};
};

enum class FileFate : std::uint8_t { written, unchanged, removed, kept, failed };
std::string_view spell_fate(FileFate fate);

struct FolderFile {
  std::string path{};
  FileFate fate = FileFate::unchanged;  // in a check: what would be done
  bool remembered = false;              // from the cache
  Error problem{};                      // of failed and kept
  SqlCounts counts{};
};

struct FolderResult {
  std::vector<FolderFile> files{};  // by path; removed ones at the end
  SqlCounts counts{};
  std::map<std::string, std::size_t> findings{};
  std::vector<std::vector<std::string>> cycles{};
  std::vector<std::string> twice{};  // tables that files create differently: their types are open
  std::vector<std::string> others{};
  std::vector<Error> problems{};  // beside those of files
  std::vector<std::string> order{};
  std::string report_page{}, report_json{}, order_file{};  // paths; empty in a check
  bool stopped = false;

  std::size_t count(FileFate fate) const;
};

// Writes OUT/<same path> for each file, OUT/order.txt, OUT/translation.html and .json. Files that
// nobody else touched are replaced, and removed when their source is gone. Errors: "usage",
// "not-found", "locked", "disk-full", those of the cache; all that was done stays and is
// remembered.
Result<FolderResult> translate_folder(world::Run& run, const sql::Catalog& given,
                                      const FolderOptions& options);

// Digests of a run and of the report that shows it, as notes in the cache.
inline constexpr std::string_view kReportPage = "translation.html",
                                  kReportJson = "translation.json", kOrderFile = "order.txt";

}  // namespace lakeshift::stages
