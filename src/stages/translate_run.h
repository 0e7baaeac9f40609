// The steps of translating a folder; translate_folder() calls them in this order.
#pragma once

#include <memory>

#include "core/world/executor.h"
#include "stages/translate_cache.h"
#include "stages/translate_folder.h"

namespace lakeshift::stages {

class FolderRun {
 public:
  FolderRun(world::Run& run, const sql::Catalog& given, const FolderOptions& options)
      : run_(run), options_(options), base_(given), executor_(options.threads) {}

  Result<FolderResult> carry_out();

 private:
  struct Unit {
    SqlFile file{};
    SqlEntry entry{};
    SqlCache::Body body{};  // empty when it is only in the cache
    bool known = false;     // the cache had an entry
    bool fresh = false;     // translated by this run
    bool scanned = false;
    FileFate fate = FileFate::unchanged;
    Error problem{};
  };

  Status find();
  Status read();
  Status scan();
  void learn();
  void learn_table(const sql::Table& table, std::size_t owner);
  Status translate();
  Status translate_level(std::span<const std::size_t> level);
  Status remember(std::span<const std::size_t> units);
  Status write_outputs();
  void judge_output(Unit& unit);
  void write_output(Unit& unit);
  Status remove_stale();
  Status write_reports();
  FolderResult result() const;
  std::string run_digest() const;
  Result<std::string> document();
  Result<std::string> statements_of(const Unit& unit);
  // Calls `work` for each index, on all threads; between blocks progress is told and the stop token
  // is looked at.
  Status each(std::span<const std::size_t> indexes, std::string_view phase,
              const std::function<void(Unit&)>& work,
              const std::function<Status(std::span<const std::size_t>)>& after = {});
  std::vector<std::size_t> all_units() const;

  world::Run& run_;
  const FolderOptions& options_;
  sql::Catalog base_;
  world::Executor executor_;
  std::unique_ptr<SqlCache> cache_{};
  SqlTree tree_{};
  std::vector<Unit> units_{};
  SqlOrder order_{};
  std::map<std::string, std::size_t> owners_{};  // table -> the unit that creates it
  std::set<std::string> twice_{};
  std::set<std::string> given_{};  // tables of the catalog file: they have the last word
  std::vector<FolderFile> gone_{};
  std::vector<Error> problems_{};
  std::string root_{}, out_{};  // without links and dots
};

}  // namespace lakeshift::stages
