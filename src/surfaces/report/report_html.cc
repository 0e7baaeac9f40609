#include "surfaces/report/report_html.h"

#include "core/base/embedded.h"
#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string title_of(const Json& data) {
  return text_at(member(data, "source"), "name") + " → " + text_at(member(data, "target"), "name");
}

// Each {{name}} of the template is replaced once, in one pass: a value that holds "{{…}}" is not
// looked at again.
std::string fill_template(std::string_view page,
                          const std::vector<std::pair<std::string, std::string>>& values) {
  std::string text;
  while (!page.empty()) {
    const std::size_t open = page.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
    text += page.substr(0, close == std::string_view::npos ? page.size() : open);
    if (close == std::string_view::npos) break;
    const std::string_view name = page.substr(open + 2, close - open - 2);
    for (const auto& [key, value] : values)
      if (key == name) text += value;
    page.remove_prefix(close + 2);
  }
  return text;
}

// In one pass: '<', '>', '&' and the line separators that JavaScript once took for line ends.
std::string escape_for_script(std::string_view json) {
  std::string text;
  text.reserve(json.size() + json.size() / 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<')
      text += "\\u003c";
    else if (c == '>')
      text += "\\u003e";
    else if (c == '&')
      text += "\\u0026";
    else if (c == '\xe2' && json.substr(i, 3) == "\xe2\x80\xa8")
      text += "\\u2028", i += 2;
    else if (c == '\xe2' && json.substr(i, 3) == "\xe2\x80\xa9")
      text += "\\u2029", i += 2;
    else
      text += c;
  }
  return text;
}

std::string script_of(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text += embedded_file("src/surfaces/report/" + std::string(name));
  return text;
}

}  // namespace

std::string json_for_script(const Json& data) { return escape_for_script(dump_json(data)); }

std::string report_html(const Json& data) {
  return fill_template(embedded_file("src/surfaces/report/report.html"),
                       {{"title", escape_html(title_of(data))},
                        {"workloads", escape_html(text_at(data, "workloads"))},
                        {"style", std::string(embedded_file("src/surfaces/report/report.css"))},
                        {"json", "lakeshift report --json"},
                        {"script", script_of({"report_page.js", "report_lists.js", "report.js"})},
                        {"data", json_for_script(data)}});
}

std::string sql_report_html(const std::string& document, const std::string& title) {
  return fill_template(embedded_file("src/surfaces/report/report.html"),
                       {{"title", escape_html(title)},
                        {"workloads", "SQL translation"},
                        {"style", std::string(embedded_file("src/surfaces/report/report.css"))},
                        {"json", "translation.json"},
                        {"script", script_of({"report_page.js", "sql_report.js"})},
                        {"data", escape_for_script(document)}});
}

std::string move_report_html(const Json& record) {
  return fill_template(
      embedded_file("src/surfaces/report/report.html"),
      {{"title", escape_html("move " + text_at(record, "move"))},
       {"workloads", escape_html(text_at(record, "kind"))},
       {"style", std::string(embedded_file("src/surfaces/report/report.css"))},
       {"json", escape_html("lakeshift move report " + text_at(record, "move") + " --json")},
       {"script", script_of({"report_page.js", "move_report.js"})},
       {"data", json_for_script(record)}});
}

}  // namespace lakeshift::report
