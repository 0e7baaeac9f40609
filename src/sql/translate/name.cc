// Names of columns, and of tables, views and functions.
#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

const OutputColumn* Relation::find(std::string_view name) const {
  for (const OutputColumn& one : columns)
    if (same_word(one.name, name)) return &one;
  return nullptr;
}

namespace {

bool answers_to(const Relation& relation, std::string_view qualifier) {
  if (same_word(relation.alias, qualifier)) return true;
  const auto dot = qualifier.rfind('.');
  if (dot == qualifier.npos || !same_word(qualifier.substr(dot + 1), relation.alias)) return false;
  const std::string_view schema = qualifier.substr(0, dot);
  return same_word(relation.schema, schema) || relation.schema.ends_with(schema) ||
         schema.ends_with(relation.schema);
}

struct Found {
  const Relation* relation = nullptr;
  const OutputColumn* column = nullptr;
  bool maybe = false;  // a relation whose columns are not known may have it
};

Found search(const Scope* scope, std::string_view qualifier, std::string_view name) {
  for (; scope; scope = scope->outer) {
    bool open = false;
    for (const Relation& relation : scope->relations) {
      if (!qualifier.empty() && !answers_to(relation, qualifier)) continue;
      if (const OutputColumn* column = relation.find(name)) return {&relation, column, false};
      if (!relation.complete) open = true;
      if (!qualifier.empty()) return {&relation, nullptr, !relation.complete};
    }
    if (open) return {nullptr, nullptr, true};
  }
  return {};
}

// What the schema of a name of `count` qualifiers is called in the target; null: as in the source.
const std::string* find_schema(const TranslateOptions& options, const Node* name,
                               std::uint32_t count) {
  if (options.schemas.empty()) return nullptr;
  std::string full;
  for (std::uint32_t i = 0; i < count; ++i)
    full += (i ? "." : "") + plain_ident(name->at(i)->text());
  auto found = options.schemas.find(full);
  if (found == options.schemas.end() && count > 1)
    found = options.schemas.find(plain_ident(name->at(count - 1)->text()));
  return found == options.schemas.end() ? nullptr : &found->second;
}

}  // namespace

// A variable of the procedure around, where no column is meant. A name that could be both is
// refused, as PostgreSQL refuses it when the procedure runs.
std::optional<Expr> Rewriter::variable(const Node* node, std::span<const Node* const> parts) {
  std::vector<std::string> spelled;
  for (const Node* part : parts) spelled.push_back(plain_ident(part->text()));
  bool relations = false;
  for (const Scope* s = scope; s; s = s->outer) {
    relations = relations || !s->relations.empty();
    if (spelled.size() > 1)
      for (const Relation& relation : s->relations)
        if (same_word(relation.alias, spelled[0])) return {};
    if (spelled.size() == 1 && s->aliases_visible)
      for (const auto& [alias, value] : s->aliases)
        if (same_word(alias, spelled[0])) return {};
  }
  const Found column = spelled.size() == 1 ? search(scope, "", spelled[0]) : Found{};
  const bool hidden = relations && (column.maybe || column.column);
  std::size_t used = 0;
  std::optional<Expr> found = locals->find(node, spelled, hidden, used);
  if (!found) return {};
  if (column.column)
    refuse(node, "sql-variable-ambiguous",
           spelled[0] + " is a variable of the procedure and a column of the query",
           "put the table's alias before the column, or rename the variable");
  if (column.maybe)
    assume(spelled[0] +
           " is the procedure's variable, and no table of the query has such a column");
  for (std::size_t i = used; i < parts.size(); ++i) {
    found->node =
        make(Kind::field, {found->node, as(Role::name, ident(quote_name(parts[i]->text())))},
             i == used ? 1 : 0);
    found->type = type_of(Base::super);
    applied("super-path");
  }
  return found;
}

// What Spectrum tells of the file a row comes from: "$path", "$size".
// docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html,
// docs.databricks.com/ingestion/file-metadata-column (2026-11).
std::optional<Expr> Rewriter::file_column(const Node* node, std::span<const Node* const> parts) {
  const std::string last = plain_ident(parts.back()->text());
  if (!last.starts_with('$') || !parts.back()->text().starts_with('"')) return {};
  if (last == "$spectrum_oid") {
    refuse(node, "sql-no-equivalent", "\"$spectrum_oid\" has no equivalent", "leave it out");
    return Expr{as(Role::none, node), {}};
  }
  const bool path = last == "$path";
  if (!path && last != "$size") return {};
  std::vector<Node*> kids;
  for (const Node* part : parts.first(parts.size() - 1))
    kids.push_back(ident(quote_name(part->text())));
  kids.push_back(ident("_metadata"));
  kids.push_back(ident(path ? "file_path" : "file_size"));
  applied("file-column");
  if (path) assume("paths of files are read as URIs, in which special characters are encoded");
  return Expr{make(Kind::name, kids), path ? varchar_of(65535) : type_of(Base::bigint)};
}

// A column, a SUPER value and a path into it, an alias of the select list.
Expr Rewriter::column(const Node* node) {
  std::span<const Node* const> parts(&node, 1);
  if (node->kind == Kind::name) parts = node->children();
  if (std::optional<Expr> found = file_column(node, parts)) return *found;
  if (locals)
    if (std::optional<Expr> found = variable(node, parts)) return *found;
  const auto quoted = [&](const Node* source) {
    if (is_plain_name(source->text())) return as(Role::none, source);
    Node* part = at(source, ident(quote_name(source->text())));
    part->kind = source->kind;
    return part;
  };
  const auto spelled = [&](std::size_t count) {
    if (count == 1) return at(node, quoted(parts[0]));
    if (count == 2) {
      Node* const two[] = {quoted(parts[0]), quoted(parts[1])};
      return at(node, make(Kind::name, two));
    }
    std::vector<Node*> kids;
    std::size_t first = 0;
    // schema.table.column: the schema as the table's name has it
    if (const std::string* mapped =
            count > 2 && !names_relation(plain_ident(parts[0]->text()))
                ? find_schema(options, node, static_cast<std::uint32_t>(count) - 2)
                : nullptr) {
      push_parts(*mapped, kids);
      first = count - 2;
    }
    for (std::size_t i = first; i < count; ++i) kids.push_back(quoted(parts[i]));
    return at(node, kids.size() == 1 ? kids[0] : make(Kind::name, kids));
  };
  const std::string first = plain_ident(parts[0]->text());
  // an element of an unnested array, or its position
  for (const Scope* s = scope; s; s = s->outer)
    for (const Relation& relation : s->relations) {
      if (!relation.element) continue;
      if (parts.size() == 1 && !relation.position.empty() && same_word(relation.position, first))
        return {cast(name({quote_name(relation.alias), "pos"}), "BIGINT"), type_of(Base::bigint)};
      if (parts.size() == 1 && !relation.key.empty() && same_word(relation.key, first))
        return {name({quote_name(relation.alias), "key"}), varchar_of(65535)};
      if (!same_word(relation.alias, first)) continue;
      Node* value = name({quote_name(parts[0]->text()), "value"});
      Node* out = value;
      for (std::size_t i = 1; i < parts.size(); ++i) {
        out = make(Kind::field, {out, as(Role::name, ident(quote_name(parts[i]->text())))},
                   i == 1 && !relation.nested ? 1 : 0);
      }
      return {at(node, out), relation.nested ? Type{} : type_of(Base::super)};
    }
  // alias.column, schema.alias.column, column, each with a path behind it
  std::string qualifier;
  // a.b is column b of a, even where there is a column a
  const bool skip_first = parts.size() > 1 && names_relation(first);
  if (skip_first) qualifier = first;
  for (std::size_t i = skip_first ? 1 : 0; i < parts.size(); ++i) {
    const std::string part = plain_ident(parts[i]->text());
    const Found found = search(scope, qualifier, part);
    if (found.column) {
      Node* out = spelled(i + 1);
      const Type& type = found.column->type;
      for (std::size_t k = i + 1; k < parts.size(); ++k)
        out = make(Kind::field, {out, as(Role::name, ident(quote_name(parts[k]->text())))},
                   k == i + 1 && !type.is_nested() ? 1 : 0);
      if (i + 1 == parts.size()) return {at(node, out), type};
      applied(type.is_nested() ? "nested-path" : "super-path");
      return {at(node, out), type.is_nested() ? Type{} : type_of(Base::super)};
    }
    if (i == 0 && parts.size() == 1) {
      for (const Scope* s = scope; s && !found.maybe; s = s->outer) {
        for (const auto& [alias, value] : s->aliases) {
          if (!same_word(alias, first)) continue;
          if (s->aliases_visible) return {spelled(1), value.type};
          applied("lateral-alias");
          return {as(Role::none, value.node), value.type};
        }
      }
      for (const Scope* s = scope; s; s = s->outer)
        for (const auto& [alias, value] : s->aliases)
          if (same_word(alias, first) && s->aliases_visible) return {spelled(1), value.type};
    }
    qualifier += (qualifier.empty() ? "" : ".") + part;
  }
  return {spelled(parts.size()), {}};
}

bool Rewriter::names_relation(std::string_view alias) const {
  for (const Scope* s = scope; s; s = s->outer)
    for (const Relation& relation : s->relations)
      if (same_word(relation.alias, alias)) return true;
  return false;
}

void Rewriter::push_parts(std::string_view dotted, std::vector<Node*>& kids) {
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    kids.push_back(ident(quote_name(dotted.substr(0, dot))));
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
}

Node* Rewriter::object_name(const Node* source_name) {
  const Node* name = source_name;
  if (name->kind == Kind::parameter || name->kind == Kind::templated) return as(Role::none, name);
  if (locals)
    if (Node* named = locals->table(name)) return at(name, named);
  std::vector<Node*> kids;
  const bool compound = name->kind == Kind::name;
  const std::uint32_t count = compound ? name->count : 1;
  std::uint32_t first = 0;
  if (const std::string* mapped = count > 1 ? find_schema(options, name, count - 1) : nullptr) {
    applied("schema-name");
    push_parts(*mapped, kids);
    first = count - 1;
  } else if (count == 2 && !options.catalog.empty()) {
    kids.push_back(ident(quote_name(options.catalog)));
  }
  for (std::uint32_t i = first; i < count; ++i) {
    const Node* part = compound ? name->at(i) : name;
    Node* out = at(part, ident(quote_name(part->text())));
    out->kind =
        part->kind == Kind::parameter || part->kind == Kind::templated ? part->kind : Kind::ident;
    kids.push_back(out);
  }
  return at(name, kids.size() == 1 ? kids[0] : make(Kind::name, kids));
}

// The alias of a column or table.
Node* Rewriter::output_name(const Node* name) {
  std::string value;
  if (name->kind == Kind::string && read_string(name, value))
    return at(name, ident(quote_name("\"" + value + "\"")));
  if (name->kind != Kind::ident) return as(name->role, name);
  if (is_plain_name(name->text())) return as(Role::none, name);
  return at(name, ident(quote_name(name->text())));
}

}  // namespace lakeshift::sql
