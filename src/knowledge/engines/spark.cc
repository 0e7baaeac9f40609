// Apache Spark with Delta Lake, local: stands in for a Databricks SQL warehouse. Driven through
// spark_worker.py, whose header says what is asked and answered.
#include <algorithm>

#include "core/base/embedded.h"
#include "core/base/json.h"
#include "core/world/conversation.h"
#include "core/world/environment.h"
#include "core/world/files.h"
#include "knowledge/engines/engine.h"

namespace lakeshift::engines::spark {
namespace {

constexpr world::Millis kStart{240000};   // 52 s were seen on a machine with a load of 19
constexpr world::Millis kAnswer{120000};  // beside the limits of the statements
constexpr std::size_t kSeconds = 60;      // to a statement
constexpr std::size_t kTogether = 24;

Family family_of(std::string_view type) {
  static constexpr std::pair<std::string_view, Family> kFamilies[] = {
      {"tinyint", Family::integer},
      {"smallint", Family::integer},
      {"int", Family::integer},
      {"bigint", Family::integer},
      {"float", Family::real},
      {"double", Family::real},
      {"boolean", Family::boolean},
      {"date", Family::date},
      {"timestamp_ntz", Family::timestamp},
      {"timestamp", Family::timestamp_zone},
      {"binary", Family::binary},
      {"variant", Family::document},
      {"void", Family::none}};
  for (const auto& [name, family] : kFamilies)
    if (type == name) return family;
  if (type.starts_with("decimal")) return Family::decimal;
  if (type.starts_with("interval")) return Family::interval;
  if (type.starts_with("time(")) return Family::time;
  if (type.starts_with("string") || type.starts_with("varchar") || type.starts_with("char"))
    return Family::text;
  return Family::other;
}

Answer read_answer(const Json& json) {
  Answer answer;
  if (const Json& error = member(json, "error"); error.is_object()) {
    answer.failed = true;
    answer.failure = text_at(error, "class");
    answer.state = text_at(error, "state");
    answer.message = text_at(error, "message");
    return answer;
  }
  for (const Json& column : member(json, "columns")) {
    const std::string type = scalar_text(column[1]);
    answer.rows.columns.push_back({scalar_text(column[0]), type, family_of(type)});
  }
  answer.truncated = bool_at(json, "truncated");
  for (const Json& row : member(json, "rows")) {
    std::vector<Cell> cells;
    for (const Json& cell : row)
      cells.push_back(cell.is_null() ? Cell() : Cell(cell.get<std::string>()));
    answer.rows.rows.push_back(std::move(cells));
  }
  return answer;
}

class SparkSession final : public Session {
 public:
  SparkSession(std::string folder, std::unique_ptr<world::Conversation> worker)
      : folder_(std::move(folder)), worker_(std::move(worker)) {}
  ~SparkSession() override {
    worker_.reset();
    remove_folder(folder_);
  }

  Result<std::vector<Answer>> run(const std::vector<std::string>& statements) override {
    return ask(statements, false);
  }
  // In one round trip for every few, so that each has its time.
  Result<std::vector<Answer>> run_each(const std::vector<std::string>& statements) override {
    std::vector<Answer> answers;
    for (std::size_t at = 0; at < statements.size(); at += kTogether) {
      const auto begin = statements.begin() + static_cast<std::ptrdiff_t>(at);
      const std::vector<std::string> some(
          begin, begin + static_cast<std::ptrdiff_t>(std::min(kTogether, statements.size() - at)));
      LS_ASSIGN(auto got, ask(some, true));
      if (got.size() != some.size())
        return fail("ended", "there are fewer answers than statements", "Spark",
                    "report the statements");
      for (Answer& answer : got) answers.push_back(std::move(answer));
    }
    return answers;
  }

 private:
  Result<std::vector<Answer>> ask(const std::vector<std::string>& statements, bool each) {
    LS_TRY(wait_until_ready());
    LS_TRY(worker_->write_line(dump_json({{"id", ++asked_},
                                          {"statements", statements},
                                          {"each", each},
                                          {"rows", kMostRows},
                                          {"seconds", kSeconds}})));
    const world::Millis limits(1000 * kSeconds * statements.size());
    LS_ASSIGN(const std::string line, worker_->read_line(kAnswer + limits));
    LS_ASSIGN(const Json reply, parse_json(line, "Spark's answer"));
    std::vector<Answer> answers;
    for (const Json& result : member(reply, "results")) answers.push_back(read_answer(result));
    return answers;
  }

  Status wait_until_ready() {
    if (ready_) return {};
    const auto line = worker_->read_line(kStart);
    if (!line) return fail_because(line.error(), "Spark", "it did not start");
    ready_ = true;
    return {};
  }

  std::string folder_;
  std::unique_ptr<world::Conversation> worker_;
  int asked_ = 0;
  bool ready_ = false;
};

Result<std::unique_ptr<Session>> start(world::World& world) {
  const std::string home = world.environment.variable("LAKESHIFT_ENGINES").value_or(".deps/sql");
  const std::string python = home + "/venv/bin/python";
  const std::string jars = home + "/jars";
  for (const std::string& part : {python, jars})
    if (!world.files.exists(part))
      return fail("engine-missing", part + " does not exist", "Spark",
                  "run ./dev deps sql, or let LAKESHIFT_ENGINES name the folder that it made");
  LS_ASSIGN(std::string folder, make_folder({}));
  const std::string script = folder + "/spark_worker.py";
  LS_TRY(
      world.files.write_atomically(script, embedded_file("src/knowledge/engines/spark_worker.py")));
  LS_ASSIGN(auto worker, world::converse({python, script, folder, jars}, folder + "/log"));
  return std::unique_ptr<Session>(
      std::make_unique<SparkSession>(std::move(folder), std::move(worker)));
}

}  // namespace

extern const Engine kDefinition = {"spark", "target", start};

}  // namespace lakeshift::engines::spark
