// One file of a folder: its text as Databricks' SQL, and what the report says about it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "sql/catalog.h"
#include "sql/translate.h"

namespace lakeshift::stages {

// statements = translated + refused + unparsed + empty. Empty ones are comments alone, or a lone
// ';'; blanks are none.
struct SqlCounts {
  std::size_t translated = 0, refused = 0, unparsed = 0, empty = 0;
  std::size_t assumed = 0;  // of the translated: at least one rule went by an assumption
  std::size_t minutes = 0;  // estimate of what a person must do

  std::size_t statements() const { return translated + refused + unparsed + empty; }
  void add(const SqlCounts& other);
  // By name, with the estimate under the name that the document around it has for it.
  Json to_json(std::string_view minutes_name) const;
};

struct SqlFileTranslation {
  SqlCounts counts{};
  std::map<std::string, std::size_t> findings{};  // by code
  std::map<std::string, std::size_t> rules{};     // by name
  std::string output{};                           // the whole file
  std::string statements{};        // a JSON array, each statement once; secrets are replaced
  std::vector<sql::Table> made{};  // tables and views that statements left behind, not temporary
  Json asked = Json::object();     // name -> digest of what the catalog below answered
};

// `below` is not changed; several threads may stand on it.
SqlFileTranslation translate_file(std::string_view text, const sql::Catalog& below,
                                  const sql::TranslateOptions& options);

// Whether the catalog answers now as it did then.
bool answers_alike(const Json& asked, const sql::Catalog& below);

// A file that we wrote says so in its first line, with a digest of the rest: so it is known whether
// somebody has changed it since.
enum class Authorship { ours, edited, foreign };
Authorship authorship_of(std::string_view text);

// What a person needs for a statement that was refused or not read, in minutes: 10, and 2 a line,
// at most a day. Assumptions cost nothing by themselves: types make them go away.
inline constexpr std::size_t kMinutesEach = 10, kMinutesLine = 2, kMinutesMost = 480;

}  // namespace lakeshift::stages
