#include "stages/prove_source.h"

#include <charconv>

#include "core/base/embedded.h"
#include "core/base/strings.h"
#include "sql/catalog.h"
#include "sql/dialect.h"

namespace lakeshift::stages {
namespace {

using sql::Kind;
using sql::Node;
using sql::Role;

// Names behind FUNCTION and AGGREGATE of the compatibility layer.
std::set<std::string> shim_names() {
  std::set<std::string> names;
  const std::string_view text = embedded_file("data/redshift_on_postgres.sql");
  for (const std::string_view word : {"FUNCTION redshift.", "AGGREGATE redshift."})
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1))
      names.emplace(text.substr(at + word.size(), text.find('(', at) - at - word.size()));
  return names;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  for (const std::string_view other : names)
    if (name == other) return true;
  return false;
}

class Rewriter {
 public:
  Rewriter(std::string_view source, SourceForm& form) : source_(source), form_(form) {}

  // The node's text with everything below it rewritten.
  std::string rewrite(const Node* node) {
    note(node);
    switch (node->kind) {
      case Kind::call:
        return call(node);
      case Kind::special_call:
        if (node->code == static_cast<std::uint16_t>(sql::SpecialForm::extract))
          return "extract_of('" + unit_of(node->get(Role::unit)) + "', " +
                 rewrite(node->at(node->count - 1)) + ")";
        return stitch(node);
      case Kind::cast:
        return cast(node);
      case Kind::type:
        return type(node);
      case Kind::query:
        return query(node);
      case Kind::set_operation:
        return set_operation(node);
      case Kind::outer_mark:
        return obstacle("the (+) join");
      case Kind::prior:
        return prior(node);
      case Kind::ident:
        return to_lower(node->text()) == "level" && !level_.empty() ? level_ : stitch(node);
      case Kind::pivot:
      case Kind::unpivot:
        return obstacle("PIVOT and UNPIVOT");
      case Kind::subscript:
      case Kind::object_transform:
        return obstacle("SUPER");
      case Kind::exclude:
        return obstacle("EXCLUDE");
      case Kind::templated:
        return obstacle("a template, which has no value here");
      default:
        if (node->get(Role::qualify) != nullptr) return obstacle("QUALIFY");
        if (node->get(Role::connect_by) != nullptr) return hierarchy(node);
        return stitch(node);
    }
  }

  // A table and the join that its rows are updated by, as its documentation describes it: which
  // rows match; none may match several rows of the source; those that match leave, and all rows of
  // the source come.
  void spell_remove_duplicates(const Node* merge) {
    const Node* table = merge->get(Role::target);
    const std::string target = rewrite(table), source = rewrite(merge->get(Role::source));
    const Node* alias = table->get(Role::alias);
    const std::string own =
        alias != nullptr ? rewrite(alias) : sql::last_part(sql::plain_name(table->get(Role::name)));
    const std::string on = rewrite(merge->get(Role::condition));
    form_.set_up = {
        "DROP TABLE IF EXISTS merge_matches",
        "CREATE TEMP TABLE merge_matches AS SELECT " + own + ".ctid AS target_row FROM " + target +
            " CROSS JOIN " + source + " WHERE " + on,
        "SELECT ('Found multiple matches to update the same tuple: ' || count(*)::text)::int "
        "FROM merge_matches GROUP BY target_row HAVING count(*) > 1",
        "DELETE FROM " + target + " WHERE ctid IN (SELECT target_row FROM merge_matches)"};
    form_.text = "INSERT INTO " + target + " SELECT * FROM " + source;
  }

 private:
  std::string obstacle(std::string_view what) {
    if (form_.obstacle.empty()) form_.obstacle = std::string(what);
    return {};
  }

  // The source between the children as it is, the children rewritten.
  std::string stitch(const Node* node) {
    std::string text;
    std::uint32_t at = node->begin;
    for (const Node* child : node->children()) {
      if (child->begin < at || child->end > node->end || child->end == 0) continue;
      text += source_.substr(at, child->begin - at);
      text += rewrite(child);
      at = child->end;
    }
    text += source_.substr(at, node->end - at);
    return text;
  }

  static std::string unit_of(const Node* node) {
    std::string text = to_lower(node->text());
    return text.starts_with('\'') ? text.substr(1, text.size() - 2) : text;
  }

  static std::string last_name(const Node* node) {
    while (node->kind == Kind::name && node->count > 0) node = node->at(node->count - 1);
    return to_lower(node->text());
  }

  std::vector<const Node*> arguments(const Node* node) {
    std::vector<const Node*> found;
    for (const Node* child : node->children())
      if (child->role == Role::args) found.push_back(child);
    return found;
  }

  // Lengths of texts are in bytes.
  std::string cast(const Node* node) {
    const Node* to = node->get(Role::type);
    const std::string name = to_lower(to->text());
    const bool text = is_one_of(
        name, {"varchar", "char", "character", "nvarchar", "nchar", "bpchar", "character varying"});
    const bool cuts = text && to->count == 1 && to->at(0)->kind == Kind::number;
    if (!cuts && !node->has(sql::kConvertForm)) return stitch(node);
    std::string value = rewrite(node->at(0));
    if (cuts) {
      form_.shims.insert("first_bytes");
      value = "first_bytes((" + value + ")::varchar, " + std::string(to->at(0)->text()) + ")";
    }
    return "CAST(" + value + " AS " + type(to) + ")";
  }

  std::string type(const Node* node) {
    const std::string name = to_lower(node->text());
    if ((name == "numeric" || name == "decimal") && node->count == 0) return "numeric(18,0)";
    if (name == "datetime") return "timestamp";
    if (name == "nvarchar" || name == "text" || (name == "varchar" && node->count == 0))
      return "varchar" +
             (node->count > 0 ? stitch(node).substr(node->text().size()) : std::string("(256)"));
    if (name == "super" || name == "varbyte" || name == "geometry" || name == "hllsketch")
      return obstacle("the type " + name);
    return stitch(node);
  }

  std::string call(const Node* node) {
    const std::string name = last_name(node->get(Role::name));
    static const std::set<std::string> kShims = shim_names();
    if (kShims.contains(name)) form_.shims.insert(name);
    if (node->has(sql::kIgnoreNulls)) return obstacle("IGNORE NULLS");
    if (is_one_of(name, {"random", "rand", "getdate", "sysdate", "now", "timeofday",
                         "current_timestamp", "pg_backend_pid", "current_user", "version"}))
      return obstacle(name + "(), which is not the same twice");
    const auto args = arguments(node);
    if (is_one_of(name, {"dateadd", "datediff", "date_part", "date_trunc", "datepart"}) &&
        !args.empty() && args[0]->kind == Kind::ident) {
      std::string text = name + "('" + to_lower(args[0]->text()) + "'";
      for (std::size_t i = 1; i < args.size(); ++i) text += ", " + rewrite(args[i]);
      return text + ")";
    }
    if (name == "decode" && args.size() > 2) return decode(args);
    if (name == "listagg") return listagg(node, args);
    if (name == "median" && args.size() == 1 && node->get(Role::over) == nullptr)
      return "percentile_cont(0.5) WITHIN GROUP (ORDER BY " + rewrite(args[0]) + ")";
    std::string text = stitch(node);
    if (node->has(sql::kApproximate) && to_lower(text).starts_with("approximate"))
      text = text.substr(11);
    return text;
  }

  std::string decode(const std::vector<const Node*>& args) {
    const std::string base = rewrite(args[0]);
    std::string text = "CASE";
    for (std::size_t i = 1; i + 1 < args.size(); i += 2)
      text += " WHEN (" + base + ") IS NOT DISTINCT FROM (" + rewrite(args[i]) + ") THEN " +
              rewrite(args[i + 1]);
    if (args.size() % 2 == 0) text += " ELSE " + rewrite(args.back());
    return text + " END";
  }

  std::string listagg(const Node* node, const std::vector<const Node*>& args) {
    if (node->get(Role::over) != nullptr) return obstacle("LISTAGG over a window");
    if (args.empty()) return stitch(node);
    std::string text = "string_agg(";
    if (node->has(sql::kDistinct)) text += "DISTINCT ";
    // "NULL values and empty strings are ignored"
    text += "nullif((" + rewrite(args[0]) + ")::varchar, ''), " +
            (args.size() > 1 ? rewrite(args[1]) : std::string("''"));
    if (const Node* within = node->get(Role::within)) text += " ORDER BY " + rewrite(within);
    form_.shims.insert("listagg");
    return text + ")";
  }

  // PRIOR x within CONNECT BY: of the row that the walk has come from.
  std::string prior(const Node* node) {
    const Node* column = node->at(0);
    while (column->kind == Kind::paren && column->count == 1) column = column->at(0);
    if (!is_column(column) || !in_connect_by_) return obstacle("this PRIOR");
    if (last_name(column) == "level") return "walk.level";
    return "(walk.row_there)." + last_name(column);
  }

  // FROM t … CONNECT BY as a walk from row to row of t: whole rows, and how deep they are. A row
  // that is reached from itself makes a walk without end, unless LEVEL ends it: that fails at once.
  std::string hierarchy(const Node* select) {
    const Node* from = select->get(Role::from);
    const Node* start = select->get(Role::start_with);
    const Node* connect = select->get(Role::connect_by);
    if (from == nullptr || from->count != 1 || from->at(0)->kind != Kind::table)
      return obstacle("CONNECT BY over more than one table");
    const Node* alias = from->at(0)->get(Role::alias);
    const std::string name = alias != nullptr ? last_name(alias->get(Role::name))
                                              : last_name(from->at(0)->get(Role::name));
    const bool star = has_star(select->get(Role::items));
    if (star &&
        contains(to_lower(source_.substr(select->begin, select->end - select->begin)), "level"))
      return obstacle("CONNECT BY with * and LEVEL");
    const std::string table = rewrite(from);
    level_ = "1";
    const std::string roots = start != nullptr ? rewrite(start->at(0)) : "true";
    level_ = "(walk.level + 1)";
    in_connect_by_ = true;
    const std::string steps = rewrite(connect->at(0));
    in_connect_by_ = false;
    level_.clear();
    const std::string again = names_level(connect)
                                  ? ""
                                  : " + CASE WHEN " + name +
                                        ".ctid = ANY(walk.path) THEN ('a row is above itself at "
                                        "level ' || walk.level::text)::int ELSE 0 END";
    const std::string walked =
        "(WITH RECURSIVE walk AS (SELECT " + name + " AS row_there, 1 AS level, ARRAY[" + name +
        ".ctid] AS path FROM " + table + " WHERE " + roots + " UNION ALL SELECT " + name +
        ", walk.level + 1" + again + ", walk.path || " + name + ".ctid FROM walk, " + table +
        " WHERE " + steps + ") SELECT (row_there).*" + (star ? "" : ", level") + " FROM walk) AS " +
        name;
    std::string text;
    std::uint32_t at = select->begin;
    for (const Node* child : select->children()) {
      if (child != start && child != connect)
        text += std::string(source_.substr(at, child->begin - at)) +
                (child == from ? walked : rewrite(child));
      at = child->end;
    }
    return text + std::string(source_.substr(at, select->end - at));
  }
  static bool names_level(const Node* node) {
    if (node->kind == Kind::ident && to_lower(node->text()) == "level") return true;
    for (const Node* kid : node->children())
      if (names_level(kid)) return true;
    return false;
  }
  static bool has_star(const Node* items) {
    for (const Node* item : items->children())
      if (item->kind == Kind::star) return true;
    return false;
  }

  // TOP n stands at the front of the select, LIMIT n at the end of the query.
  std::string query(const Node* node) {
    const Node* body = node->get(Role::body);
    const Node* top = body == nullptr ? nullptr : body->get(Role::top);
    if (top == nullptr) return stitch(node);
    std::string text = stitch(node);
    const std::string head = std::string(source_.substr(top->begin, top->end - top->begin));
    const std::size_t at = text.find(head);
    if (at == std::string::npos || top->count != 1 || top->at(0)->kind != Kind::number)
      return obstacle("this TOP");
    std::size_t from = to_lower(text.substr(0, at + 3)).rfind("top");
    text.erase(from, at + head.size() - from);
    return text + " LIMIT " + std::string(top->at(0)->text());
  }

  std::string set_operation(const Node* node) {
    std::string text = stitch(node);
    // MINUS is spelled between the first two parts.
    if (node->count >= 2 && node->at(0)->end < node->at(1)->begin) {
      const std::string_view gap =
          source_.substr(node->at(0)->end, node->at(1)->begin - node->at(0)->end);
      if (contains(to_lower(gap), "minus"))
        text = rewrite(node->at(0)) + " EXCEPT " + rewrite(node->at(1));
    }
    return text;
  }

  struct Found {
    std::vector<std::string> columns;
    Constants constants;
  };
  // Columns and constants below, without those of queries below.
  static void gather(const Node* node, Found& found) {
    if (node->kind == Kind::type || node->kind == Kind::query) return;
    if (is_column(node)) {
      found.columns.push_back(last_name(node));
      return;
    }
    if (node->kind == Kind::number) found.constants.numbers.emplace_back(node->text());
    if (node->kind == Kind::string) found.constants.texts.push_back(text_of(node));
    for (const Node* child : node->children())
      if (child->role != Role::name) gather(child, found);
  }
  static std::string text_of(const Node* node) {
    const std::string_view text = node->text();
    if (text.size() < 2 || text.front() != '\'') return {};
    return replace_all(std::string(text.substr(1, text.size() - 2)), "''", "'");
  }

  static bool is_condition(const Node* node) {
    if (node->kind == Kind::in || node->kind == Kind::between || node->kind == Kind::like)
      return true;
    return node->kind == Kind::binary && is_one_of(sql::spell_op(static_cast<sql::Op>(node->code)),
                                                   {"=", "<>", "!=", "<", "<=", ">", ">="});
  }

  // Which values a column must have so that something comes out, and in which way rows are looked
  // at.
  void note_use(const Node* node) {
    if (is_condition(node)) {
      Found found;
      gather(node, found);
      for (const std::string& column : found.columns) {
        Constants& near = form_.near[column];
        const auto& [numbers, texts] = found.constants;
        near.numbers.insert(near.numbers.end(), numbers.begin(), numbers.end());
        near.texts.insert(near.texts.end(), texts.begin(), texts.end());
      }
    }
    if (node->kind == Kind::order_item) {
      Found found;
      gather(node, found);
      form_.sorted.insert(found.columns.begin(), found.columns.end());
    }
    if (node->kind == Kind::call && node->get(Role::name) != nullptr &&
        contains(last_name(node->get(Role::name)), "json")) {
      Found found;
      gather(node, found);
      form_.documents.insert(found.columns.begin(), found.columns.end());
    }
  }

  // Gathers tables, constants and keys.
  void note(const Node* node) {
    note_use(node);
    if (node->kind == Kind::table && node->get(Role::name) != nullptr)
      form_.tables.insert(last_name(node->get(Role::name)));
    if (node->kind == Kind::number) form_.numbers.emplace_back(node->text());
    if (node->kind == Kind::string && node->text().size() >= 2 && node->text().front() == '\'')
      form_.texts.push_back(text_of(node));
    const bool equality = node->kind == Kind::binary && node->count == 2 &&
                          node->code == static_cast<std::uint16_t>(sql::Op::kEq);
    if (equality && is_column(node->at(0)) && is_column(node->at(1)))
      for (std::uint32_t i = 0; i < 2; ++i) form_.keys.insert(last_name(node->at(i)));
    if (node->kind == Kind::in && node->count > 0 && is_column(node->at(0)) &&
        node->at(node->count - 1)->kind != Kind::list)
      form_.keys.insert(last_name(node->at(0)));
    if (node->kind == Kind::join)
      if (const Node* names = node->get(Role::using_))
        for (const Node* name : names->children()) form_.keys.insert(last_name(name));
  }
  static bool is_column(const Node* node) {
    return node->kind == Kind::name || node->kind == Kind::ident;
  }

  std::string_view source_;
  SourceForm& form_;
  std::string level_{};  // what LEVEL is where the walk is described; else it is a column
  bool in_connect_by_ = false;
};

bool merges(const Node* node) {
  const bool distinct = node->kind == Kind::select && node->has(sql::kDistinct);
  const bool set = node->kind == Kind::set_operation && !node->has(sql::kAll);
  if (distinct || set || node->role == sql::Role::group_by) return true;
  for (const Node* kid : node->children())
    if (merges(kid)) return true;
  return false;
}

bool divides(const Node* node) {
  if (node->kind == Kind::binary && static_cast<sql::Op>(node->code) == sql::Op::kSlash)
    return true;
  for (const Node* kid : node->children())
    if (divides(kid)) return true;
  return false;
}

bool recurses(const Node* node) {
  if (node->role == Role::connect_by || (node->kind == Kind::with && node->has(sql::kRecursive)))
    return true;
  for (const Node* kid : node->children())
    if (recurses(kid)) return true;
  return false;
}

// Which output columns ORDER BY names: by number, or by a name that is an alias or a column.
std::vector<std::size_t> order_of(const Node* root) {
  std::vector<std::size_t> order;
  const Node* by = root->get(Role::order_by);
  const Node* body = root->get(Role::body);
  while (body != nullptr && body->kind == Kind::set_operation) body = body->at(0);
  const Node* items = body == nullptr ? nullptr : body->get(Role::items);
  if (by == nullptr || items == nullptr) return order;
  std::vector<std::string> names;
  for (const Node* item : items->children()) {
    const Node* named = item->get(Role::alias) != nullptr ? item->get(Role::alias) : item;
    while (named->kind != Kind::ident && named->count > 0 &&
           (named->kind == Kind::name || named->kind == Kind::select_item ||
            named->kind == Kind::alias))
      named = named->at(named->count - 1);
    if (named->kind == Kind::star) return order;
    names.push_back(named->kind == Kind::ident ? to_lower(named->text()) : "");
  }
  for (const Node* item : by->children()) {
    const Node* key = item->count > 0 ? item->at(0) : item;
    std::size_t index = names.size();
    if (key->kind == Kind::number) {
      const std::string_view text = key->text();
      std::from_chars(text.data(), text.data() + text.size(), index);
      --index;
    } else if (key->kind == Kind::name && key->count > 0) {
      for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == to_lower(key->at(key->count - 1)->text())) index = i;
    } else if (key->kind == Kind::ident) {
      for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == to_lower(key->text())) index = i;
    }
    if (index >= names.size()) break;
    order.push_back(index);
  }
  return order;
}

// Names of the procedures that stand in CALLs below.
void calls_below(const Node* node, std::set<std::string>& names) {
  if (node->kind == Kind::statement && node->text() == "call")
    if (const Node* call = node->get(Role::expression); call && call->get(Role::name))
      names.insert(sql::last_part(sql::plain_name(call->get(Role::name))));
  for (const Node* kid : node->children()) calls_below(kid, names);
}

bool has_handlers(const Node* node) {
  if (node->role == Role::handlers) return true;
  for (const Node* kid : node->children())
    if (has_handlers(kid)) return true;
  return false;
}

// The procedures of the text that the call reaches, as PostgreSQL creates them.
void add_procedures(const Node* call, std::string_view source, SourceForm& form) {
  std::set<std::string> wanted, done;
  calls_below(call, wanted);
  for (bool more = true; more;) {
    more = false;
    sql::StatementReader reader(source, *sql::find_dialect("redshift"));
    for (sql::Statement one; reader.next(one);) {
      if (!one.root || one.root->kind != Kind::statement || one.root->text() != "create_procedure")
        continue;
      const std::string name = sql::last_part(sql::plain_name(one.root->get(Role::name)));
      if (!wanted.contains(name) || !done.insert(name).second) continue;
      more = true;
      calls_below(one.root, wanted);
      std::string text = Rewriter(source, form).rewrite(one.root);
      bool atomic = true;
      for (const Node* option : one.root->children()) {
        if (option->role != Role::attributes || !option->says("NONATOMIC")) continue;
        atomic = false;
        const std::size_t at = to_lower(text).find("nonatomic");
        if (at != std::string::npos) text.erase(at, 9);
      }
      if (atomic && has_handlers(one.root) && form.obstacle.empty())
        form.obstacle =
            "EXCEPTION in a procedure that is not NONATOMIC: it commits and raises again";
      const Node* parameters = one.root->get(Role::args);
      for (std::uint32_t i = 0; parameters && i < parameters->count; ++i) {
        const Node* direction = parameters->at(i)->get(Role::direction);
        if (direction && direction->says("OUT") && form.obstacle.empty())
          form.obstacle = "OUT parameters, which PostgreSQL wants in the CALL";
      }
      form.set_up.push_back("DROP PROCEDURE IF EXISTS " + name);
      form.set_up.push_back(std::move(text));
    }
  }
  if (form.set_up.empty() && form.obstacle.empty())
    form.obstacle = "the procedure, which is not in the file";
}

}  // namespace

SourceForm to_source_form(const sql::Statement& statement, std::string_view source) {
  SourceForm form;
  const Node* root = statement.root;
  if (root->kind == Kind::statement) {
    form.changes =
        is_one_of(root->text(), {"insert", "update", "delete", "merge", "truncate", "call"});
    if (!form.changes) {
      form.obstacle = "a statement of the kind " + replace_all(std::string(root->text()), "_", " ");
      return form;
    }
  }
  if (form.changes && root->get(Role::target) != nullptr &&
      root->get(Role::target)->kind == Kind::table)
    form.changed = sql::last_part(sql::plain_name(root->get(Role::target)->get(Role::name)));
  Rewriter rewriter(source, form);
  form.text = rewriter.rewrite(root);
  if (root->kind == Kind::statement && root->text() == "merge" && root->says("REMOVE DUPLICATES"))
    rewriter.spell_remove_duplicates(root);
  if (root->kind == Kind::statement && root->text() == "call") add_procedures(root, source, form);
  form.order = order_of(root);
  form.merges = merges(root);
  form.divides = divides(root);
  form.recurses = recurses(root);
  if (!form.obstacle.empty()) form.text.clear();
  return form;
}

}  // namespace lakeshift::stages
