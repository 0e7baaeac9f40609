// A rule about source text (notebooks, files, scripts): what would not work, or not mean the same,
// after the move.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/finding.h"

namespace lakeshift::rules {

// What the move does to the things a text may name. Each answer is the new spelling; nullopt: it
// stays, or nobody knows.
struct Move {
  std::function<bool(std::string_view url)>
      is_foreign_storage;  // storage of a cloud that is not the target's
  std::function<std::optional<std::string>(std::string_view url)> storage;
  std::function<std::optional<std::string>(std::string_view user_name)> person;
  std::function<std::optional<std::string>(std::string_view host)> host;
  std::function<std::optional<std::string>(std::string_view account)> account;
  std::span<const std::string_view> foreign_libraries;  // modules of the source cloud ("boto3")
  bool crosses_clouds = false;
};

struct Text {
  std::string_view body;
  std::string_view path;  // in the workspace tree; may be empty
};

// A place in the text. `replacement` is set only when the rewrite is certain.
struct Hit {
  std::size_t offset = 0, length = 0;
  std::string evidence;  // without credentials
  std::optional<std::string> replacement = {};
  std::string remedy = {};  // when it differs from the rule's
  std::string cause = {};
};

// What a text refers to in the workspace: (kind, natural key).
struct Reference {
  std::string kind, key;
  std::size_t offset;
};

struct Rule {
  std::string_view code;  // stable; a page of this name is in docs/guide/findings
  model::Severity severity;
  std::string_view cause, remedy;
  void (*check)(const Text& text, const Move& move, std::vector<Hit>& hits);
  void (*references)(const Text& text, std::vector<Reference>& references) = nullptr;
};

// Sorted by file name; generated from the files of this folder (cmake/Registry.cmake).
std::span<const Rule* const> all_rules();

}  // namespace lakeshift::rules
