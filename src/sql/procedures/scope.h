// The variables of a routine, block by block, and how the output names them. Names in the output
// are those of the source; where a column could be meant instead, the block's label stands before.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

struct Frame;
struct Variable {
  std::string name{};     // in lower case
  std::string spelled{};  // in the output
  Type type{};
  std::string declared{};              // the output's type; empty: not declared by us
  std::vector<OutputColumn> fields{};  // of a record
  bool record = false;
  bool constant = false;
  bool not_null = false;
  bool sized = false;               // VARCHAR(n) with its n
  bool cursor = false;              // a cursor or refcursor
  const Node* query = nullptr;      // of a cursor
  const Node* arguments = nullptr;  // parameters of a cursor
  const Node* opened = nullptr;     // where a cursor is opened
  bool fetched = false;
  Node* line = nullptr;         // of a record: its declaration, written once its shape is known
  Variable* same_as = nullptr;  // ALIAS FOR
  Frame* same_frame = nullptr;
};

enum class FrameKind : std::uint8_t { block, loop, row };

struct Frame {
  FrameKind kind = FrameKind::block;
  std::string name{};     // the label in the source, in lower case; of a row its record's name
  std::string label{};    // in the output, unlike all others
  bool labelled = false;  // the output needs the label
  bool open = false;      // a row whose columns are not all known
  std::vector<std::unique_ptr<Variable>> variables{};
  Frame* outer = nullptr;
};

// Where a variable was found.
struct Located {
  Variable* variable = nullptr;
  Frame* frame = nullptr;
};

// EXIT, CONTINUE, RETURN or (in a script) RAISE in a handler, made behind its block.
struct Jump {
  Variable* flag = nullptr;
  Frame* target = nullptr;  // null: an error is raised
  bool exits = true;
  Variable* message = nullptr;  // of that error
};

class Scopes {
 public:
  // The frame becomes the innermost one until `leave`.
  // The label is `name` itself where no frame around has it, otherwise one made of `wanted`.
  Frame& enter(FrameKind kind, std::string_view name, std::string_view wanted);
  void leave();
  Frame* innermost() const { return inner_; }

  Located find(std::string_view name) const;
  // label.variable
  Located find(std::string_view label, std::string_view name) const;
  // A loop or block with that label; without a name the innermost loop.
  Frame* target(std::string_view name, bool only_loops) const;
  // Whether something between here and the variable's block has the same name in the output.
  bool shadowed(const Located& found) const;
  // A name that nothing in the routine has.
  std::string unused(std::string_view wanted);
  void reserve(std::string_view name) { taken_.insert(std::string(name)); }
  // Of a routine whose block stands inside the other's: its names and labels are taken.
  void inherit(const Scopes& other);

 private:
  std::vector<std::unique_ptr<Frame>> all_{};
  Frame* inner_ = nullptr;
  int loops_ = 0;
  std::set<std::string, std::less<>> taken_{};
  std::set<std::string, std::less<>> labels_around_{};
};

}  // namespace lakeshift::sql
