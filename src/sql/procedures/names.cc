// Which variable a name means, and how the output says it.
#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

Variable* column_of(Frame& row, std::string_view name) {
  for (const auto& one : row.variables)
    if (one->name == name) return one.get();
  return nullptr;
}

const OutputColumn* field_of(const Variable& record, std::string_view name) {
  for (const OutputColumn& one : record.fields)
    if (same_word(one.name, name)) return &one;
  return nullptr;
}

}  // namespace

bool mentions(const Node* node, std::string_view name) {
  if (node->kind == Kind::ident && plain_ident(node->text()) == name) return true;
  for (const Node* kid : node->children())
    if (mentions(kid, name)) return true;
  return false;
}

bool has_statement(const Node* node, std::string_view row) {
  if (node->kind == Kind::statement && node->text() == row) return true;
  for (const Node* kid : node->children())
    if (has_statement(kid, row)) return true;
  return false;
}

Node* Script::reference(const Located& found, bool hidden) {
  const Variable& variable = *found.variable;
  if (found.frame->kind == FrameKind::row)
    return rewriter_.name({found.frame->label, variable.spelled});
  if (!hidden && !qualified_ && !scopes_.shadowed(found)) return ident(variable.spelled);
  found.frame->labelled = true;
  return rewriter_.name({found.frame->label, variable.spelled});
}

// Looks from the innermost block outwards: record.field, variable, label.variable.
std::optional<Expr> Script::find(const Node* place, std::span<const std::string> parts, bool hidden,
                                 std::size_t& used) {
  const auto field = [&](const Located& record, std::size_t at) -> std::optional<Expr> {
    used = at + 1;
    const OutputColumn* known = field_of(*record.variable, parts[at]);
    if (!known && !record.variable->fields.empty()) {
      rewriter_.refuse(place, "sql-record-shape",
                       "the record " + record.variable->name + " has no field " + parts[at],
                       "name a column of the query that fills the record");
      return Expr{ident(parts[at]), {}};
    }
    Node* base = reference(record, hidden);
    std::vector<Node*> names;
    if (base->kind == Kind::name)
      names.assign(base->children().begin(), base->children().end());
    else
      names.push_back(base);
    names.push_back(ident(quote_name(parts[at])));
    return Expr{rewriter_.make(Kind::name, names), known ? known->type : Type{}};
  };
  const auto variable = [&](Located found, std::size_t next) -> std::optional<Expr> {
    if (found.variable->same_as) found = {found.variable->same_as, found.variable->same_frame};
    if (found.variable->record) {
      if (next < parts.size()) return field(found, next);
      rewriter_.refuse(place, "sql-record-value",
                       "the record " + found.variable->name + " is used as one value",
                       "name its fields one by one");
    }
    if (found.variable->cursor)
      rewriter_.refuse(place, "sql-cursor-value",
                       "the cursor " + found.variable->name + " is used as a value",
                       "fetch from it, or loop over its query");
    used = next;
    return Expr{reference(found, hidden), found.variable->type};
  };
  if (parts[0].starts_with('$')) {
    const auto index = static_cast<std::size_t>(std::atoi(parts[0].c_str() + 1));
    if (!parameters_ || index == 0 || index > parameters_->variables.size()) return {};
    return variable({parameters_->variables[index - 1].get(), parameters_}, 1);
  }
  for (Frame* frame = scopes_.innermost(); frame; frame = frame->outer) {
    if (frame->kind == FrameKind::row) {
      if (frame->name != parts[0] || parts.size() < 2) continue;
      used = 2;
      if (Variable* column = column_of(*frame, parts[1]))
        return Expr{reference({column, frame}, hidden), column->type};
      if (!frame->open)
        rewriter_.refuse(place, "sql-record-shape",
                         "the row " + parts[0] + " has no column " + parts[1],
                         "name a column of the loop's query");
      return Expr{rewriter_.name({frame->label, quote_name(parts[1])}), {}};
    }
    for (const auto& one : frame->variables)
      if (one->name == parts[0]) return variable({one.get(), frame}, 1);
    if (frame->name == parts[0] && parts.size() > 1 && !frame->name.empty())
      for (const auto& one : frame->variables)
        if (one->name == parts[1]) return variable({one.get(), frame}, 2);
  }
  if (std::optional<Expr> hole = parts.size() == 1 ? hole_value(place, parts[0]) : std::nullopt) {
    used = 1;
    return hole;
  }
  if (parts.size() == 1 && parts[0] == "found" && found_)
    return variable({found_, status_frame_}, 1);
  if (parts.size() == 1 && (parts[0] == "sqlerrm" || parts[0] == "sqlstate") &&
      handlers_around_ > 0)
    return error_value(place, parts[0], used);
  return {};
}

Located Script::assignable(const Node* target) {
  std::vector<std::string> parts;
  if (target->kind == Kind::name)
    for (const Node* part : target->children()) parts.push_back(plain_ident(part->text()));
  else
    parts.push_back(plain_ident(target->text()));
  Located found = scopes_.find(parts[0]);
  if (!found.variable && parts.size() > 1) found = scopes_.find(parts[0], parts[1]);
  if (!found.variable) {
    rewriter_.refuse(target, "sql-variable-unknown", parts[0] + " is no variable of the procedure",
                     "declare it");
    return {};
  }
  if (found.variable->same_as) found = {found.variable->same_as, found.variable->same_frame};
  if (found.variable->constant) {
    rewriter_.refuse(target, "sql-variable-constant", parts[0] + " is declared CONSTANT",
                     "declare it without CONSTANT");
    return {};
  }
  return found;
}

// A table whose name is a value: see dynamic.cc.
Node* Script::table(const Node* name) { return dynamic_table(name); }

}  // namespace lakeshift::sql
