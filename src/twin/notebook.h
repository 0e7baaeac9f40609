// Notebooks and workspace files: formats, languages, conversion, limits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "twin/context.h"

namespace lakeshift::twin {

struct Language {
  std::string_view name;       // PYTHON
  std::string_view extension;  // .py
  std::string_view comment;    // "#"
};
const Language* find_language(std::string_view name);
const Language* language_of_extension(std::string_view path);

// "# Databricks notebook source" on the first line makes a source file a notebook.
bool has_notebook_header(std::string_view content, const Language& language);
std::string source_from_jupyter(const Json& notebook, const Language& language);
Json jupyter_from_source(std::string_view source, const Language& language, std::string_view name);

struct Import {
  std::string path;
  std::string format = "SOURCE";
  std::string language;
  bool overwrite = false;
  std::string bytes;
};
// As workspace/import does it. Errors: RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER_VALUE,
// MAX_NOTEBOOK_SIZE_EXCEEDED …
Status import_node(Context& context, Import import);
// As `workspace import-dir` sends files: by extension and header.
Status import_auto(Context& context, const std::string& path, std::string bytes);

struct Export {
  std::string bytes;
  std::string file_type;  // py, sql, ipynb, …
};
Result<Export> export_node(const Context& context, const Row& node, const std::string& format);

}  // namespace lakeshift::twin
