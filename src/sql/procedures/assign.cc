// Values into variables, with the conversions PL/pgSQL makes.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

Node* Script::set_line(const Node* place, Node* target, Node* value) {
  Node* assigned = rewriter_.make(
      Kind::assignment, {rewriter_.as(Role::target, target), rewriter_.as(Role::value, value)});
  return line(place, {words("SET"), assigned});
}

Node* Script::converted(Expr value, const Type& type, bool sized, const Node* place) {
  if (!type.known() || value.type.is(Base::null)) return value.node;
  std::string text;
  const bool constant = value.node->kind == Kind::string && read_string(value.node, text);
  if (type.is_string()) {
    Node* out = value.node;
    if (value.type.known() && !value.type.is_text())
      out = rewriter_.cast(rewriter_.text_of(value), "STRING");
    if (type.is(Base::char_) && !value.type.is(Base::char_)) out = rewriter_.call("rtrim", {out});
    const bool fits = constant ? text.size() <= type.length
                               : value.type.is_string() && value.type.length <= type.length;
    if (!sized || fits) return out;
    rewriter_.applied("text-length", value.type.known());
    return rewriter_.fill(
        "CASE WHEN octet_length($1) > $2 THEN raise_error('value too long for type character "
        "varying(" +
            std::to_string(type.length) + ")') ELSE $1 END",
        {out, rewriter_.number(type.length)});
  }
  if (value.type == type || (value.type.is_integer() && type.is_integer())) return value.node;
  if (!value.type.known()) {
    rewriter_.applied("assignment-conversion", false);
    return value.node;
  }
  if (constant && !type.is_float()) return rewriter_.coerce(value, type).node;
  if (value.type.is_integer() && (type.is(Base::decimal) || type.is_float())) {
    return rewriter_.cast(value.node, spell_databricks(type));
  }
  rewriter_.applied("assignment-conversion");
  return rewriter_.convert(value, type, rewriter_.at(place, rewriter_.make(Kind::cast))).node;
}

Node* Script::converted(Expr value, const Variable& variable, const Node* place) {
  Node* out = converted(value, variable.type, variable.sized, place);
  if (!variable.not_null) return out;
  return rewriter_.fill("coalesce($1, raise_error('null value cannot be assigned to variable " +
                            variable.name + " declared NOT NULL'))",
                        {out});
}

void Script::assignment(const Node* node, Lines& out) {
  assign(node, node->get(Role::target), rewriter_.expression(node->get(Role::value)), out);
}

void Script::assign(const Node* place, const Node* target, Expr value, Lines& out) {
  if (target->kind == Kind::subscript || target->kind == Kind::field) {
    rewriter_.refuse(target, "sql-element-assigned", "an element of an array is assigned",
                     "assign the whole value");
    return;
  }
  const Located found = assignable(target);
  if (!found.variable) return;
  const Variable& variable = *found.variable;
  if (!variable.record) {
    out.push_back(set_line(place, reference(found, false), converted(value, variable, place)));
    return;
  }
  // record.field := value: the record is built anew with the other fields as they are
  const Node* last = target->kind == Kind::name ? target->at(target->count - 1) : nullptr;
  const std::string field = last ? plain_ident(last->text()) : "";
  std::vector<Node*> parts;
  bool known = false;
  for (const OutputColumn& one : variable.fields) {
    parts.push_back(rewriter_.string(one.name));
    const bool this_one = same_word(one.name, field);
    known = known || this_one;
    if (this_one) {
      parts.push_back(rewriter_.cast(converted(value, one.type, false, place), element_type(one)));
      continue;
    }
    Node* base = reference(found, false);
    std::vector<Node*> names;
    if (base->kind == Kind::name)
      names.assign(base->children().begin(), base->children().end());
    else
      names.push_back(base);
    names.push_back(ident(quote_name(one.name)));
    parts.push_back(rewriter_.make(Kind::name, names));
  }
  if (!known) {
    rewriter_.refuse(target, "sql-record-shape",
                     variable.name + (field.empty() ? " is a record, and is assigned one value"
                                                    : " has no field " + field),
                     "assign one of its fields");
    return;
  }
  rewriter_.applied("record-field");
  out.push_back(set_line(place, reference(found, false), call_of("named_struct", parts)));
}

Node* Script::call_of(std::string_view function, const std::vector<Node*>& arguments) {
  std::vector<Node*> kids{rewriter_.as(Role::name, ident(function))};
  for (Node* one : arguments) kids.push_back(rewriter_.as(Role::args, one));
  return rewriter_.make(Kind::call, kids);
}

// As what a record's field is held.
std::string Script::element_type(const OutputColumn& field) {
  const bool text = field.type.is_text() || !field.type.known() || field.type.is(Base::null);
  return text ? "STRING" : declared_type(field.type, nullptr);
}

}  // namespace lakeshift::sql
