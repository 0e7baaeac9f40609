// Blocks, IF, CASE, loops, EXIT, CONTINUE, RETURN.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

Node* Script::lines(const Lines& all) {
  Lines kept;
  for (Node* one : all)
    if (one->kind != Kind::statement || one->count > 0) kept.push_back(one);
  return rewriter_.as(Role::statements, rewriter_.make(Kind::block, kept));
}

// A statement that does nothing, where one must stand.
Node* Script::nothing() { return line(nullptr, {words("BEGIN"), words("END")}); }

Node* Script::quiet(std::string_view text) {
  Node* out = words(text);
  out->code = 1;
  return out;
}

Node* Script::block(const Node* statements) {
  Lines out;
  statements_of(statements, out);
  if (out.empty()) out.push_back(nothing());
  return lines(out);
}

void Script::statements_of(const Node* statements, Lines& out) {
  const Node* block_around = std::exchange(current_block_, statements);
  const std::size_t index_around = current_index_;
  around_.emplace_back(statements, 0);
  for (std::size_t i = 0; i < statements->count; ++i) {
    current_index_ = around_.back().second = i;
    std::size_t used = 0;
    if (fetch_loop(statements, i, used, out)) {
      i += used - 1;
      continue;
    }
    statement(statements->kids[i], out);
  }
  around_.pop_back();
  current_block_ = block_around;
  current_index_ = index_around;
}

void Script::statement(const Node* node, Lines& out) {
  const std::string_view row = node->kind == Kind::statement ? node->text() : "";
  if (node->kind == Kind::clause && node->text() == "routine_block")
    compound(node, {}, out);
  else if (node->kind == Kind::assignment)
    assignment(node, out);
  else if (node->kind == Kind::query)
    query(node, out);
  else if (row == "if")
    branch(node, out);
  else if (row == "case" || row == "case_search")
    choice(node, out);
  else if (row == "loop" || row == "while")
    loop(node, out);
  else if (row == "for_range")
    for_range(node, out);
  else if (row == "for_query" || row == "for_execute" || row == "for_cursor")
    for_query(node, out);
  else if (row == "exit" || row == "continue")
    leave(node, out);
  else if (row == "return")
    return_(node, out);
  else if (row == "null")
    return;
  else if (row == "perform")
    perform(node, out);
  else if (row == "execute_string" || row == "execute")
    execute(node, out);
  else if (row == "open" || row == "open_query" || row == "open_execute")
    open(node, out);
  else if (row == "fetch_into" || row == "fetch" || row == "move")
    fetch(node, out);
  else if (row == "close_cursor" || row == "close")
    close(node, out);
  else if (row == "get_diagnostics")
    diagnostics(node, out);
  else if (row == "raise")
    raise(node, out);
  else if (row == "assert")
    assertion(node, out);
  else if (row == "call")
    call(node, out);
  else if (row == "commit" || row == "rollback")
    transaction(node, out);
  else if (row == "return_query" || row == "return_next" || row == "foreach")
    rewriter_.refuse(node, "sql-not-redshift", "the statement is PostgreSQL's, not Redshift's",
                     "rewrite it as a loop or a query");
  else
    plain(node, out);
}

// A statement of SQL. What it makes is known to those behind it.
void Script::plain(const Node* node, Lines& out) {
  status_before(node, out);
  std::vector<Node*> before, after;
  before.swap(rewriter_.before);
  after.swap(rewriter_.after);
  Node* translated = rewriter_.statement(node);
  for (Node* one : rewriter_.before) out.push_back(one);
  if (translated) out.push_back(translated);
  for (Node* one : rewriter_.after) out.push_back(one);
  rewriter_.before.swap(before);
  rewriter_.after.swap(after);
  local_.learn(node);
  for (Table& one : rewriter_.created) local_.put(std::move(one));
  rewriter_.created.clear();
  status_after(node, out);
}

void Script::query(const Node* node, Lines& out) {
  const Node* body = node->get(Role::body);
  const Node* targets = body && body->kind == Kind::select ? body->get(Role::into) : nullptr;
  if (targets) return select_into(node, targets, out);
  rewriter_.refuse(node, "sql-query-without-target",
                   "a query stands alone: PL/pgSQL has nowhere to put its rows",
                   "write SELECT … INTO, PERFORM, or OPEN a cursor for it");
}

// [label:] BEGIN declarations; handler; statements END. `own` are declarations of ours.
void Script::compound(const Node* source, const BlockParts& parts, Lines& written) {
  std::vector<Jump> jumps_around = std::exchange(jumps_, {});
  const Node* label = source->get(Role::label);
  const std::string name = label ? plain_ident(label->text()) : "";
  Frame& frame = scopes_.enter(FrameKind::block, name, parts.outermost ? "main" : "block");
  Declared declared;
  if (parts.outermost) outermost_ = &frame;
  if (parts.outermost && databricks()) own_frame_ = &frame;
  if (parts.begin) parts.begin(frame, declared);
  for (const Node* kid : source->children())
    if (kid->role == Role::declarations) declarations(kid, frame, declared);
  const Node* handlers = source->get(Role::handlers);
  Lines body;
  statements_of(source->get(Role::statements), body);
  Lines all = std::move(declared.variables);
  declare_cursors(frame, all);
  all.insert(all.end(), declared.values.begin(), declared.values.end());
  if (handlers) {
    // an error in a declaration is not for this block's own handler
    body.insert(body.begin(), handler(handlers));
    if (!all.empty()) body = {line(nullptr, {words("BEGIN"), lines(body), words("END")})};
  }
  all.insert(all.end(), body.begin(), body.end());
  if (parts.outermost && databricks()) own_declarations(all);
  Node* out =
      line(source, {frame.labelled ? words(frame.label + ":") : nullptr, words("BEGIN"), lines(all),
                    words("END"), frame.labelled ? ident(frame.label) : nullptr});
  if (parts.outermost) name_holes();
  scopes_.leave();
  written.push_back(out);
  // what left the handler goes on from here
  const std::vector<Jump> jumps = std::exchange(jumps_, std::move(jumps_around));
  std::set<const Variable*> made_already;
  for (const Jump& one : jumps) {
    if (!made_already.insert(one.flag).second) continue;
    const auto flag = [&] { return reference({one.flag, own_frame_}, false); };
    Lines inner{set_line(nullptr, flag(), rewriter_.fill("FALSE", {}))};
    if (one.target)
      jump(nullptr, one.target, one.exits, inner);
    else
      raise_error(nullptr, reference({one.message, own_frame_}, false), "", inner);
    written.push_back(
        made_of(nullptr, {words("IF"), flag(), words("THEN"), lines(inner), words("END IF")}));
  }
}

// A condition that is NULL is not true.
Node* Script::condition(const Node* node) {
  Expr value = rewriter_.expression(node);
  if (value.type.is(Base::null)) return rewriter_.cast(value.node, "BOOLEAN");
  if (value.type.is_text()) {
    value = rewriter_.convert(value, type_of(Base::boolean), rewriter_.make(Kind::cast));
  }
  return value.node;
}

void Script::branch(const Node* node, Lines& out) {
  std::vector<Node*> parts{words("IF"), condition(node->get(Role::condition)), words("THEN"),
                           block(node->get(Role::then))};
  for (const Node* one : node->children()) {
    if (one->role != Role::branches) continue;
    const auto arm = [&](const Node* elsif) {
      parts.push_back(words("ELSEIF"));
      parts.push_back(condition(elsif->get(Role::condition)));
      parts.push_back(words("THEN"));
      parts.push_back(block(elsif->get(Role::then)));
    };
    if (one->kind == Kind::list)
      for (const Node* each : one->children()) arm(each);
    else
      arm(one);
  }
  if (const Node* otherwise = node->get(Role::otherwise)) {
    parts.push_back(words("ELSE"));
    parts.push_back(block(otherwise));
  }
  parts.push_back(words("END IF"));
  out.push_back(made_of(node, parts));
}

Node* Script::made_of(const Node* place, const std::vector<Node*>& parts) {
  std::vector<Node*> kids;
  for (Node* one : parts) {
    if (!one) continue;
    const bool keeps = one->kind == Kind::block || one->role == Role::none;
    kids.push_back(keeps ? one : rewriter_.as(Role::value, one));
  }
  Node* out = rewriter_.make(Kind::statement, kids);
  out->set_text("script");
  return place ? rewriter_.at(place, out) : out;
}

// CASE as IF … ELSEIF: the value is taken once, and no branch means an error.
void Script::choice(const Node* node, Lines& out) {
  const Node* base = node->get(Role::base);
  std::vector<Node*> parts;
  Located held;
  Lines before;
  if (base) {
    Expr value = rewriter_.expression(base);
    if (value.type.is(Base::literal) || !value.type.known()) value.type = varchar_of(65535);
    Variable& kept = own_variable("case_value", value.type, declared_type(value.type, base));
    held = {&kept, own_frame_};
    out.push_back(set_line(base, reference(held, false), value.node));
  }
  const auto arm = [&](const Node* when) {
    Node* test = nullptr;
    if (!base) {
      test = condition(when->get(Role::condition));
    } else {
      const Node* values = when->get(Role::value);
      const auto equals = [&](const Node* one) {
        Node* each = rewriter_
                         .comparison(Op::kEq, {reference(held, false), held.variable->type},
                                     rewriter_.expression(one), one)
                         .node;
        test = test ? rewriter_.binary(Op::kOr, {test, each}) : each;
      };
      if (values->kind == Kind::list)
        for (const Node* one : values->children()) equals(one);
      else
        equals(values);
    }
    parts.push_back(words(parts.empty() ? "IF" : "ELSEIF"));
    parts.push_back(test);
    parts.push_back(words("THEN"));
    parts.push_back(block(when->get(Role::then)));
  };
  for (const Node* one : node->children()) {
    if (one->role != Role::branches) continue;
    if (one->kind == Kind::list)
      for (const Node* each : one->children()) arm(each);
    else
      arm(one);
  }
  parts.push_back(words("ELSE"));
  if (const Node* otherwise = node->get(Role::otherwise)) {
    parts.push_back(block(otherwise));
  } else {
    Lines failing;
    raise_error(nullptr, rewriter_.string("case not found"), "20000", failing);
    parts.push_back(lines(failing));
    rewriter_.applied("case-not-found");
  }
  parts.push_back(words("END IF"));
  rewriter_.applied("case-statement");
  out.push_back(made_of(node, parts));
}

// LOOP, WHILE. The label is written where something leaves the loop.
void Script::loop(const Node* node, Lines& out) {
  const Node* label = node->get(Role::label);
  Frame& frame = scopes_.enter(FrameKind::loop, label ? plain_ident(label->text()) : "", "loop");
  const bool with_condition = node->text() == "while";
  Node* test = with_condition ? condition(node->get(Role::condition)) : nullptr;
  Node* body = block(node->get(Role::body));
  scopes_.leave();
  out.push_back(
      made_of(node, {frame.labelled ? words(frame.label + ":") : nullptr,
                     words(with_condition ? "WHILE" : "LOOP"), test, test ? words("DO") : nullptr,
                     body, words(with_condition ? "END WHILE" : "END LOOP"),
                     frame.labelled ? ident(frame.label) : nullptr}));
}

// EXIT and CONTINUE, with a label and WHEN.
void Script::leave(const Node* node, Lines& out) {
  const bool exits = node->text() == "exit";
  const Node* name = node->get(Role::name);
  Frame* target = scopes_.target(name ? plain_ident(name->text()) : "", !exits || !name);
  if (!target) {
    rewriter_.refuse(node, "sql-label-unknown",
                     name ? "no loop or block around is labelled " + std::string(name->text())
                          : "EXIT and CONTINUE stand outside of a loop",
                     "label the loop that is meant");
    return;
  }
  const Node* when = node->get(Role::condition);
  if (!when) return jump(node, target, exits, out);
  Node* test = condition(when);
  Lines inner;
  jump(nullptr, target, exits, inner);
  out.push_back(made_of(node, {words("IF"), test, words("THEN"), lines(inner), words("END IF")}));
}

// Spark leaves only what is inside of a handler: from there a flag is set, and the jump is made
// behind the handler's block.
void Script::jump(const Node* place, Frame* target, bool exits, Lines& out) {
  bool outside = false;
  for (const Frame* frame = handler_frame_; frame; frame = frame->outer)
    outside = outside || frame == target;
  if (!outside) {
    target->labelled = true;
    out.push_back(line(place, {words(exits ? "LEAVE" : "ITERATE"), ident(target->label)}));
    return;
  }
  if (target != handler_frame_) {
    Variable& flag = own_variable("jump_" + target->label + (exits ? "" : "_on"),
                                  type_of(Base::boolean), "BOOLEAN");
    out.push_back(
        set_line(place, reference({&flag, own_frame_}, false), rewriter_.fill("TRUE", {})));
    jumps_.push_back({&flag, target, exits});
  }
  handler_labelled_ = true;
  out.push_back(line(nullptr, {words("LEAVE"), ident(handler_label_)}));
}

void Script::return_(const Node* node, Lines& out) {
  if (node->get(Role::value)) {
    rewriter_.refuse(node, "sql-return-value", "a procedure returns no value",
                     "declare an OUT parameter");
    return;
  }
  const Node* whole = routine_->block->get(Role::statements);
  if (current_block_ == whole && current_index_ + 1 == whole->count) return;
  rewriter_.applied("return-to-leave");
  jump(node, outermost_, true, out);
}

}  // namespace lakeshift::sql
