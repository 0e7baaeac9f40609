#include "twin/notebook.h"

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/principals.h"
#include "twin/tree.h"

namespace lakeshift::twin {
namespace {

constexpr Language kLanguages[] = {
    {"PYTHON", ".py", "#"}, {"SQL", ".sql", "--"}, {"SCALA", ".scala", "//"}, {"R", ".r", "#"}};
constexpr std::string_view kHeader = " Databricks notebook source";
constexpr std::size_t kGreatest =
    std::size_t{10} * 1024 * 1024;  // workspace/import: "size is limited to 10 MB"

std::string header_of(const Language& language) {
  return std::string(language.comment) + std::string(kHeader);
}

std::string separator_of(const Language& language) {
  return "\n\n" + std::string(language.comment) + " COMMAND ----------\n\n";
}

std::string cell_text(const Json& cell) {
  const Json& source = member(cell, "source");
  if (source.is_string()) return source.get<std::string>();
  std::string text;
  for (const Json& line : source.is_array() ? source : Json::array()) text += scalar_text(line);
  return text;
}

const Language& language_of_jupyter(const Json& notebook) {
  const Json& metadata = member(notebook, "metadata");
  std::string name = to_lower(text_at(member(metadata, "language_info"), "name"));
  if (name.empty()) name = to_lower(text_at(member(metadata, "kernelspec"), "language"));
  const std::string own =
      to_lower(text_at(member(metadata, "application/vnd.databricks.v1+notebook"), "language"));
  if (!own.empty()) name = own;
  for (const Language& language : kLanguages) {
    if (to_lower(language.name) == name) return language;
  }
  return kLanguages[0];
}

// Not of an estate that is loaded: a notebook may have grown past the limit in the browser, and is
// then there and can be listed, but not exported.
Status check_size(const Context& context, const Import& import, bool is_notebook) {
  if (context.loading) return {};
  if (import.bytes.size() <= kGreatest || (!is_notebook && import.format == "RAW")) return {};
  return refuse("MAX_NOTEBOOK_SIZE_EXCEEDED",
                "File size imported is (" + std::to_string(import.bytes.size()) +
                    " bytes), exceeded max size (" + std::to_string(kGreatest) + " bytes)");
}

// Places a node; what is there already must be of the same type and may be replaced only when asked
// for.
Status place(Context& context, const Import& import, Json document) {
  const std::string type = text_at(document, "object_type");
  const Row* before = find_node(context.store, import.path);
  if (before != nullptr) {
    const std::string there = text_at(before->document, "object_type");
    if (!import.overwrite)
      return refuse("RESOURCE_ALREADY_EXISTS", "Path (" + import.path + ") already exists.");
    if (there != type)
      return invalid("Cannot overwrite the asset at " + import.path +
                     " due to type mismatch (asked: " + type + ", actual: " + there + ")");
  } else {
    const std::string parent = parent_path(import.path);
    const Row* folder = find_node(context.store, parent);
    if (folder == nullptr && !context.loading)
      return refuse("RESOURCE_DOES_NOT_EXIST",
                    "The parent folder (" + parent + ") does not exist.");
    if (!context.loading && (parent == "/Users" || parent == "/Repos"))
      return refuse("PERMISSION_DENIED", "Folder " + base_name(parent) + " is protected");
    LS_TRY(make_directories(context, parent));
  }
  put_node(context, import.path, std::move(document), import.bytes);
  return {};
}

Status import_source(Context& context, Import import) {
  const Language* language = find_language(import.language);
  if (language == nullptr) language = language_of_extension(import.path);
  if (language == nullptr)
    return invalid("The language is required to import " + import.path + " as SOURCE");
  LS_TRY(check_size(context, import, true));
  if (has_notebook_header(import.bytes, *language)) {
    const std::size_t end = import.bytes.find('\n');
    import.bytes = end == std::string::npos ? "" : import.bytes.substr(end + 1);
  }
  return place(context, import,
               {{"object_type", "NOTEBOOK"}, {"language", language->name}, {"$format", "SOURCE"}});
}

Status import_jupyter(Context& context, const Import& import) {
  LS_TRY(check_size(context, import, true));
  const auto notebook = parse_json(import.bytes, import.path);
  if (!notebook || !member(*notebook, "cells").is_array())
    return invalid("The content of " + import.path + " is not a Jupyter notebook");
  const Language& language = language_of_jupyter(*notebook);
  return place(context, import,
               {{"object_type", "NOTEBOOK"}, {"language", language.name}, {"$format", "JUPYTER"}});
}

Status import_archive(Context& context, const Import& import) {
  LS_TRY(check_size(context, import, true));
  if (import.overwrite) return invalid("Overwrite cannot be set for importing DBC archives");
  if (!import.bytes.starts_with("PK"))
    return invalid("The content of " + import.path + " is not a DBC archive");
  const Language* language = find_language(import.language);
  return place(context, import,
               {{"object_type", "NOTEBOOK"},
                {"language", language == nullptr ? "PYTHON" : language->name},
                {"$format", "DBC"}});
}

std::string without_extension(const std::string& path) { return path.substr(0, path.rfind('.')); }

Result<std::string> as_source(const Row& node, const std::string& bytes, const Language& language) {
  const std::string kept = text_at(node.document, "$format", "SOURCE");
  if (kept == "JUPYTER") {
    LS_ASSIGN(const Json notebook, parse_json(bytes, "notebook"));
    return header_of(language) + "\n" + source_from_jupyter(notebook, language);
  }
  if (kept == "DBC")
    return invalid("the twin keeps DBC archives as they came; export " +
                   text_at(node.document, "path") + " as DBC");
  return header_of(language) + "\n" + bytes;
}

Result<Export> export_notebook(const Row& node, const std::string& bytes,
                               const std::string& format) {
  const Language* language = find_language(text_at(node.document, "language"));
  if (language == nullptr) return invalid("the notebook has no language");
  const std::string kept = text_at(node.document, "$format", "SOURCE");
  if (format == "DBC") {
    if (kept == "DBC") return Export{bytes, "dbc"};
    return invalid("the twin does not make DBC archives; export as SOURCE or JUPYTER");
  }
  if (format == "JUPYTER") {
    if (kept == "JUPYTER") return Export{bytes, "ipynb"};
    if (kept == "DBC") return invalid("the twin keeps DBC archives as they came; export as DBC");
    return Export{
        dump_json(jupyter_from_source(bytes, *language, base_name(text_at(node.document, "path")))),
        "ipynb"};
  }
  LS_ASSIGN(std::string source, as_source(node, bytes, *language));
  if (format == "HTML")
    return Export{"<!doctype html><html><body><pre>" + source + "</pre></body></html>", "html"};
  if (format == "R_MARKDOWN" && language->name != "R")
    return invalid("only R notebooks export as R_MARKDOWN");
  return Export{std::move(source), std::string(language->extension.substr(1))};
}

}  // namespace

const Language* find_language(std::string_view name) {
  for (const Language& language : kLanguages) {
    if (language.name == name) return &language;
  }
  return nullptr;
}

const Language* language_of_extension(std::string_view path) {
  const std::string lower = to_lower(path);
  for (const Language& language : kLanguages) {
    if (lower.ends_with(language.extension)) return &language;
  }
  return nullptr;
}

bool has_notebook_header(std::string_view content, const Language& language) {
  return trim(content.substr(0, content.find('\n'))) == header_of(language);
}

std::string source_from_jupyter(const Json& notebook, const Language& language) {
  std::string source;
  const Json& cells = member(notebook, "cells");
  for (std::size_t i = 0; cells.is_array() && i < cells.size(); ++i) {
    if (i > 0) source += separator_of(language);
    const std::string text = cell_text(cells[i]);
    const bool is_magic = text.starts_with('%');
    if (text_at(cells[i], "cell_type") == "code" && !is_magic) {
      source += text;
      continue;
    }
    const std::string mark = std::string(language.comment) + " MAGIC ";
    const std::string body = is_magic ? text : "%md\n" + text;
    source += mark + replace_all(body, "\n", "\n" + mark);
  }
  return source + "\n";
}

Json jupyter_from_source(std::string_view source, const Language& language, std::string_view name) {
  Json cells = Json::array();
  const std::string separator = separator_of(language);
  const std::string mark = std::string(language.comment) + " MAGIC ";
  std::string rest(source);
  while (true) {
    const std::size_t at = rest.find(separator);
    std::string text = rest.substr(0, at);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    const bool is_markdown = text.starts_with(mark + "%md");
    if (text.starts_with(mark)) text = replace_all("\n" + text, "\n" + mark, "\n").substr(1);
    if (is_markdown) text = std::string(trim(text.substr(3)));
    Json cell = {{"cell_type", is_markdown ? "markdown" : "code"},
                 {"metadata", Json::object()},
                 {"source", text}};
    if (!is_markdown) cell.update({{"execution_count", nullptr}, {"outputs", Json::array()}});
    cells.push_back(std::move(cell));
    if (at == std::string::npos) break;
    rest = rest.substr(at + separator.size());
  }
  const std::string lower = to_lower(language.name);
  return {
      {"cells", std::move(cells)},
      {"metadata",
       {{"language_info", {{"name", lower}}},
        {"application/vnd.databricks.v1+notebook", {{"language", lower}, {"notebookName", name}}}}},
      {"nbformat", 4},
      {"nbformat_minor", 0}};
}

Status import_node(Context& context, Import import) {
  LS_ASSIGN(import.path, clean_path(import.path));
  if (import.path == "/") return invalid("Path (/) is the root");
  if (import.format == "SOURCE") return import_source(context, std::move(import));
  if (import.format == "JUPYTER") return import_jupyter(context, import);
  if (import.format == "DBC") return import_archive(context, import);
  if (import.format == "HTML" || import.format == "R_MARKDOWN") {
    LS_TRY(check_size(context, import, true));
    const std::string_view language = import.format == "HTML" ? "PYTHON" : "R";
    return place(context, import,
                 {{"object_type", "NOTEBOOK"}, {"language", language}, {"$format", "SOURCE"}});
  }
  if (import.format == "RAW") return place(context, import, {{"object_type", "FILE"}});
  // AUTO: a notebook when extension and header say so; its name then loses the extension.
  if (const Language* language = language_of_extension(import.path);
      language != nullptr && has_notebook_header(import.bytes, *language)) {
    import.path = without_extension(import.path);
    import.language = std::string(language->name);
    return import_source(context, std::move(import));
  }
  if (to_lower(import.path).ends_with(".ipynb")) {
    import.path = without_extension(import.path);
    return import_jupyter(context, import);
  }
  LS_TRY(check_size(context, import, false));
  return place(context, import, {{"object_type", "FILE"}});
}

Status import_auto(Context& context, const std::string& path, std::string bytes) {
  return import_node(
      context, {.path = path, .format = "AUTO", .overwrite = true, .bytes = std::move(bytes)});
}

Result<Export> export_node(const Context& context, const Row& node, const std::string& format) {
  const std::string type = text_at(node.document, "object_type");
  const std::string* bytes = context.store.content(node.id);
  static const std::string kNothing;
  if (bytes == nullptr) bytes = &kNothing;
  if (type == "NOTEBOOK")
    return export_notebook(node, *bytes, format == "AUTO" ? "SOURCE" : format);
  if (type == "FILE") {
    if (format != "AUTO" && format != "RAW" && format != "SOURCE")
      return invalid("Format " + format + " is not supported for files; use AUTO or RAW");
    const std::string name = base_name(text_at(node.document, "path"));
    const std::size_t dot = name.rfind('.');
    return Export{*bytes, dot == std::string::npos ? "" : name.substr(dot + 1)};
  }
  if (type == "DASHBOARD") return Export{*bytes, "lvdash.json"};
  return invalid("Export of a " + type + " is not played by the twin; export what is in it");
}

}  // namespace lakeshift::twin
