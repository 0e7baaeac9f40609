// What is read of a routine of PL/pgSQL before it is translated: its head, the loops over cursors,
// the texts that EXECUTE runs, and what its statements mention.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql {

enum class Direction : std::uint8_t { in, out, inout };

struct Parameter {
  std::string name{};  // in lower case; "$1" when it has none
  Direction direction = Direction::in;
  const Node* type = nullptr;
  const Node* default_value = nullptr;
};

// CREATE PROCEDURE taken apart.
struct Routine {
  std::string name{};
  const Node* statement = nullptr;
  const Node* block = nullptr;  // null: the body is not PL/pgSQL
  std::vector<Parameter> parameters{};
  bool atomic = true;
  bool definer = false;
};
Routine read_routine(const Node* create_procedure);

// A string of SQL that a procedure builds: constant texts, and values between them.
enum class Hole : std::uint8_t { name, literal, number, text };
struct Template {
  struct Part {
    std::string text{};  // constant, where `value` is null
    Hole hole = Hole::text;
    const Node* value = nullptr;
  };
  std::vector<Part> parts{};
};

// OPEN c; LOOP FETCH c INTO …; EXIT WHEN NOT FOUND; … END LOOP; [CLOSE c;]
struct FetchLoop {
  const Node* open = nullptr;
  const Node* loop = nullptr;
  const Node* targets = nullptr;
  const Node* leaves = nullptr;
  std::string cursor{};
  std::size_t used = 0;  // how many statements of the block that is
};
std::optional<FetchLoop> match_fetch_loop(const Node* statements, std::size_t at);

// The procedure of that name that takes so many arguments, read again from its text.
std::optional<Routine> find_routine(Rewriter& rewriter, const Catalog& catalog,
                                    std::string_view name, std::size_t given, const Node* place);
// One for each parameter: null where nothing is given for an output.
std::vector<const Node*> matched_arguments(const Routine& routine,
                                           const std::vector<const Node*>& given);

// FOUND as the source reads it, but for the test that ends the usual loop over a cursor.
bool mentions_found(const Node* node);
// What the statements of a block from that one on do with FOUND and ROW_COUNT: 1 read, 0 set anew
// before anything reads, -1 neither.
int status_use(const Node* block, std::size_t from);
// Whether the name stands anywhere below as an expression, target or cursor.
bool mentions(const Node* node, std::string_view name);
// The statements of a row below `node`, itself included.
bool has_statement(const Node* node, std::string_view row);

}  // namespace lakeshift::sql
