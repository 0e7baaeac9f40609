#include "sql/parse/grammar.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

namespace lakeshift::sql {
namespace {

constexpr std::pair<std::string_view, Rule> kRules[] = {
    {"expr", Rule::expr},
    {"ident", Rule::ident},
    {"any_ident", Rule::any_ident},
    {"name", Rule::name},
    {"type", Rule::type},
    {"string", Rule::string},
    {"number", Rule::number},
    {"value", Rule::value},
    {"query", Rule::query},
    {"with", Rule::with},
    {"columns", Rule::columns},
    {"table", Rule::table},
    {"table_name", Rule::table_name},
    {"from_list", Rule::from_list},
    {"from_item", Rule::from_item},
    {"alias", Rule::alias},
    {"order_item", Rule::order_item},
    {"select_items", Rule::select_items},
    {"assignment", Rule::assignment},
    {"values_row", Rule::values_row},
    {"body", Rule::body},
    {"block", Rule::block},
    {"routine_block", Rule::routine_block},
    {"declarations", Rule::declarations},
    {"statement", Rule::statement},
    {"principal", Rule::principal},
    {"placeholder", Rule::placeholder},
    {"loose", Rule::loose},
};

// Reads one row's pattern.
class RowCompiler {
 public:
  RowCompiler(std::string_view pattern, const CompiledDialect& dialect)
      : text_(pattern), dialect_(dialect) {}

  Element read() {
    Element root = read_sequence();
    if (!next().empty()) fault("'" + std::string(next()) + "' closes nothing");
    return root;
  }
  std::vector<std::string> faults{};

 private:
  void fault(std::string what) { faults.push_back(std::move(what)); }

  std::string_view next() const {
    std::size_t i = position_;
    while (i < text_.size() && text_[i] == ' ') ++i;
    const std::size_t end = std::min(text_.find(' ', i), text_.size());
    return text_.substr(i, end - i);
  }
  std::string_view take() {
    const std::string_view part = next();
    position_ = static_cast<std::size_t>(part.data() - text_.data()) + part.size();
    return part;
  }

  Element read_sequence() {
    Element sequence{.type = Element::Type::sequence};
    for (std::string_view part = next(); !part.empty(); part = next()) {
      if (part == "]" || part == "|" || part.starts_with('}')) break;
      take();
      if (part == "[" || part == "{") {
        sequence.parts.push_back(part == "[" ? read_optional() : read_choice());
      } else if (part.size() > 2 && part.find(':') != std::string_view::npos) {
        sequence.parts.push_back(read_capture(part));
      } else if (part[0] >= 'A' && part[0] <= 'Z') {
        add_word(sequence, part);
      } else {
        sequence.parts.push_back(read_mark(part));
      }
    }
    return sequence;
  }

  Element read_optional() {
    Element optional{.type = Element::Type::optional};
    optional.parts.push_back(read_alternatives("]"));
    return optional;
  }
  Element read_choice() {
    Element choice = read_alternatives("}");
    if (closing_ == "}") return choice;
    Element repeat{.type = closing_ == "}*" ? Element::Type::any : Element::Type::some};
    if (closing_ != "}*" && closing_ != "}+") fault("unknown ending " + std::string(closing_));
    repeat.parts.push_back(std::move(choice));
    return repeat;
  }
  Element read_alternatives(std::string_view close) {
    Element choice{.type = Element::Type::choice};
    while (true) {
      choice.parts.push_back(read_sequence());
      closing_ = take();
      if (closing_ == "|") continue;
      if (!closing_.starts_with(close)) fault("a group is not closed");
      return choice;
    }
  }

  void add_word(Element& sequence, std::string_view spelled) {
    const Word word = find_word(spelled);
    if (word == Word::none) fault("no keyword " + std::string(spelled));
    if (!sequence.parts.empty() && sequence.parts.back().type == Element::Type::words) {
      Element& last = sequence.parts.back();
      last.words.push_back(word);
      const char* end = spelled.data() + spelled.size();
      last.text = {last.text.data(), static_cast<std::size_t>(end - last.text.data())};
      return;
    }
    Element words{.type = Element::Type::words, .text = spelled};
    words.words.push_back(word);
    sequence.parts.push_back(std::move(words));
  }

  Element read_mark(std::string_view part) {
    if (part.size() > 2 && part.front() == '\'' && part.back() == '\'')
      part = part.substr(1, part.size() - 2);
    Element mark{.type = Element::Type::mark, .text = part};
    static constexpr std::pair<std::string_view, TokenKind> kMarks[] = {
        {"(", TokenKind::left_paren},   {")", TokenKind::right_paren},
        {",", TokenKind::comma},        {";", TokenKind::semicolon},
        {".", TokenKind::dot},          {"[", TokenKind::left_bracket},
        {"]", TokenKind::right_bracket}};
    for (const auto& [text, kind] : kMarks)
      if (text == part) mark.mark = kind;
    if (mark.mark == TokenKind::end) {
      mark.mark = TokenKind::op;
      for (std::size_t i = 1; i < kOpCount; ++i)
        if (spell_op(static_cast<Op>(i)) == part) mark.op = static_cast<Op>(i);
      if (mark.op == Op::kNone) fault("no mark " + std::string(part));
    }
    return mark;
  }

  Element read_capture(std::string_view part) {
    Element capture{.type = Element::Type::capture};
    if (part.ends_with(',')) capture.mode = Element::Mode::comma;
    if (part.ends_with('*')) capture.mode = Element::Mode::any;
    if (part.ends_with('+')) capture.mode = Element::Mode::some;
    if (capture.mode != Element::Mode::one) part.remove_suffix(1);
    const std::size_t colon = part.find(':');
    const std::string_view role = part.substr(0, colon);
    const std::string_view rule = part.substr(colon + 1);
    capture.role = find_role(role);
    if (capture.role == Role::none) fault("no role " + std::string(role));
    capture.text = rule;
    for (const auto& [name, known] : kRules)
      if (name == rule) {
        capture.rule = known;
        return capture;
      }
    capture.rule = Rule::fragment;
    for (std::size_t i = 0; i < dialect_.fragments.size(); ++i)
      if (dialect_.fragments[i].name == rule) {
        capture.fragment = static_cast<std::uint16_t>(i);
        return capture;
      }
    fault("no rule or fragment " + std::string(rule));
    return capture;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string_view closing_{};
  const CompiledDialect& dialect_;
};

void set_words(std::string_view list, std::bitset<kWordCount>& set,
               std::vector<std::string>& faults) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (const std::string_view spelled = list.substr(0, end); !spelled.empty()) {
      const Word word = find_word(spelled);
      if (word == Word::none) faults.push_back("no keyword " + std::string(spelled));
      set.set(static_cast<std::size_t>(word));
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

void compile_rows(std::span<const Row> rows, CompiledDialect& out, std::vector<CompiledRow>& into) {
  for (const Row& row : rows) {
    RowCompiler compiler(row.pattern, out);
    CompiledRow compiled{row.name, compiler.read()};
    for (const std::string& fault : compiler.faults)
      out.faults.push_back(std::string(row.name) + ": " + fault);
    const auto same = std::find_if(into.begin(), into.end(),
                                   [&](const CompiledRow& r) { return r.name == row.name; });
    // A later row of the same name replaces the earlier one: that is how a dialect differs from its
    // base.
    if (same != into.end())
      *same = std::move(compiled);
    else
      into.push_back(std::move(compiled));
  }
}

std::optional<Word> first_word(const Element& element) {
  if (element.type == Element::Type::words) return element.words.front();
  if (element.type == Element::Type::sequence && !element.parts.empty())
    return first_word(element.parts.front());
  return std::nullopt;
}

std::vector<std::vector<std::uint16_t>> index_rows(const std::vector<CompiledRow>& rows,
                                                   std::vector<std::string>& faults) {
  std::vector<std::vector<std::uint16_t>> index(kWordCount);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const auto word = first_word(rows[i].root))
      index[static_cast<std::size_t>(*word)].push_back(static_cast<std::uint16_t>(i));
    else
      faults.push_back(std::string(rows[i].name) + ": does not start with a word");
  }
  return index;
}

std::unique_ptr<CompiledDialect> compile_now(const Dialect& dialect) {
  auto out = std::make_unique<CompiledDialect>();
  out->dialect = &dialect;
  set_words(dialect.reserved, out->reserved, out->faults);
  out->not_alias = out->reserved;
  set_words(dialect.not_alias, out->not_alias, out->faults);
  out->operator_level.assign(kOpCount, 0);
  for (const OperatorRow& row : dialect.operators)
    out->operator_level[static_cast<std::size_t>(row.op)] = row.level;
  if (dialect.custom_operators)
    out->operator_level[static_cast<std::size_t>(Op::kCustom)] = dialect.levels.other;
  // Fragments may name each other in any order: all names first.
  for (const RowSet* set : dialect.rows)
    for (const Row& row : set->fragments)
      if (std::none_of(out->fragments.begin(), out->fragments.end(),
                       [&](const auto& f) { return f.name == row.name; }))
        out->fragments.push_back({row.name, {}});
  for (const RowSet* set : dialect.rows) compile_rows(set->fragments, *out, out->fragments);
  for (const RowSet* set : dialect.rows) {
    compile_rows(set->statements, *out, out->statements);
    compile_rows(set->routine, *out, out->routine);
  }
  out->statements_by_word = index_rows(out->statements, out->faults);
  out->routine_by_word = index_rows(out->routine, out->faults);
  return out;
}

}  // namespace

const CompiledDialect& compile(const Dialect& dialect) {
  static std::mutex mutex;
  static std::map<const Dialect*, std::unique_ptr<CompiledDialect>> compiled;
  const std::lock_guard lock(mutex);
  auto& entry = compiled[&dialect];
  if (!entry) entry = compile_now(dialect);
  return *entry;
}

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* dialect : all_dialects())
    if (dialect->name == name) return dialect;
  return nullptr;
}

}  // namespace lakeshift::sql
