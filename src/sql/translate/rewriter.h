// Rewrites the IR of a statement from Redshift to Databricks, inferring Redshift's types.
#pragma once

#include <optional>

#include "sql/functions/function.h"
#include "sql/translate/draft.h"

namespace lakeshift::sql {

struct OutputColumn {
  std::string_view name{};  // in lower case; empty when it has none of its own
  Type type{};
};

// A thing of FROM that columns come from.
struct Relation {
  std::string_view alias{}, schema{};  // in lower case
  std::vector<OutputColumn> columns{};
  bool complete = false;                 // all columns are known
  bool element = false, nested = false;  // the alias is the value of an unnested SUPER, or ARRAY
  std::string_view position{};           // AT name of an unnested SUPER
  std::string_view key{};                // AT name of an unpivoted SUPER
  const OutputColumn* find(std::string_view name) const;
};

struct Scope {
  const Scope* outer = nullptr;
  std::vector<Relation> relations{};
  std::map<std::string, Relation, std::less<>> ctes{};
  // Aliases of the select list, for references from other clauses.
  std::vector<std::pair<std::string_view, Expr>> aliases{};
  bool aliases_visible = false;
  // Of GROUP BY and DISTINCT, as in the source: outside of aggregates, blanks do not count.
  std::vector<const Node*> keys{};
  bool keys_count = false;  // not in WHERE
  bool key_sets = false;    // GROUPING SETS: a key is NULL in the rows of others
};

// Names that are no columns: the variables of a procedure.
class Names {
 public:
  virtual ~Names() = default;
  // The variable that the first `used` of these parts (in lower case) name; its node stands for
  // all of them. `hidden`: a column could be of the same name, so that a plain name will not do.
  virtual std::optional<Expr> find(const Node* place, std::span<const std::string> parts,
                                   bool hidden, std::size_t& used) = 0;
  // What a name of a table stands for when a value of the procedure tells it, or null.
  virtual Node* table(const Node* name) = 0;
};

struct QueryResult {
  Node* node = nullptr;
  std::vector<OutputColumn> columns{};
  bool complete = false;
  const Node* into = nullptr;  // SELECT … INTO: the option node
};

class Rewriter : public Draft {
 public:
  Rewriter(const Catalog& tables, const TranslateOptions& choices, Arena& arena, Patterns& patterns,
           std::string_view source)
      : Draft(arena, patterns, source), catalog(tables), options(choices) {}

  using Draft::binary;
  using Draft::call;

  // expression.cc
  Expr expression(const Node* node);
  Node* rewrite(const Node* node) { return expression(node).node; }
  // The expression as a value of that type: constants are written as such, others are cast.
  Expr coerce(Expr value, const Type& to);
  Node* text_of(const Expr& value);     // as a string, the way Redshift writes it
  Node* comparable(const Expr& value);  // without trailing blanks where they could matter
  Expr comparison(Op op, Expr left, Expr right, const Node* place);
  Expr arithmetic(Op op, Expr left, Expr right, const Node* place);
  Expr convert(Expr value, const Type& to, const Node* place);  // an explicit cast
  Expr scalar(const Expr& value, const Type& to);               // a SUPER as a value of that type
  Node* local_to_zone(Node* from, Node* to, Node* value);       // times of two zones' clocks

  // call.cc
  Expr call(const Node* node);
  // Puts DISTINCT, FILTER, WITHIN GROUP, OVER of `source` on the aggregates in `node`.
  Node* with_tail(Node* node, const Node* source);
  Node* window(const Node* node, std::string_view function);
  // Blanks behind do not count where a later key decides; `ties`: nor in the last key.
  Node* order_items(const Node* list, bool ties = false);
  Node* plain_order(const Node* list);

  // name.cc
  Expr column(const Node* node);
  Node* object_name(const Node* name);  // of a table, view, function: with the catalog in front
  Node* output_name(const Node* name);

  // query.cc, from.cc
  QueryResult query(const Node* node, bool named);
  QueryResult query_body(const Node* node, bool named);
  QueryResult select(const Node* node, bool named);
  Node* from_list(const Node* node);
  Node* from_item(const Node* node, bool first = false);
  const Relation* find_cte(std::string_view name) const;
  Relation relation_of(const Node* table_name, std::string_view alias);
  void add_target(const Node* table);  // the table of UPDATE, DELETE, MERGE

  // statement.cc
  Node* statement(const Node* node);
  std::vector<Node*> before{};  // statements that must run first
  std::vector<Node*> after{};   // and then
  std::vector<Table> created{};

  const Catalog& catalog;
  const TranslateOptions& options;
  Scope* scope = nullptr;
  Names* locals = nullptr;
  std::vector<Type> parameter_types{};  // of $1, $2, … in the body of a function

 private:
  void placeholder(const Node* text);
  Expr unary(const Node* node);
  Expr binary(const Node* node);
  Expr fold(Op op, const Node* node);
  Expr regex_match(const Node* node, Op op);
  Expr is_test(const Node* node);
  Expr between(const Node* node);
  Expr in(const Node* node);
  Expr like(const Node* node);
  Expr quantified(const Node* node);
  Expr case_when(const Node* node);
  Expr special_call(const Node* node);
  Expr at_time_zone(const Node* node);
  Expr collate(const Node* node);
  Expr path(const Node* node);
  std::optional<Expr> variable(const Node* node, std::span<const Node* const> parts);
  std::optional<Expr> file_column(const Node* node, std::span<const Node* const> parts);
  Expr array(const Node* node);
  Expr date_arithmetic(Op op, const Expr& left, const Expr& right, const Node* place);
  void refuse_on_bytes(const Node* place);
  Expr division(const Expr& left, const Expr& right);
  Expr text_cast(const Expr& value, const Type& to);
  Expr constant_cast(const Expr& value, const Type& to, std::string_view text, const Node* place);
  const Function* choose(std::span<const Function* const> rows, const Call& call, bool& typed);
  bool fits(const Function& row, std::span<const Expr> arguments, bool& unsure) const;
  Expr apply_row(const Function& row, const Call& call, bool typed);
  Expr user_function(const Node* node, std::vector<Expr>& arguments);
  QueryResult set_operation(const Node* node, bool named);
  Node* distinct_rows(Node* all, const QueryResult& rows);
  bool convert_outer_marks(const Node* node, std::vector<Node*>& from, Node*& where);
  Node* derived(const Node* node);
  Node* base_table(const Node* node);
  Node* table_name(const Node* name);
  Node* function_table(const Node* node);
  Node* unnest(const Node* node, const Node* path);
  Node* join(const Node* node);
  Node* pivot(const Node* node);
  Node* unpivot(const Node* node);
  Node* with(const Node* node);
  Node* alias_of(const Node* alias);
  Node* select_items(const Node* select, bool named, bool distinct, QueryResult& result);
  Node* group_key(const Node* key);
  void collect_keys(const Node* group, const Node* items);
  Expr whole_key(const Node* node);
  bool distinct_as_group(const Node* select);
  void trim_constants(Node* part);
  Node* distinct_keys(const Node* items);
  bool is_key(const Node* node) const;
  void star(const Node* item, QueryResult& result, std::vector<Node*>& kids);
  bool names_relation(std::string_view alias) const;
  void push_parts(std::string_view dotted, std::vector<Node*>& kids);

  std::uint32_t names_made_ = 0;
  bool trim_output_ = false;           // the query about to be read is compared by value: UNION, IN
  const Node* group_items_ = nullptr;  // the select list that keys of GROUP BY may point into
  const Node* output_items_ = nullptr;  // the select list that positions of ORDER BY point into
  int aggregates_ = 0;                  // around the expression, of this query
  std::pair<Relation*, const Node*> recursion_{};  // a recursive query's table, and its body
  Node* top_ = nullptr;  // TOP n of the SELECT just read, which becomes LIMIT of the query around
};

bool has_outer_mark(const Node* node);
bool equal_expression(const Node* a, const Node* b);
// The expression at that position of a select list, or null; of none, null.
const Node* item_at(const Node* items, std::string_view position);

// The outer scope is visible again when this ends.
class ScopeGuard {
 public:
  explicit ScopeGuard(Rewriter& rewriter) : rewriter_(rewriter) {
    own.outer = rewriter.scope;
    rewriter.scope = &own;
  }
  ~ScopeGuard() { rewriter_.scope = const_cast<Scope*>(own.outer); }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
  Scope own{};

 private:
  Rewriter& rewriter_;
};

}  // namespace lakeshift::sql
