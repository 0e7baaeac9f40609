#include "stages/translate_folder.h"

#include <algorithm>
#include <numeric>

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "core/world/links.h"
#include "stages/translate_run.h"

namespace lakeshift::stages {
namespace {

constexpr std::size_t kBlock = 256;

std::string options_text(const FolderOptions& options) {
  std::string text =
      options.translator + "\n" + options.translation.catalog + "\n" +
      (options.translation.exact_blanks ? "exact" : "blank") + "\n" +
      (options.translation.procedures == sql::ProcedureForm::script ? "script" : "") + "\n";
  for (const auto& [from, to] : options.translation.schemas) text += from + "=" + to + "\n";
  return text;
}

}  // namespace

std::string_view spell_fate(FileFate fate) {
  switch (fate) {
    case FileFate::written:
      return "written";
    case FileFate::unchanged:
      return "unchanged";
    case FileFate::removed:
      return "removed";
    case FileFate::kept:
      return "kept";
    case FileFate::failed:
      return "failed";
  }
  return "failed";
}

std::size_t FolderResult::count(FileFate fate) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(files, [&](const FolderFile& file) { return file.fate == fate; }));
}

Result<FolderResult> translate_folder(world::Run& run, const sql::Catalog& given,
                                      const FolderOptions& options) {
  return FolderRun(run, given, options).carry_out();
}

Result<FolderResult> FolderRun::carry_out() {
  for (const auto& [name, table] : base_.tables()) given_.insert(name);
  LS_TRY(find());
  if (!options_.check) {
    LS_ASSIGN(cache_, SqlCache::open(run_.world.files, options_.cache));
  }
  run_.events.emit({.type = world::Event::Type::stage_started,
                    .stage = "translate",
                    .text = std::to_string(units_.size()) + " files",
                    .total = static_cast<long long>(units_.size())});
  LS_TRY(read());
  LS_TRY(scan());
  learn();
  LS_TRY(translate());
  LS_TRY(write_outputs());
  const bool stopped = run_.stop.stop_requested();
  if (!stopped) LS_TRY(remove_stale());
  if (!stopped && !options_.check) LS_TRY(write_reports());
  FolderResult all = result();
  all.stopped = stopped;
  run_.events.emit({.type = world::Event::Type::stage_finished, .stage = "translate"});
  return all;
}

Status FolderRun::find() {
  root_ = world::real_path(options_.root);
  if (!options_.check && run_.world.files.is_directory(root_))
    LS_TRY(run_.world.files.make_directories(options_.out));
  out_ = world::real_path(options_.out);
  if (root_ == out_)
    return fail("usage", "the folder and the output are the same", options_.root,
                "give another folder to --out");
  LS_ASSIGN(tree_, find_sql_files(run_.world.files, root_, options_.extensions,
                                  {out_, world::real_path(options_.cache)}));
  problems_ = tree_.unlisted;
  units_.resize(tree_.paths.size());
  for (std::size_t i = 0; i < units_.size(); ++i) units_[i].file.path = tree_.paths[i];
  return {};
}

std::vector<std::size_t> FolderRun::all_units() const {
  std::vector<std::size_t> all(units_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Status FolderRun::each(std::span<const std::size_t> indexes, std::string_view phase,
                       const std::function<void(Unit&)>& work,
                       const std::function<Status(std::span<const std::size_t>)>& after) {
  std::size_t done = 0;
  while (done < indexes.size() && !run_.stop.stop_requested()) {
    const auto block = indexes.subspan(done, std::min(kBlock, indexes.size() - done));
    {
      world::TaskGroup group(executor_);
      const std::size_t share = std::max<std::size_t>(1, kBlock / (executor_.size() * 8));
      for (std::size_t at = 0; at < block.size(); at += share)
        group.add([this, &work, part = block.subspan(at, std::min(share, block.size() - at))] {
          for (const std::size_t i : part) work(units_[i]);
        });
      group.wait();
    }
    if (after) LS_TRY(after(block));
    done += block.size();
    run_.events.emit({.type = world::Event::Type::progress,
                      .stage = "translate",
                      .subject = std::string(phase),
                      .done = static_cast<long long>(done),
                      .total = static_cast<long long>(indexes.size())});
  }
  if (run_.stop.stop_requested())
    return fail("cancelled", "interrupted", options_.out,
                "run the same command again: it goes on where it stopped");
  return {};
}

Status FolderRun::read() {
  const std::string choices = options_text(options_);
  return each(
      all_units(), "read",
      [&](Unit& unit) {
        unit.file = read_sql_file(run_.world.files, root_, std::string(unit.file.path));
        if (unit.file.failed()) {
          unit.fate = FileFate::failed;
          unit.problem = unit.file.problem;
        } else {
          unit.entry.key = sha256_hex(choices + unit.file.digest);
        }
      },
      [&](std::span<const std::size_t> block) -> Status {
        if (!cache_) return {};
        for (const std::size_t i : block) {
          if (units_[i].file.failed()) continue;
          LS_ASSIGN(units_[i].known, cache_->find(units_[i].entry.key, units_[i].entry));
        }
        return {};
      });
}

Status FolderRun::scan() {
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < units_.size(); ++i)
    if (!units_[i].known && !units_[i].file.failed()) unknown.push_back(i);
  return each(unknown, "scan", [](Unit& unit) { unit.entry.facts = scan_sql(unit.file.text); });
}

void FolderRun::learn_table(const sql::Table& table, std::size_t owner) {
  if (given_.contains(table.name) || twice_.contains(table.name)) return;
  const auto [known, added] = owners_.emplace(table.name, owner);
  if (!added && known->second != owner) {
    const sql::Table* other = base_.find(table.name);
    if (other && describe(*other) == describe(table)) return;
    twice_.insert(table.name);
    base_.forget(table.name);
    return;
  }
  base_.put(table);
}

void FolderRun::learn() {
  std::vector<const SqlFacts*> facts;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const SqlFacts& one = units_[i].entry.facts;
    facts.push_back(&one);
    for (const sql::Table& table : one.creates) learn_table(table, i);
    for (const auto& [name, type] : one.functions) base_.learn_function(name, type);
  }
  // what other files add to a table; what they change is not known any more
  for (const SqlFacts* one : facts)
    for (const auto& change : one->alterations) {
      const sql::Table* found = base_.find(change.table);
      if (!found || given_.contains(found->name)) continue;
      sql::Table table = *found;
      for (const sql::Column& column : change.added)
        if (!table.find(column.name)) table.columns.push_back(column);
      std::erase_if(table.columns, [&](const sql::Column& column) {
        return std::ranges::find(change.changed, column.name) != change.changed.end();
      });
      base_.put(std::move(table));
    }
  order_ = order_files(facts);
}

Status FolderRun::translate() {
  for (const auto& level : order_.levels) {
    LS_TRY(translate_level(level));
    for (const std::size_t i : level)
      for (const sql::Table& table : units_[i].entry.made) {
        const auto& creates = units_[i].entry.facts.creates;
        if (std::ranges::none_of(creates, [&](const auto& one) { return one.name == table.name; }))
          learn_table(table, i);
      }
  }
  return {};
}

Status FolderRun::translate_level(std::span<const std::size_t> level) {
  std::vector<std::size_t> needed;
  for (const std::size_t i : level) {
    Unit& unit = units_[i];
    if (unit.file.failed()) continue;
    if (!unit.known || !answers_alike(unit.entry.asked, base_)) needed.push_back(i);
  }
  return each(
      needed, "translate",
      [&](Unit& unit) {
        SqlFileTranslation done = translate_file(unit.file.text, base_, options_.translation);
        unit.entry.counts = done.counts;
        unit.entry.findings = std::move(done.findings);
        unit.entry.rules = std::move(done.rules);
        unit.entry.made = std::move(done.made);
        unit.entry.asked = std::move(done.asked);
        unit.entry.output_digest = sha256_hex(done.output);
        unit.body = {std::move(done.output), std::move(done.statements)};
        unit.fresh = true;
      },
      [&](std::span<const std::size_t> block) { return remember(block); });
}

Status FolderRun::remember(std::span<const std::size_t> units) {
  if (!cache_) return {};
  std::vector<SqlCache::Row> rows;
  for (const std::size_t i : units) rows.push_back({&units_[i].entry, &units_[i].body});
  return cache_->put(rows);
}

FolderResult FolderRun::result() const {
  FolderResult all;
  for (const Unit& unit : units_) {
    all.files.push_back(
        {unit.file.path, unit.fate, unit.known && !unit.fresh, unit.problem, unit.entry.counts});
    if (unit.file.failed()) continue;
    all.counts.add(unit.entry.counts);
    for (const auto& [code, count] : unit.entry.findings) all.findings[code] += count;
  }
  all.files.insert(all.files.end(), gone_.begin(), gone_.end());
  for (const auto& cycle : order_.cycles) {
    all.cycles.emplace_back();
    for (const std::size_t i : cycle) all.cycles.back().push_back(units_[i].file.path);
  }
  for (const auto& level : order_.levels)
    for (const std::size_t i : level)
      if (!units_[i].file.failed()) all.order.push_back(units_[i].file.path);
  all.twice.assign(twice_.begin(), twice_.end());
  all.others = tree_.others;
  all.problems = problems_;
  if (options_.check) return all;
  all.report_page = options_.out + "/" + std::string(kReportPage);
  all.report_json = options_.out + "/" + std::string(kReportJson);
  all.order_file = options_.out + "/" + std::string(kOrderFile);
  return all;
}

}  // namespace lakeshift::stages
