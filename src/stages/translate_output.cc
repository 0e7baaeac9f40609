// What a translated folder leaves on the disk: its files, their order, the report.
#include <algorithm>
#include <set>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "stages/translate_run.h"

namespace lakeshift::stages {
namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// "x.sql.new-123-4": what a killed run was writing.
bool is_leftover(std::string_view path) {
  const auto at = path.rfind(".new-");
  if (at == std::string_view::npos) return false;
  return path.substr(at + 5).find_first_not_of("0123456789-") == std::string_view::npos;
}

Json describe_error(const Error& error) {
  return {{"code", error.code},
          {"message", error.message},
          {"about", error.about},
          {"remedy", error.remedy}};
}

}  // namespace

void FolderRun::judge_output(Unit& unit) {
  const std::string path = out_ + "/" + unit.file.path;
  if (!run_.world.files.exists(path)) {
    unit.fate = FileFate::written;
    return;
  }
  const auto there = run_.world.files.read(path);
  if (!there) {
    unit.fate = FileFate::failed;
    unit.problem = there.error();
    return;
  }
  if (sha256_hex(*there) == unit.entry.output_digest) return;
  const Authorship author = authorship_of(*there);
  if (author == Authorship::ours || options_.overwrite) {
    unit.fate = FileFate::written;
    return;
  }
  unit.fate = FileFate::kept;
  unit.problem = author == Authorship::edited
                     ? Error{"output-edited", "somebody changed this file since it was translated",
                             path, "make the change in the source, or give --overwrite"}
                     : Error{"output-foreign", "this file was not written by lakeshift", path,
                             "choose another --out, or give --overwrite"};
}

void FolderRun::write_output(Unit& unit) {
  const std::string path = out_ + "/" + unit.file.path;
  Status done = run_.world.files.make_directories(folder_of(path));
  if (done) done = run_.world.files.write_atomically(path, unit.body.output);
  if (done) return;
  unit.fate = FileFate::failed;
  unit.problem = done.error();
}

Status FolderRun::write_outputs() {
  std::vector<std::size_t> whole;
  for (const std::size_t i : all_units())
    if (!units_[i].file.failed()) whole.push_back(i);
  LS_TRY(each(whole, "compare", [this](Unit& unit) { judge_output(unit); }));
  if (options_.check) return {};
  std::vector<std::size_t> wanted;
  for (const std::size_t i : whole) {
    if (units_[i].fate != FileFate::written) continue;
    wanted.push_back(i);
    if (units_[i].fresh) continue;
    LS_ASSIGN(units_[i].body, cache_->body(units_[i].entry.key));
  }
  return each(
      wanted, "write", [this](Unit& unit) { write_output(unit); },
      [&](std::span<const std::size_t> block) -> Status {
        for (const std::size_t i : block)
          if (units_[i].problem.code == "disk-full") return fail(units_[i].problem);
        return {};
      });
}

Status FolderRun::remove_stale() {
  world::Files& files = run_.world.files;
  if (!files.is_directory(out_)) return {};
  std::set<std::string, std::less<>> expected;
  for (const Unit& unit : units_) expected.insert(unit.file.path);
  LS_ASSIGN(const SqlTree there, find_sql_files(files, out_, options_.extensions, {root_}));
  for (const std::string& path : there.others)
    if (is_leftover(path) && !options_.check) LS_TRY(files.remove(out_ + "/" + path));
  for (const std::string& path : there.paths) {
    if (expected.contains(path)) continue;
    const auto text = files.read(out_ + "/" + path);
    const Authorship author = text ? authorship_of(*text) : Authorship::foreign;
    if (author == Authorship::foreign) continue;
    FolderFile gone{path, FileFate::removed};
    if (author == Authorship::edited && !options_.overwrite) {
      gone.fate = FileFate::kept;
      gone.problem = {"output-edited", "its source is gone, but somebody changed this file",
                      out_ + "/" + path, "remove it, or give --overwrite"};
    } else if (!options_.check) {
      LS_TRY(files.remove(out_ + "/" + path));
    }
    gone_.push_back(std::move(gone));
  }
  return {};
}

std::string FolderRun::run_digest() const {
  std::string text = options_.translator + "\n" + options_.root + "\n" + options_.out + "\n";
  for (const Unit& unit : units_)
    text += unit.file.path + "\t" + unit.file.digest + "\t" + unit.problem.code + "\t" +
            sha256_hex(dump_json(unit.entry.asked)) + "\n";
  for (const FolderFile& file : gone_) text += file.path + "\t" + file.problem.code + "\n";
  for (const std::string& path : tree_.others) text += path + "\n";
  for (const std::string& table : twice_) text += table + "\n";
  return sha256_hex(text);
}

Result<std::string> FolderRun::statements_of(const Unit& unit) {
  if (unit.file.failed()) return std::string("[]");
  if (unit.fresh || !unit.body.statements.empty()) return unit.body.statements;
  LS_ASSIGN(SqlCache::Body body, cache_->body(unit.entry.key));
  return std::move(body.statements);
}

// The statements come as JSON texts: they are put in as they are.
Result<std::string> FolderRun::document() {
  const FolderResult all = result();
  Json cycles = all.cycles;
  Json head = {{"lakeshift", options_.version},
               {"generated", world::to_iso8601(run_.world.clock.now())},
               {"root", options_.root},
               {"out", options_.out},
               {"accounting", all.counts.to_json("minutes")},
               {"cycles", all.cycles},
               {"tables_created_differently", all.twice},
               {"not_read", all.others},
               {"order", all.order}};
  head["problems"] = Json::array();
  for (const Error& problem : all.problems) head["problems"].push_back(describe_error(problem));
  head["effort"] = {{"minutes_each", kMinutesEach},
                    {"minutes_line", kMinutesLine},
                    {"minutes_most", kMinutesMost}};
  std::string text = dump_json(head);
  text.pop_back();
  text += ",\"files\":[";
  for (std::size_t i = 0; i < all.files.size(); ++i) {
    const FolderFile& file = all.files[i];
    Json row = {{"path", file.path}, {"counts", file.counts.to_json("minutes")}};
    // What was done to a file is no part of a report that is equal for equal input.
    if (!file.problem.code.empty()) row["problem"] = describe_error(file.problem);
    if (file.fate == FileFate::removed) row["removed"] = true;
    if (i < units_.size())
      for (const std::size_t need : order_.needs[i]) row["needs"].push_back(units_[need].file.path);
    std::string line = dump_json(row);
    line.pop_back();
    std::string statements = "[]";
    if (i < units_.size()) {
      LS_ASSIGN(statements, statements_of(units_[i]));
    }
    text += (i ? ",\n" : "\n") + line + ",\"statements\":" + statements + "}";
  }
  return text + "]}\n";
}

Status FolderRun::write_reports() {
  world::Files& files = run_.world.files;
  const FolderResult all = result();
  std::string order = "# files in an order in which each comes after those it needs\n";
  for (const auto& cycle : all.cycles)
    order += "# these need each other: " + join(cycle, ", ") + "\n";
  for (const std::string& path : all.order) order += path + "\n";
  const auto known_order = files.exists(all.order_file) ? files.read(all.order_file)
                                                        : Result<std::string>(std::string());
  if (!known_order || *known_order != order) LS_TRY(files.write_atomically(all.order_file, order));

  const std::string digest = run_digest();
  LS_ASSIGN(const std::string last, cache_->note("report of " + options_.out));
  if (files.exists(all.report_json) && files.exists(all.report_page)) {
    LS_ASSIGN(const std::string json, files.read(all.report_json));
    LS_ASSIGN(const std::string page, files.read(all.report_page));
    if (last == digest + " " + sha256_hex(json) + " " + sha256_hex(page)) return {};
  }
  LS_ASSIGN(const std::string json, document());
  const std::string page = options_.page(json);
  LS_TRY(files.write_atomically(all.report_json, json));
  LS_TRY(files.write_atomically(all.report_page, page));
  return cache_->set_note("report of " + options_.out,
                          digest + " " + sha256_hex(json) + " " + sha256_hex(page));
}

}  // namespace lakeshift::stages
