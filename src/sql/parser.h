// SQL text in, statements out, one at a time: memory is bounded by the largest statement. A
// statement that cannot be read carries its finding and takes no other along.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sql/dialect.h"
#include "sql/finding.h"
#include "sql/node.h"
#include "sql/token.h"

namespace lakeshift::sql {

struct Statement {
  std::uint32_t begin =
      0;  // bytes of the source, with the blanks and comments before it and the ';'
  std::uint32_t end = 0;
  const Node* root = nullptr;           // null: empty, or `finding` says why
  std::span<const Comment> comments{};  // in order; also those inside a routine's body
  Finding finding{};                    // code "" when all is well
  std::uint32_t first_token = 0;        // where the statement itself begins
  bool empty = false;                   // nothing but blanks and comments

  bool failed() const { return !finding.code.empty(); }
};

class StatementReader {
 public:
  // `source` outlives the reader. A source of 4 GiB or more yields one failed statement.
  StatementReader(std::string_view source, const Dialect& dialect);
  ~StatementReader();
  StatementReader(const StatementReader&) = delete;
  StatementReader& operator=(const StatementReader&) = delete;

  // False at the end. What `out` points to lives until the next call. The statements' [begin, end)
  // cover the source without gaps.
  bool next(Statement& out);
  // The same, but a statement that begins with another word than CREATE is not parsed: it has no
  // root and no finding of the parser, and is not `empty`.
  bool next_create(Statement& out);

  std::string_view source() const;

 private:
  struct State;
  bool next(Statement& out, bool only_create);
  std::unique_ptr<State> state_;
};

}  // namespace lakeshift::sql
