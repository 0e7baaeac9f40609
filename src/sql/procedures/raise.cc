// RAISE, ASSERT, and the handlers of EXCEPTION blocks.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

// 'format with % and %%' and its arguments, as one text.
Node* Script::message_of(const Node* place, std::string_view format, const Node* arguments) {
  std::vector<Node*> parts;
  std::string text;
  std::uint32_t used = 0;
  const std::uint32_t given = arguments ? arguments->count : 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text += format[i];
    } else if (i + 1 < format.size() && format[i + 1] == '%') {
      text += '%';
      ++i;
    } else if (used < given) {
      if (!text.empty()) parts.push_back(rewriter_.string(text));
      text.clear();
      Expr value = rewriter_.expression(arguments->at(used++));
      Node* spelled =
          value.type.is_text() ? value.node : rewriter_.cast(rewriter_.text_of(value), "STRING");
      parts.push_back(rewriter_.fill("coalesce($1, '<NULL>')", {spelled}));
    } else {
      ++used;
    }
  }
  if (used != given)
    rewriter_.refuse(place, "sql-raise-arguments",
                     "RAISE has " + std::to_string(given) + " arguments for " +
                         std::to_string(used) + " marks %",
                     "write one % for each argument, and %% for a percent sign");
  if (!text.empty() || parts.empty()) parts.push_back(rewriter_.string(text));
  return parts.size() == 1 ? parts[0] : call_of("concat", parts);
}

// SIGNAL takes only a constant; a text that is made goes into the arguments of the condition that
// raise_error raises. Spark has no SIGNAL, but has raise_error.
void Script::raise_error(const Node* place, Node* message, std::string_view state, Lines& out) {
  if (!databricks() && handler_frame_) {
    // Spark goes on at a wrong place when a handler itself fails: it is left first
    Variable& said = own_variable("raised_message", varchar_of(65535), "STRING");
    Variable& flag = own_variable("jump_raise", type_of(Base::boolean), "BOOLEAN");
    out.push_back(set_line(place, reference({&said, own_frame_}, false), message));
    out.push_back(
        set_line(nullptr, reference({&flag, own_frame_}, false), rewriter_.fill("TRUE", {})));
    jumps_.push_back({&flag, nullptr, true, &said});
    handler_labelled_ = true;
    out.push_back(line(nullptr, {words("LEAVE"), ident(handler_label_)}));
    return;
  }
  if (!databricks()) {
    Variable& kept = own_variable("raised", varchar_of(65535), "STRING");
    out.push_back(set_line(place, reference({&kept, own_frame_}, false),
                           rewriter_.call("raise_error", {message})));
    return;
  }
  if (message->kind == Kind::string) {
    out.push_back(line(place, {words("SIGNAL SQLSTATE"), rewriter_.string(state),
                               words("SET MESSAGE_TEXT ="), rewriter_.as(Role::none, message)}));
    return;
  }
  Variable& kept = own_variable("raise_arguments", type_of(Base::other), "MAP<STRING, STRING>");
  out.push_back(set_line(place, reference({&kept, own_frame_}, false),
                         rewriter_.call("map", {rewriter_.string("errorMessage"), message})));
  out.push_back(
      line(nullptr, {words("SIGNAL USER_RAISED_EXCEPTION"), words("SET MESSAGE_ARGUMENTS ="),
                     reference({&kept, own_frame_}, false)}));
}

void Script::raise(const Node* node, Lines& out) {
  const Node* message = node->get(Role::message);
  if (node->get(Role::value) || node->get(Role::name) || node->get(Role::options)) {
    rewriter_.refuse(node, "sql-raise-option",
                     "RAISE with a condition, SQLSTATE or USING is PostgreSQL's, not Redshift's",
                     "write RAISE EXCEPTION 'format', values");
    return;
  }
  if (!message) {
    reraise(node, out);
    return;
  }
  std::string format;
  if (!read_string(message, format)) {
    rewriter_.refuse(message, "sql-raise-option", "the message is not a constant",
                     "write the text itself, with % for values");
    return;
  }
  Node* text = message_of(node, format, node->get(Role::args));
  for (const std::string_view level : {"DEBUG", "LOG", "INFO", "NOTICE", "WARNING"}) {
    if (!node->says(level)) continue;
    rewriter_.applied("raise-message");
    rewriter_.note(
        node, "sql-raise-message",
        "RAISE " + std::string(level) + " is left out: a SQL script has nowhere to send messages",
        "insert them into a table where they are needed");
    return;
  }
  rewriter_.applied("raise-exception");
  raise_error(node, text, "P0001", out);
}

// RAISE alone, in a handler: the error goes on.
void Script::reraise(const Node* node, Lines& out) {
  if (handlers_around_ == 0) {
    rewriter_.refuse(node, "sql-raise-option",
                     "RAISE without a message stands outside of a handler",
                     "write RAISE EXCEPTION 'text'");
    return;
  }
  rewriter_.applied("resignal");
  if (databricks())
    out.push_back(line(node, {words("RESIGNAL")}));
  else
    raise_error(node, rewriter_.string("the error that the handler got"), "", out);
}

void Script::assertion(const Node* node, Lines& out) {
  (void)out;
  rewriter_.refuse(node, "sql-not-redshift", "ASSERT is PostgreSQL's, not Redshift's",
                   "write IF … THEN RAISE EXCEPTION");
}

// EXCEPTION WHEN OTHERS THEN statements. In a procedure that is not NONATOMIC the error goes on
// behind the handler.
Node* Script::handler(const Node* handlers) {
  const Node* only = handlers->at(0);
  const Node* condition = only->get(Role::condition);
  if (handlers->count > 1 || condition->kind != Kind::ident ||
      plain_ident(condition->text()) != "others") {
    rewriter_.refuse(handlers, "sql-handler-condition",
                     "an exception block for other conditions than OTHERS",
                     "Redshift knows OTHERS only: ask SQLSTATE inside");
  }
  ++handlers_around_;
  Frame* frame_around = std::exchange(handler_frame_, scopes_.innermost());
  std::string label_around = std::exchange(handler_label_, scopes_.unused("handler"));
  const bool labelled_around = std::exchange(handler_labelled_, false);
  Lines body;
  errors_caught(only->get(Role::then), body);
  statements_of(only->get(Role::then), body);
  const Node* then = only->get(Role::then);
  const Node* last = then->count > 0 ? then->at(then->count - 1) : nullptr;
  const bool raises = last && last->kind == Kind::statement && last->text() == "raise" &&
                      (!last->get(Role::message) || last->says("EXCEPTION"));
  if (routine_->atomic && !raises) {
    const Node nowhere;
    reraise(&nowhere, body);
    rewriter_.applied("handler-reraises");
  }
  if (body.empty()) body.push_back(nothing());
  --handlers_around_;
  rewriter_.applied("exit-handler");
  Node* label = handler_labelled_ ? words(handler_label_ + ":") : nullptr;
  handler_frame_ = frame_around;
  handler_label_ = std::move(label_around);
  handler_labelled_ = labelled_around;
  Node* handled = lines(body);
  if (label)  // the block inside of the handler's own is what LEAVE leaves
    handled = lines({line(nullptr, {label, words("BEGIN"), handled, words("END")})});
  return line(nullptr, {words("DECLARE EXIT HANDLER FOR SQLEXCEPTION"), words("BEGIN"), handled,
                        words("END")});
}

// SQLERRM and SQLSTATE are asked for at the head of the handler.
void Script::errors_caught(const Node* statements, Lines& out) {
  const bool text = mentions(statements, "sqlerrm");
  const bool state = mentions(statements, "sqlstate");
  if (!text && !state) return;
  if (!databricks()) {
    rewriter_.refuse(statements, "sql-script-form",
                     "open-source Spark has no GET DIAGNOSTICS for SQLERRM and SQLSTATE",
                     "translate to the form of Databricks");
    return;
  }
  std::vector<Node*> parts{words("GET DIAGNOSTICS CONDITION 1")};
  const auto item = [&](std::string_view wanted, std::string_view spelled) {
    Variable& kept = own_variable(wanted, varchar_of(65535), "STRING");
    if (parts.size() > 1) parts.push_back(words(","));
    parts.push_back(reference({&kept, own_frame_}, false));
    parts.push_back(words(spelled));
  };
  if (text) item("error_message", "= MESSAGE_TEXT");
  if (state) item("error_state", "= RETURNED_SQLSTATE");
  rewriter_.applied("error-diagnostics");
  out.push_back(made_of(nullptr, parts));
}

std::optional<Expr> Script::error_value(const Node* place, std::string_view name,
                                        std::size_t& used) {
  (void)place;
  used = 1;
  Variable& kept = own_variable(name == "sqlerrm" ? "error_message" : "error_state",
                                varchar_of(65535), "STRING");
  return Expr{reference({&kept, own_frame_}, true), varchar_of(65535)};
}

}  // namespace lakeshift::sql
