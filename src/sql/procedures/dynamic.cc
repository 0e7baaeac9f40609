// EXECUTE. The text that runs is Redshift's SQL, so it is translated here and now: what is constant
// in it is read, and values between stay values. Names that are values become IDENTIFIER(…), or the
// translated text is put together when it runs.
#include <algorithm>

#include "sql/procedures/script.h"
#include "sql/render.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kMark = "lshole";

std::string mark_of(std::size_t number) {
  return std::string(kMark) + std::to_string(number) + "x";
}

struct Mark {
  std::size_t begin = std::string::npos;
  std::size_t end = 0;
  std::size_t number = 0;
};

Mark find_mark(std::string_view text, std::size_t from) {
  const std::string lower = lower_case(text);
  for (std::size_t at = lower.find(kMark, from); at != lower.npos; at = lower.find(kMark, at + 1)) {
    std::size_t end = at + kMark.size(), number = 0;
    while (end < lower.size() && lower[end] >= '0' && lower[end] <= '9')
      number = number * 10 + static_cast<std::size_t>(lower[end++] - '0');
    if (end < lower.size() && lower[end] == 'x' && end > at + kMark.size())
      return {at, end + 1, number};
  }
  return {};
}

bool has_mark(const Node* node) {
  if (find_mark(node->text(), 0).begin != std::string::npos) return true;
  for (const Node* kid : node->children())
    if (has_mark(kid)) return true;
  return false;
}

}  // namespace

// What the expression is put together from.
void Script::read_template(const Node* node, Template& out) {
  node = without_parens(node);
  std::string text;
  if (node->kind == Kind::string && read_string(node, text)) {
    out.parts.push_back({std::move(text)});
    return;
  }
  if (node->kind == Kind::binary && static_cast<Op>(node->code) == Op::kConcat) {
    for (const Node* kid : node->children()) read_template(kid, out);
    return;
  }
  if (node->kind == Kind::call) {
    const std::string name = plain_name(node->get(Role::name));
    const Node* first = node->get(Role::args);
    if (name == "quote_ident" && first) {
      out.parts.push_back({"", Hole::name, first});
      return;
    }
    if (name == "quote_literal" && first) {
      out.parts.push_back({"", Hole::literal, first});
      return;
    }
    if (name == "concat") {
      for (const Node* kid : node->children())
        if (kid->role == Role::args) read_template(kid, out);
      return;
    }
  }
  if (node->kind == Kind::ident) {
    if (const Node* assigned = last_assigned(plain_ident(node->text()))) {
      read_template(assigned, out);
      return;
    }
  }
  const Node* value = node;
  if (node->kind == Kind::cast && read_type(node->get(Role::type)).is_string()) value = node->at(0);
  const Expr known = rewriter_.expression(value);
  const bool number = known.type.is_number();
  out.parts.push_back({"", number ? Hole::number : Hole::text, number ? value : node});
}

// What was assigned to the variable just before, in the same block and without anything between
// that could have changed it or what it is made of.
const Node* Script::last_assigned(std::string_view name) {
  if (!current_block_) return nullptr;
  const Node* value = nullptr;
  std::size_t at = current_index_;
  while (at > 0 && !value) {
    const Node* before = current_block_->kids[--at];
    if (before->kind == Kind::assignment && before->code == 1) {
      const Node* target = before->get(Role::target);
      if (target->kind == Kind::ident && plain_ident(target->text()) == name)
        value = before->get(Role::value);
    } else if (is_assigned(before, name)) {
      return nullptr;
    }
  }
  if (!value) return declared_value(name);
  if (mentions(value, name)) return nullptr;  // sql := sql || …
  for (std::size_t i = at + 1; i < current_index_; ++i)
    if (changes_any(current_block_->kids[i], value)) return nullptr;
  return value;
}

// Of a variable that nothing ever assigns: what it is declared with.
const Node* Script::declared_value(std::string_view name) {
  if (is_assigned(routine_->block, name)) return nullptr;
  const Node* found = nullptr;
  const auto visit = [&](const auto& self, const Node* node) -> void {
    if (node->kind == Kind::clause && node->text() == "declaration" && node->get(Role::value) &&
        plain_ident(node->get(Role::variable)->text()) == name)
      found = node->get(Role::value);
    for (const Node* kid : node->children()) self(self, kid);
  };
  visit(visit, routine_->block);
  return found && found->kind == Kind::string ? found : nullptr;
}

// Whether the statement assigns a variable that the expression reads.
bool Script::changes_any(const Node* statement, const Node* expression) const {
  if (expression->kind == Kind::ident && is_assigned(statement, plain_ident(expression->text())))
    return true;
  for (const Node* kid : expression->children())
    if (changes_any(statement, kid)) return true;
  return false;
}

// The statements that the text says, in the source's words; empty after a refusal. Values stand in
// it as names that `find` knows.
std::vector<const Node*> Script::statements_of_text(const Node* place, const Node* expression,
                                                    const Node* arguments) {
  Template built;
  read_template(expression, built);
  std::string text;
  const auto refuse_unknown = [&](const Node* value) {
    rewriter_.refuse(value, "sql-dynamic-unknown",
                     "the text of EXECUTE is known only when it runs, and is Redshift's SQL",
                     "write the statement itself, with quote_ident and quote_literal for values");
  };
  if (built.parts.empty()) return {};
  if (built.parts[0].value) {
    refuse_unknown(built.parts[0].value);
    return {};
  }
  for (Template::Part& part : built.parts) {
    if (!part.value) {
      text += part.text;
      continue;
    }
    holes_.push_back(part);
    text += mark_of(holes_.size());
  }
  const std::string_view kept = rewriter_.copy(text);
  StatementReader reader(kept, *find_dialect("redshift"));
  Statement statement;
  std::vector<const Node*> all;
  while (reader.next(statement)) {
    if (statement.empty) continue;
    if (!statement.root) {
      rewriter_.refuse(place, "sql-dynamic-syntax",
                       "the text of EXECUTE cannot be read: " + statement.finding.message,
                       "write the statement itself");
      return {};
    }
    Node* copy = placed(clone(statement.root, rewriter_.arena()), place);
    copy = with_holes(copy, arguments);
    all.push_back(copy);
  }
  return all;
}

// Constants with values inside become values; $1 of USING its argument.
Node* Script::with_holes(Node* node, const Node* arguments) {
  std::string text;
  if (node->kind == Kind::string && read_string(node, text) &&
      find_mark(text, 0).begin != std::string::npos) {
    Template::Part whole;
    whole.hole = Hole::literal;
    whole.text = text;
    holes_.push_back(whole);
    Node* out = rewriter_.at(node, ident(mark_of(holes_.size())));
    out->role = node->role;
    return out;
  }
  if (node->kind == Kind::parameter && node->text().starts_with('$') && arguments) {
    const auto index =
        static_cast<std::uint32_t>(std::atoi(std::string(node->text().substr(1)).c_str()));
    if (index >= 1 && index <= arguments->count)
      return rewriter_.as(node->role, arguments->at(index - 1));
  }
  for (std::uint32_t i = 0; i < node->count; ++i)
    node->kids[i] = with_holes(node->kids[i], arguments);
  return node;
}

// The value that a mark stands for, as an expression.
std::optional<Expr> Script::hole_value(const Node* place, std::string_view name) {
  const Mark mark = find_mark(name, 0);
  if (mark.begin == std::string::npos || mark.number == 0 || mark.number > holes_.size()) return {};
  const Template::Part hole = holes_[mark.number - 1];
  const bool whole = mark.begin == 0 && mark.end == name.size();
  if (put_together_) return Expr{ident(name), type_of(Base::literal)};
  if (!hole.value) return Expr{concatenated(hole.text, Hole::text), type_of(Base::literal)};
  if (whole && hole.hole == Hole::literal)
    return Expr{rewriter_.expression(hole.value).node, type_of(Base::literal)};
  if (whole && hole.hole == Hole::number) return rewriter_.expression(hole.value);
  if (hole.hole == Hole::name) return Expr{ident(name), {}};
  rewriter_.refuse(place, "sql-dynamic-fragment",
                   "a part of the text of EXECUTE is known only when it runs, and may be any SQL",
                   "write quote_literal around a value, quote_ident around a name");
  return Expr{ident(name), {}};
}

// Text with marks in it as an expression that makes the text when it runs.
Node* Script::concatenated(std::string_view text, Hole inside) {
  std::vector<Node*> parts;
  std::size_t from = 0;
  const auto constant = [&](std::string_view piece) {
    if (!piece.empty()) parts.push_back(rewriter_.string(piece));
  };
  for (Mark mark = find_mark(text, 0); mark.begin != std::string::npos;
       mark = find_mark(text, from)) {
    constant(text.substr(from, mark.begin - from));
    from = mark.end;
    const Template::Part hole = holes_[mark.number - 1];
    Node* value = nullptr;
    if (!hole.value) {
      value = concatenated(hole.text, Hole::text);
    } else {
      const Expr one = rewriter_.expression(hole.value);
      value = one.type.is_text() || !one.type.known()
                  ? one.node
                  : rewriter_.cast(rewriter_.text_of(one), "STRING");
    }
    const bool glued =
        (mark.begin > 0 && (std::isalnum(static_cast<unsigned char>(text[mark.begin - 1])) ||
                            text[mark.begin - 1] == '_')) ||
        (from < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[from])) || text[from] == '_'));
    if (inside == Hole::name && hole.hole == Hole::name && !glued)
      value = rewriter_.fill("concat('`', replace($1, '`', '``'), '`')", {value});
    if (inside == Hole::literal && (hole.hole == Hole::literal || !hole.value))
      value = rewriter_.fill(
          R"(concat('\'', replace(replace($1, '\\', '\\\\'), '\'', '\\\''), '\''))", {value});
    if (inside == Hole::literal && hole.hole == Hole::name && !glued)
      value = rewriter_.fill("concat('`', replace($1, '`', '``'), '`')", {value});
    parts.push_back(value);
  }
  constant(text.substr(from));
  return parts.size() == 1 ? parts[0] : call_of("concat", parts);
}

Node* Script::dynamic_table(const Node* name) {
  if (holes_.empty() || put_together_ || !has_mark(name)) return nullptr;
  std::string text;
  if (name->kind == Kind::name) {
    for (const Node* part : name->children())
      text += (text.empty() ? "" : ".") + std::string(part->text());
    if (name->count == 2 && !rewriter_.options.catalog.empty())
      text.insert(0, rewriter_.options.catalog + ".");
  } else {
    text = name->text();
  }
  rewriter_.applied("identifier");
  return rewriter_.call("IDENTIFIER", {concatenated(text, Hole::name)});
}

void Script::execute(const Node* node, Lines& out) {
  const Node* expression = node->get(Role::expression);
  if (!expression) {
    rewriter_.refuse(node, "sql-not-translated", "EXECUTE of a prepared statement",
                     "write the statement itself");
    return;
  }
  const Node* targets = node->get(Role::into);
  const std::vector<const Node*> all = statements_of_text(node, expression, node->get(Role::args));
  if (all.empty() && !rewriter_.refused())
    rewriter_.refuse(node, "sql-dynamic-syntax", "the text of EXECUTE is empty", "leave it out");
  for (const Node* one : all) {
    Lines written;
    if (one->kind == Kind::query && targets) {
      select_into(one, targets, written);
    } else if (one->kind == Kind::query) {
      rewriter_.note(node, "sql-query-without-target",
                     "EXECUTE of a query without INTO is left out: its rows go nowhere", "");
    } else {
      plain(one, written);
    }
    const bool left = std::any_of(written.begin(), written.end(), has_mark);
    if (left) {
      written.clear();
      run_text(node, one, targets, written);
    } else {
      rewriter_.applied("execute-to-statement");
    }
    out.insert(out.end(), written.begin(), written.end());
  }
}

// EXECUTE IMMEDIATE of the translated statement, put together when it runs.
void Script::run_text(const Node* place, const Node* statement, const Node* targets, Lines& out) {
  put_together_ = true;
  Node* translated = statement->kind == Kind::query ? rewriter_.query(statement, true).node
                                                    : rewriter_.statement(statement);
  put_together_ = false;
  if (!translated) return;
  std::string text = render(translated, {}, {}, *find_dialect("databricks"), {.pretty = false});
  std::vector<Node*> parts{words("EXECUTE IMMEDIATE"), concatenated(text, Hole::literal)};
  if (targets) {
    parts.push_back(quiet("INTO"));
    std::vector<Node*> into;
    for (const Node* one : targets->children())
      if (const Located found = assignable(one); found.variable)
        into.push_back(reference(found, false));
    parts.push_back(rewriter_.list(into));
  }
  rewriter_.applied("execute-immediate");
  if (row_count_)
    rewriter_.refuse(place, "sql-row-count",
                     "FOUND or ROW_COUNT in a routine that puts a statement together when it runs",
                     "count the rows by a query");
  out.push_back(made_of(place, parts));
}

// Marks in what is reported, as the values that they stand for.
void Script::name_holes() {
  const auto named = [&](std::string& text) {
    for (Mark mark = find_mark(text, 0); mark.begin != std::string::npos;
         mark = find_mark(text, mark.begin + 1)) {
      const Node* value =
          mark.number <= holes_.size() && mark.number > 0 ? holes_[mark.number - 1].value : nullptr;
      const std::string spelled =
          value ? render_flat(value, *find_dialect("redshift")) : std::string("a value");
      text.replace(mark.begin, mark.end - mark.begin, spelled);
    }
  };
  if (holes_.empty()) return;
  for (std::string& one : rewriter_.translation.assumptions) named(one);
  for (Finding& one : rewriter_.translation.findings) named(one.message);
}

// The query of FOR … IN EXECUTE and OPEN … FOR EXECUTE.
const Node* Script::query_of_text(const Node* place, const Node* expression) {
  const std::vector<const Node*> all =
      statements_of_text(place, expression, place->get(Role::args));
  if (all.size() == 1 && all[0]->kind == Kind::query) return all[0];
  if (!rewriter_.refused())
    rewriter_.refuse(place, "sql-dynamic-syntax", "the text is not one query", "write a SELECT");
  return nullptr;
}

}  // namespace lakeshift::sql
