// An engine that runs SQL: started by us, asked in order, stopped by us. One file per engine here
// defines kDefinition and is found by the registry.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/world/world.h"

namespace lakeshift::engines {

// What a value is, over the types of all engines. `other` is compared as text.
enum class Family {
  none,  // a NULL without a type
  boolean,
  integer,
  decimal,
  real,  // float and double
  text,
  padded,  // CHAR(n): blanks at the end mean nothing
  date,
  time,
  timestamp,       // without a zone
  timestamp_zone,  // an instant, in UTC
  interval,
  binary,
  document,  // JSON
  other,
};
std::string_view spell(Family family);

using Cell = std::optional<std::string>;
struct Column {
  std::string name;
  std::string type;  // as the engine spells it
  Family family = Family::other;
};
struct Rows {
  std::vector<Column> columns{};
  std::vector<std::vector<Cell>> rows{};
};
constexpr std::size_t kMostRows = 1000;
// The statement was stopped, for it did not come to an end: the engine's limit of time or of the
// rows of a recursion. SQLSTATE query_canceled, which every engine here says then.
constexpr std::string_view kEndless = "57014";

// What a statement answered: rows (none for a command), or a failure.
struct Answer {
  Rows rows{};
  // There were more than kMostRows: the rest was not read, so that nothing can be said of it.
  bool truncated = false;
  bool failed = false;
  std::string failure{};  // the engine's class of the error
  // SQLSTATE: 42… when the statement itself cannot be run, whatever the rows; kEndless
  std::string state{};
  std::string message{};
};

// Not thread safe. Destroying it stops the engine and removes what it wrote.
class Session {
 public:
  virtual ~Session() = default;
  // Runs the statements in order; stops behind the first that fails, so the last answer is the one
  // to look at. Errors are those of the engine itself ("ended", "timeout").
  virtual Result<std::vector<Answer>> run(const std::vector<std::string>& statements) = 0;
  // Runs every statement, whatever the others answer: one answer each, in order.
  virtual Result<std::vector<Answer>> run_each(const std::vector<std::string>& statements);
};

struct Engine {
  std::string_view name;
  std::string_view role;  // "source": stands in for the warehouse one leaves; "target"
  // May return while the engine still starts: the session's first run() waits for it then, and has
  // the errors of that. Errors: "engine-missing", "cannot-start", "timeout".
  Result<std::unique_ptr<Session>> (*start)(world::World& world);
};

std::span<const Engine* const> all_engines();
// The engine of that name, or null.
const Engine* find_engine(std::string_view name);

// A folder of its own for an engine, made by `prefix` + mktemp; `prefix` may be empty, or words
// that change the user.
Result<std::string> make_folder(const std::vector<std::string>& prefix);
void remove_folder(const std::string& folder);

}  // namespace lakeshift::engines
