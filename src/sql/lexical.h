// What dialects write differently below the level of grammar.
#pragma once

namespace lakeshift::sql {

struct Lexical {
  bool backslash_escapes = false;   // in plain '…' strings
  bool dollar_quotes = false;       // $tag$ … $tag$
  bool double_quotes_names = true;  // "x" is a name; otherwise a string
  bool backticks = false;           // `x` is a name
  bool hash_temporary = false;      // #x names a temporary table
  bool raw_strings = false;         // r'…'
  bool colon_paths = false;         // v:a.b, where nothing stands between v and ':'
  bool number_suffixes = false;     // 1L, 2.5BD
  // ';' inside BEGIN … END does not end the statement (SQL scripting); with `only_atomic`, only
  // inside BEGIN ATOMIC … END of a routine.
  bool compound = false;
  bool only_atomic = false;
  bool meta_commands = false;  // \timing and the like of psql; others print them as comments
};

}  // namespace lakeshift::sql
