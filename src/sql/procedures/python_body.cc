#include "sql/procedures/python_body.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace lakeshift::sql {
namespace {

struct Token {
  enum class Kind { name, number, text, mark, line_end };
  Kind kind = Kind::mark;
  std::string_view text;
  std::uint32_t line = 1;
  int depth = 0;  // of brackets
};

struct Changed {
  std::string_view name, reason;
};

// Names that Python 3 has no more, or that mean another thing there, wherever they stand.
constexpr std::string_view kIterators = "gives an iterator in Python 3, which is never empty";
constexpr std::string_view kOrder = "gives its elements in another order in Python 3";
constexpr std::string_view kGone = "is gone in Python 3";
constexpr std::string_view kEmptyMatches = "treats empty matches differently since Python 3.7";
constexpr std::array kNames = {
    Changed{"unicode", kGone},
    Changed{"basestring", kGone},
    Changed{"xrange", kGone},
    Changed{"long", kGone},
    Changed{"raw_input", kGone},
    Changed{"unichr", kGone},
    Changed{"cmp", kGone},
    Changed{"reduce", kGone},
    Changed{"execfile", kGone},
    Changed{"reload", kGone},
    Changed{"intern", kGone},
    Changed{"buffer", kGone},
    Changed{"apply", kGone},
    Changed{"coerce", kGone},
    Changed{"file", kGone},
    Changed{"has_key", kGone},
    Changed{"iteritems", kGone},
    Changed{"iterkeys", kGone},
    Changed{"itervalues", kGone},
    Changed{"maketrans", kGone},
    Changed{"map", kIterators},
    Changed{"filter", kIterators},
    Changed{"zip", kIterators},
    Changed{"range", kIterators},
    Changed{"keys", kOrder},
    Changed{"values", kOrder},
    Changed{"items", kOrder},
    Changed{"popitem", kOrder},
    Changed{"set", kOrder},
    Changed{"frozenset", kOrder},
    Changed{"dumps", kOrder},
    Changed{"round", "rounds halves to even in Python 3, away from zero before"},
    Changed{"sum", "adds fractions with less error since Python 3.12"},
    Changed{"isinstance", "tells large whole numbers from others in Python 2"},
    Changed{"type", "tells large whole numbers from others in Python 2"},
    Changed{"hash", "has other values in Python 3"},
    Changed{"id", "is another in each run"},
    Changed{"input", "reads text in Python 3, and evaluated it before"},
    Changed{"encode", "gives bytes in Python 3"},
    Changed{"decode", "is of bytes in Python 3"},
    Changed{"translate", "takes another table in Python 3"},
    Changed{"bytes", "is text in Python 2"},
    Changed{"bytearray", "is text in Python 2"},
    Changed{"sub", kEmptyMatches},
    Changed{"subn", kEmptyMatches},
    Changed{"findall", kEmptyMatches},
    Changed{"finditer", kEmptyMatches},
    Changed{"sorted", "orders values of different types, and null, only in Python 2"},
    Changed{"sort", "orders values of different types, and null, only in Python 2"},
    Changed{"min", "orders values of different types, and null, only in Python 2"},
    Changed{"max", "orders values of different types, and null, only in Python 2"},
    Changed{"print", "is a statement in Python 2"},
    Changed{"exec", "is a statement in Python 2"},
    Changed{"eval", "runs text that is not read here"},
    Changed{"compile", "of text is not read here"},
    Changed{"class", "makes classes of another kind in Python 3"},
    Changed{"yield", "makes a generator, not a value"},
    Changed{"nonlocal", "is a plain name in Python 2"},
    Changed{"locals", "differs inside of comprehensions"},
    Changed{"vars", "differs inside of comprehensions"},
    Changed{"__builtins__", kGone},
    Changed{"open", "reads files, which are not there"},
};
// re.compile is no compile(), a word in a dictionary no name …: allowed behind this name and a dot.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kQualified = {
    {{"re", "compile"}}};

constexpr std::array<std::string_view, 4> kModules = {"re", "math", "datetime", "logging"};
// Of what has one reading only, whatever its arguments are.
constexpr std::array<std::string_view, 3> kWriters = {"str", "repr", "format"};

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

class Reader {
 public:
  Reader(std::string_view body, std::span<const PythonArgument> arguments, const Type& returns)
      : body_(body), arguments_(arguments), returns_(returns) {}

  PythonBody read() {
    if (body_.find("$$") != std::string_view::npos)
      refuse(0, "its body holds $$, which ends a body in Databricks", "write it otherwise");
    look_at_types();
    if (tokenize()) {
      look_at_names();
      look_at_marks();
      look_at_statements();
      look_at_leaks();
      assume();
    }
    if (found_.refusals.empty()) write();
    return std::move(found_);
  }

 private:
  void refuse(std::uint32_t line, std::string reason, std::string remedy) {
    for (const PythonRefusal& known : found_.refusals)
      if (known.line == line && known.reason == reason) return;
    found_.refusals.push_back({line, std::move(reason), std::move(remedy)});
  }

  void look_at_types() {
    for (const PythonArgument& argument : arguments_) {
      const Type& type = argument.type;
      if (type.is_float() || type.is(Base::decimal)) fractions_ = true;
      if (type.is(Base::varchar)) text_ = true;
      if (type.is_integer() || type.is_float() || type.is(Base::decimal) ||
          type.is(Base::varchar) || type.is(Base::boolean) || type.is(Base::timestamp))
        continue;
      refuse(0,
             "how an argument of the type of " + argument.name +
                 " reaches a function in Python is not documented",
             "declare it as a number, VARCHAR, BOOLEAN or TIMESTAMP");
    }
    if (!returns_.is_integer() && !returns_.is_float() && !returns_.is(Base::varchar) &&
        !returns_.is(Base::boolean))
      refuse(0, "how a result of this type comes from a function in Python is not documented",
             "return a number, VARCHAR or BOOLEAN");
  }

  void push(Token::Kind kind, std::size_t begin, std::size_t end) {
    tokens_.push_back({kind, body_.substr(begin, end - begin), line_, depth_});
  }

  // False when it is not to be read at all.
  bool tokenize() {
    bool line_begins = true;
    for (std::size_t at = 0; at < body_.size();) {
      const char c = body_[at];
      if (c == '\n') {
        if (depth_ == 0) push(Token::Kind::line_end, at, at);
        ++line_;
        ++at;
        line_begins = depth_ == 0;
        continue;
      }
      if (c == '\t' && line_begins)
        return refuse(line_, "it is indented by tabs", "indent it by spaces"), false;
      if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
        ++at;
        continue;
      }
      line_begins = false;
      if (c == '#') {
        at = std::min(body_.find('\n', at), body_.size());
        continue;
      }
      if (c == '\\' && at + 1 < body_.size() && body_[at + 1] == '\n')
        return refuse(line_, "a line goes on behind \\", "put it in parentheses"), false;
      if (static_cast<unsigned char>(c) >= 0x80)
        return refuse(line_, "it holds a character beyond ASCII", "write it as an escape"), false;
      const std::size_t begin = at;
      if (is_name_start(c)) {
        while (at < body_.size() && is_name(body_[at])) ++at;
        if (at < body_.size() && (body_[at] == '"' || body_[at] == '\'')) {
          const std::string_view prefix = body_.substr(begin, at - begin);
          if (prefix != "r")
            return refuse(line_, "a string has the prefix " + std::string(prefix),
                          "write it without, or with r"),
                   false;
          if (!string(begin, at)) return false;
          at = next_;
          continue;
        }
        push(Token::Kind::name, begin, at);
        continue;
      }
      if (c == '"' || c == '\'') {
        if (!string(begin, at)) return false;
        at = next_;
        continue;
      }
      if ((c >= '0' && c <= '9') || (c == '.' && at + 1 < body_.size() &&
                                     std::isdigit(static_cast<unsigned char>(body_[at + 1])))) {
        while (at < body_.size() && (is_name(body_[at]) || body_[at] == '.' ||
                                     ((body_[at] == '+' || body_[at] == '-') &&
                                      (body_[at - 1] == 'e' || body_[at - 1] == 'E'))))
          ++at;
        push(Token::Kind::number, begin, at);
        continue;
      }
      static constexpr std::string_view kLong[] = {"**=", "//=", "<<=", ">>=", "**", "//", "<<",
                                                   ">>",  "<=",  ">=",  "==",  "!=", "<>", "+=",
                                                   "-=",  "*=",  "/=",  "%=",  "&=", "|=", "^="};
      std::size_t length = 1;
      for (const std::string_view mark : kLong)
        if (body_.substr(at, mark.size()) == mark && mark.size() > length) length = mark.size();
      if (length == 1 &&
          std::string_view("()[]{}.,:;+-*/%<>=&|^~@").find(c) == std::string_view::npos)
        return refuse(line_, std::string("it holds ") + c, "write it otherwise"), false;
      if (c == '(' || c == '[' || c == '{') ++depth_;
      at += length;
      push(Token::Kind::mark, begin, at);
      if (c == ')' || c == ']' || c == '}') depth_ = std::max(0, depth_ - 1);
    }
    push(Token::Kind::line_end, body_.size(), body_.size());
    return true;
  }

  // From its prefix to its quote at `quote`; next_ is behind it.
  bool string(std::size_t begin, std::size_t quote) {
    const char mark = body_[quote];
    if (body_.substr(quote, 3) == std::string(3, mark))
      return refuse(line_, "it holds a string of several lines", "write it with \\n"), false;
    std::size_t at = quote + 1;
    for (; at < body_.size() && body_[at] != mark; ++at) {
      if (body_[at] == '\\') ++at;
      if (at >= body_.size() || body_[at] == '\n') break;
      if (static_cast<unsigned char>(body_[at]) >= 0x80)
        return refuse(line_,
                      "a string holds a character beyond ASCII, which is several in Python 2",
                      "compare the function's results, then create it by hand"),
               false;
      // Octal, hexadecimal and named escapes mean bytes in one and characters in the other.
      if (begin == quote && body_[at - 1] == '\\' && (at < 2 || body_[at - 2] != '\\') &&
          (body_[at] == 'x' || body_[at] == 'u' || body_[at] == 'U' || body_[at] == 'N' ||
           (body_[at] >= '0' && body_[at] <= '7')))
        return refuse(line_, "a string holds an escape of a byte or character",
                      "write the character itself"),
               false;
    }
    if (at >= body_.size() || body_[at] != mark)
      return refuse(line_, "a string has no end", "end it"), false;
    push(Token::Kind::text, begin, at + 1);
    next_ = at + 1;
    return true;
  }

  bool is(std::size_t at, std::string_view text) const {
    return at < tokens_.size() && tokens_[at].text == text && tokens_[at].kind != Token::Kind::text;
  }

  void look_at_names() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.kind != Token::Kind::name) continue;
      if (token.text.starts_with("__") || token.text.starts_with("func_") ||
          token.text.starts_with("im_"))
        refuse(token.line, "it uses " + std::string(token.text), "write it otherwise");
      const bool qualified =
          at >= 2 && is(at - 1, ".") &&
          std::any_of(kQualified.begin(), kQualified.end(), [&](const auto& one) {
            return is(at - 2, one.first) && token.text == one.second;
          });
      for (const Changed& changed : kNames)
        if (token.text == changed.name && !qualified)
          refuse(token.line, std::string(changed.name) + " " + std::string(changed.reason),
                 "write it so that it is the same in Python 3, and compare the results");
      if (token.text == "split" && imports("re"))
        refuse(token.line, "split " + std::string(kEmptyMatches), "compare the results");
      if (token.text == "float" || token.text == "Decimal" || token.text == "math")
        fractions_ = true;
    }
    for (const PythonArgument& argument : arguments_)
      for (const Token& token : tokens_)
        if (token.kind == Token::Kind::name && token.text != argument.name &&
            token.text.size() == argument.name.size() &&
            std::equal(token.text.begin(), token.text.end(), argument.name.begin(),
                       [](char one, char other) {
                         return std::tolower(static_cast<unsigned char>(one)) == other;
                       }))
          refuse(token.line,
                 "it spells the argument " + argument.name + " " + std::string(token.text),
                 "spell it in lower case, as its name is");
  }

  bool imports(std::string_view module) const {
    for (std::size_t at = 0; at + 1 < tokens_.size(); ++at)
      if ((is(at, "import") || is(at, "from")) && is(at + 1, module)) return true;
    return false;
  }

  static bool is_fraction(const Token& token) {
    return token.kind == Token::Kind::number && !token.text.starts_with("0x") &&
           token.text.find_first_of(".eE") != std::string_view::npos;
  }

  bool is_float_argument(const Token& token) const {
    return token.kind == Token::Kind::name &&
           std::any_of(arguments_.begin(), arguments_.end(), [&](const PythonArgument& one) {
             return one.name == token.text && one.type.is_float() && !assigned(one.name);
           });
  }

  // Or may be another thing of that name.
  bool assigned(std::string_view name) const {
    for (std::size_t at = 0; at + 1 < tokens_.size(); ++at) {
      if (is(at, "def") || is(at, "lambda") || is(at, "for") || is(at, "as") || is(at, "global"))
        return true;
      const std::string_view next = tokens_[at + 1].text;
      if (is(at, name) &&
          (next == "," || next == ")" || next == "]" ||
           (next.ends_with('=') && next != "==" && next != "!=" && next != "<=" && next != ">=")))
        return true;
    }
    return false;
  }

  void look_at_marks() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (is_fraction(token)) fractions_ = true;
      if (token.kind == Token::Kind::number) look_at_number(token);
      if (token.kind != Token::Kind::mark) continue;
      if (token.text == "<>") refuse(token.line, "<> " + std::string(kGone), "write !=");
      if (token.text == "@") refuse(token.line, "it holds @", "write it otherwise");
      if (token.text == "{") braces_ = true;
      if (token.text == "/" || token.text == "/=") {
        fractions_ = true;
        // One side that is surely a float: a literal or an argument, and nothing that binds closer.
        const bool left = at > 0 && token.text == "/" && is_whole(at - 1, -1) &&
                          (is_fraction(tokens_[at - 1]) || is_float_argument(tokens_[at - 1]));
        const bool right = at + 1 < tokens_.size() && is_whole(at + 1, 1) &&
                           (is_fraction(tokens_[at + 1]) || is_float_argument(tokens_[at + 1]));
        if (!left && !right)
          refuse(token.line, "/ of whole numbers drops the fraction in Python 2, and keeps it in 3",
                 "write // where that is meant, or float(…) around both sides, and compare the "
                 "results");
      }
    }
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (!fractions_) break;
      const bool writes =
          (token.kind == Token::Kind::name &&
           std::find(kWriters.begin(), kWriters.end(), token.text) != kWriters.end()) ||
          (token.text == "%" && token.kind == Token::Kind::mark && at > 0 &&
           tokens_[at - 1].kind != Token::Kind::number);
      if (writes)
        refuse(token.line, "a fraction as text has 12 digits in Python 2, and all of them in 3",
               "round it in SQL, outside of the function");
    }
  }

  // Whether the token at `at`, beside a division, is an operand by itself.
  bool is_whole(std::size_t at, int side) const {
    const auto beside = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + side);
    if (side < 0 && at == 0) return true;
    if (beside >= tokens_.size()) return true;
    const std::string_view text = tokens_[beside].text;
    return text != "." && (side < 0 || (text != "(" && text != "["));
  }

  void look_at_number(const Token& token) {
    const std::string_view text = token.text;
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if (text.find_first_of("lLjJ_") != std::string_view::npos ||
        (!hexadecimal && text.size() > 1 && text[0] == '0' &&
         text.find('.') == std::string_view::npos))
      refuse(token.line, std::string(text) + " is written another way in Python 3",
             "write it anew");
  }

  void look_at_statements() {
    for (std::size_t begin = 0; begin < tokens_.size();) {
      std::size_t end = begin;
      while (end < tokens_.size() && tokens_[end].kind != Token::Kind::line_end) ++end;
      statement(begin, end);
      begin = end + 1;
    }
    const bool loops = std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return token.kind == Token::Kind::name && token.text == "for";
    });
    if (loops && (braces_ || std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
                    return token.kind == Token::Kind::name && token.text == "dict";
                  })))
      refuse(0, "it has a loop and a dictionary or set, whose order is another in Python 3",
             "loop over a list");
  }

  void statement(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    const std::uint32_t line = tokens_[begin].line;
    const bool from = is(begin, "from");
    if (from || is(begin, "import")) {
      const std::string module(begin + 1 < end ? tokens_[begin + 1].text : "");
      if (std::find(kModules.begin(), kModules.end(), module) == kModules.end())
        refuse(line, "it imports " + module + ", which is not known to be there and to do the same",
               "create it with an ENVIRONMENT that has it, and compare the results");
      const bool plain = from ? begin + 3 < end && is(begin + 2, "import") && !is(begin + 3, "*")
                              : end == begin + 2;
      if (!plain) refuse(line, "it imports in a way that is not read", "write: import " + module);
    }
    for (std::size_t at = begin; at < end; ++at) {
      if (is(at, "import") && at > begin && !(from && at == begin + 2))
        refuse(line, "it imports in a way that is not read", "give it a line of its own");
      if ((is(begin, "except") || is(begin, "raise")) && is(at, ",") &&
          tokens_[at].depth == tokens_[begin].depth)
        refuse(line, std::string(tokens_[begin].text) + " with a comma " + std::string(kGone),
               "write 'as', or parentheses");
    }
    if (is(begin, "def"))
      for (std::size_t at = begin + 3; at < end && !is(at, ":"); ++at)
        if (is(at, "(")) refuse(line, "a parameter is a list " + std::string(kGone), "name it");
  }

  // A list's comprehension leaves its variable behind in Python 2 only.
  void look_at_leaks() {
    std::set<std::string_view> inside, outside;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.kind != Token::Kind::name) continue;
      if (token.depth == 0) outside.insert(token.text);
      if (token.depth == 0 || !is(at, "for")) continue;
      for (std::size_t name = at + 1; name < tokens_.size() && !is(name, "in"); ++name)
        if (tokens_[name].kind == Token::Kind::name) inside.insert(tokens_[name].text);
    }
    for (const std::string_view name : inside)
      if (outside.contains(name) || std::any_of(arguments_.begin(), arguments_.end(),
                                                [&](const auto& one) { return one.name == name; }))
        refuse(0, std::string(name) + " is a comprehension's variable and another as well",
               "give it a name of its own");
  }

  void assume() {
    if (text_)
      found_.assumptions.push_back(
          "the function's text is ASCII, without the separators 0x1C to 0x1F: in Python 2 text is "
          "bytes, so that lengths, slices, case and classes of characters differ beyond it");
    for (const Token& token : tokens_)
      if (token.kind == Token::Kind::mark &&
          (token.text == "<" || token.text == ">" || token.text == "<=" || token.text == ">=")) {
        found_.assumptions.push_back(
            "the function compares no null by < or >: Python 2 puts it before all values, Python 3 "
            "fails");
        break;
      }
  }

  // A function of its own, whose result is checked: another type would become NULL in silence.
  void write() {
    const auto free_name = [&](std::string name) {
      while (std::any_of(tokens_.begin(), tokens_.end(),
                         [&](const Token& token) { return token.text == name; }) ||
             std::any_of(arguments_.begin(), arguments_.end(),
                         [&](const auto& one) { return one.name == name; }))
        name += '_';
      return name;
    };
    const std::string function = free_name("redshift"), value = free_name("value");
    std::string names;
    for (const PythonArgument& argument : arguments_)
      names += (names.empty() ? "" : ", ") + argument.name;
    std::string& text = found_.text;
    text = "def " + function + "(" + names + "):\n";
    for (std::size_t begin = 0; begin < body_.size();) {
      const std::size_t end = std::min(body_.find('\n', begin), body_.size());
      std::string_view line = body_.substr(begin, end - begin);
      while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
        line.remove_suffix(1);
      if (!line.empty()) text += "  " + std::string(line) + "\n";
      begin = end + 1;
    }
    text += value + " = " + function + "(" + names + ")\n";
    const auto demand = [&](const std::string& condition, const std::string& error) {
      text += "if " + value + " is not None and not (" + condition + "):\n  raise " + error +
              "('the function returned ' + repr(" + value + "))\n";
    };
    if (returns_.is(Base::boolean)) {
      demand("isinstance(" + value + ", bool)", "TypeError");
    } else if (returns_.is(Base::varchar)) {
      demand("isinstance(" + value + ", str)", "TypeError");
    } else {
      const bool whole = returns_.is_integer();
      demand("isinstance(" + value + (whole ? ", int)" : ", (int, float))") +
                 " and not isinstance(" + value + ", bool)",
             "TypeError");
      if (whole) {
        const int bits = returns_.is(Base::smallint) ? 15 : returns_.is(Base::integer) ? 31 : 63;
        const std::string most = "2 ** " + std::to_string(bits);
        demand("-" + most + " <= " + value + " < " + most, "OverflowError");
      } else {
        text += "return None if " + value + " is None else float(" + value + ")\n";
        return;
      }
    }
    text += "return " + value + "\n";
  }

  const std::string_view body_;
  const std::span<const PythonArgument> arguments_;
  const Type& returns_;
  std::vector<Token> tokens_;
  std::uint32_t line_ = 1;
  int depth_ = 0;
  std::size_t next_ = 0;
  bool fractions_ = false, text_ = false, braces_ = false;
  PythonBody found_;
};

}  // namespace

PythonBody python3_body(std::string_view body, std::span<const PythonArgument> arguments,
                        const Type& returns) {
  return Reader(body, arguments, returns).read();
}

}  // namespace lakeshift::sql
