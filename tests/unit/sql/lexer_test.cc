// The lexer keeps every byte, whatever it is given.
#include "sql/lexer.h"

#include <gtest/gtest.h>

#include <string>

#include "sql/dialect.h"
#include "sql/finding.h"

namespace lakeshift::sql {
namespace {

const Lexical& rules_of(const char* dialect) { return find_dialect(dialect)->lexical; }

// Puts blanks, comments and tokens together again; anything else between them is an error.
std::string reassemble(std::string_view source, const Tokens& tokens, std::uint32_t begin,
                       std::uint32_t end) {
  std::string out;
  std::uint32_t at = begin;
  std::size_t comment = 0;
  const auto gap = [&](std::uint32_t to) {
    while (at < to) {
      if (comment < tokens.comments.size() && tokens.comments[comment].begin == at) {
        out += source.substr(at, tokens.comments[comment].end - at);
        at = tokens.comments[comment++].end;
        continue;
      }
      const bool mark = source.substr(at, 3) == "\xEF\xBB\xBF" && at == 0;
      if (mark) {
        out += source.substr(0, 3);
        at = 3;
        continue;
      }
      EXPECT_NE(std::string_view(" \t\r\n\f\v").find(source[at]), std::string_view::npos)
          << "byte " << at << " is in no token and no comment";
      out += source[at++];
    }
  };
  for (const Token& token : tokens.tokens) {
    EXPECT_GE(token.begin, at);
    gap(token.begin);
    out += source.substr(token.begin, token.end - token.begin);
    at = token.end;
  }
  gap(end);
  return out;
}

// Every statement of `source`, as text; checks that they cover it without loss.
std::vector<std::string> split(std::string_view source, const char* dialect = "redshift") {
  std::vector<std::string> out;
  std::string whole;
  Lexer lexer(source, 0, static_cast<std::uint32_t>(source.size()), rules_of(dialect));
  Tokens tokens;
  std::uint32_t begin = 0;
  while (!lexer.at_end()) {
    lexer.next_statement(tokens);
    const std::string text = reassemble(source, tokens, begin, lexer.position());
    EXPECT_EQ(text, source.substr(begin, lexer.position() - begin));
    begin = lexer.position();
    out.push_back(text);
    whole += text;
  }
  EXPECT_EQ(whole, source);
  return out;
}

Tokens lex(std::string_view source, const char* dialect = "redshift") {
  Tokens tokens;
  Lexer(source, 0, static_cast<std::uint32_t>(source.size()), rules_of(dialect)).all(tokens);
  tokens.tokens.pop_back();
  return tokens;
}

std::vector<std::string> texts(std::string_view source, const char* dialect = "redshift") {
  std::vector<std::string> out;
  for (const Token& token : lex(source, dialect).tokens)
    out.emplace_back(source.substr(token.begin, token.end - token.begin));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Lexer, KeepsEveryByteOfOddInput) {
  for (const std::string_view source : {"",
                                        " ",
                                        ";",
                                        ";;",
                                        "select 1",
                                        "select 1;\r\nselect\t2 ; -- end\r\n\r\n",
                                        "\xEF\xBB\xBFselect 1;",
                                        "/* a /* b */ c */;",
                                        "select '; -- no' /* ; */ ; select \"a;b\"",
                                        "{% if x %} select {{ y }} {% endif %};",
                                        "select $$;$$, $t$ $$ ; $t$;",
                                        "\\timing on\nselect 1;",
                                        "select :v, :'v', :\"v\", ${v}, a${v}b;",
                                        "select 'a' \x01;",
                                        "x'",
                                        "\"",
                                        "$a$",
                                        "/*",
                                        "{{",
                                        "'\\"})
    split(source);
}

TEST(Lexer, SplitsOnlyAtSemicolonsOutsideTexts) {
  EXPECT_EQ(split("a;b;c").size(), 3u);
  EXPECT_EQ(split("select ';' ; select $$ ; $$; select /* ; */ 1 -- ;\n; select \";\"").size(), 4u);
  EXPECT_EQ(split("select 1; -- about one\nselect 2;\n\n"),
            (Texts{"select 1; -- about one\n", "select 2;\n\n"}));
}

TEST(Lexer, BlocksOfSqlScriptingAreOneStatement) {
  EXPECT_EQ(split("BEGIN DECLARE x INT; IF x = 1 THEN SELECT CASE WHEN a THEN 1 END; END IF; END; "
                  "SELECT 1;",
                  "databricks")
                .size(),
            2u);
  EXPECT_EQ(
      split("CREATE PROCEDURE p() BEGIN CASE x WHEN 1 THEN SELECT 1; END CASE; END; SELECT 1;",
            "databricks")
          .size(),
      2u);
  EXPECT_EQ(split("BEGIN TRANSACTION; SELECT 1; END;", "databricks").size(), 3u);
  EXPECT_EQ(split("BEGIN; SELECT 1; END;", "redshift").size(), 3u);
}

TEST(Lexer, BackslashEscapesInRedshiftButNotInPostgres) {
  EXPECT_EQ(texts(R"(select 'it\'s', 2)").size(), 4u);
  EXPECT_EQ(texts(R"(select 'a\', 'b')", "postgres"), (Texts{"select", R"('a\')", ",", "'b'"}));
  EXPECT_EQ(texts(R"(select E'a\'', 'b')", "postgres"), (Texts{"select", R"(E'a\'')", ",", "'b'"}));
}

TEST(Lexer, OperatorsAreTheLongestThatMakeSense) {
  EXPECT_EQ(texts("a<=-1"), (Texts{"a", "<=", "-", "1"}));
  EXPECT_EQ(texts("a||b::int"), (Texts{"a", "||", "b", "::", "int"}));
  EXPECT_EQ(texts("a!~*b"), (Texts{"a", "!~*", "b"}));
  EXPECT_EQ(texts("1..10"), (Texts{"1", "..", "10"}));
  EXPECT_EQ(texts("a*-- c\nb"), (Texts{"a", "*", "b"}));
  EXPECT_EQ(texts("a=/*c*/b"), (Texts{"a", "=", "b"}));
  EXPECT_EQ(texts("1.5e-3+.5-1."), (Texts{"1.5e-3", "+", ".5", "-", "1."}));
}

TEST(Lexer, HashNamesTablesAndIsAnOperator) {
  EXPECT_EQ(texts("from #t"), (Texts{"from", "#t"}));
  EXPECT_EQ(texts("create table #t"), (Texts{"create", "table", "#t"}));
  EXPECT_EQ(texts("select a #b"), (Texts{"select", "a", "#", "b"}));
  EXPECT_EQ(texts("select a # 5"), (Texts{"select", "a", "#", "5"}));
}

TEST(Lexer, TemplatesAreTokensOrPartsOfNames) {
  EXPECT_EQ(texts("from {{ ref('a') }} x"), (Texts{"from", "{{ ref('a') }}", "x"}));
  EXPECT_EQ(texts("from db_${env}.t"), (Texts{"from", "db_${env}", ".", "t"}));
  EXPECT_EQ(texts("from {{ a }}_x"), (Texts{"from", "{{ a }}_x"}));
  EXPECT_EQ(lex("{% set x = 1 %}{# c #} select").comments.size(), 2u);
}

TEST(Lexer, VariablesOfPsqlAreNotCasts) {
  EXPECT_EQ(texts("a::int, :b, :'c'"), (Texts{"a", "::", "int", ",", ":b", ",", ":'c'"}));
  EXPECT_EQ(texts("x[1:n]"), (Texts{"x", "[", "1", ":", "n", "]"}));
}

TEST(Lexer, NestedCommentsEndWhereTheyShould) {
  EXPECT_EQ(texts("a /* x /* y */ z */ b"), (Texts{"a", "b"}));
  EXPECT_EQ(lex("a /* x /* y */ z */ b").comments.size(), 1u);
}

struct Broken {
  const char* source;
  const char* code;
  std::uint32_t line, column;
};

TEST(Lexer, SaysWhereTextIsBroken) {
  for (const Broken& broken : {
           Broken{"select 1,\n  'abc", "sql-unterminated", 2, 3},
           Broken{"select \"abc", "sql-unterminated", 1, 8},
           Broken{"select /* abc /* */", "sql-unterminated", 1, 8},
           Broken{"select $x$ abc $y$", "sql-unterminated", 1, 8},
           Broken{"select {{ abc }", "sql-unterminated", 1, 8},
           Broken{"select a\xC2\xA0", "sql-bad-character", 0, 0},
           Broken{"select \xC2\xA0 1", "sql-bad-character", 1, 8},
           Broken{"select '\xE4'", "sql-bad-encoding", 1, 9},
           Broken{"select \x01", "sql-bad-character", 1, 8},
           Broken{"select `a`", "sql-bad-character", 1, 8},
       }) {
    const std::string_view source(broken.source);
    Lexer lexer(source, 0, static_cast<std::uint32_t>(source.size()), rules_of("redshift"));
    Tokens tokens;
    lexer.next_statement(tokens);
    if (broken.line == 0) {
      EXPECT_EQ(tokens.error.code, "") << source;  // a no-break space glued to a name is part of it
      continue;
    }
    EXPECT_EQ(tokens.error.code, broken.code) << source;
    const Place place = locate(source, tokens.error.begin);
    EXPECT_EQ(place.line, broken.line) << source;
    EXPECT_EQ(place.column, broken.column) << source;
    EXPECT_FALSE(tokens.error.message.empty());
    EXPECT_FALSE(tokens.error.remedy.empty());
  }
}

TEST(Lexer, BinaryInputIsRefusedNotRead) {
  const std::string source("PK\x03\x04\0\0\xff\xfe", 8);
  Lexer lexer(source, 0, 8, rules_of("redshift"));
  Tokens tokens;
  lexer.next_statement(tokens);
  EXPECT_FALSE(tokens.error.code.empty());
}

TEST(Lexer, AnOpenStringDoesNotSwallowTheNextStatements) {
  EXPECT_EQ(split("select 'it's';\nselect 2;\nselect 3;").size(), 3u);
}

}  // namespace
}  // namespace lakeshift::sql
