// The IR as text of a dialect. render() of what a reader read parses again to an equal IR, with
// every comment in it once and in order; and render() of its own output is that output.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sql/dialect.h"
#include "sql/node.h"
#include "sql/parser.h"

namespace lakeshift::sql {

struct RenderOptions {
  bool pretty = true;  // otherwise one line, but for line comments and routine bodies
  std::uint32_t width = 100;
  std::uint32_t indent = 2;
};

// `comments` are those of the statement, in order; `source` is what they and the nodes' places
// refer to. Names, strings and templates are printed as the IR has them. The text has no ';' behind
// it, and a line end only behind a line comment, so that what is appended does not become part of
// it.
std::string render(const Node* node, std::string_view source, std::span<const Comment> comments,
                   const Dialect& dialect, const RenderOptions& options = {});

// A statement as it was read, without comments: for expressions in findings and tests.
std::string render_flat(const Node* node, const Dialect& dialect);

}  // namespace lakeshift::sql
