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

}  // namespace

std::string json_for_script(const Json& data) {
  std::string text = dump_json(data);
  text = replace_all(std::move(text), "<", "\\u003c");
  text = replace_all(std::move(text), ">", "\\u003e");
  text = replace_all(std::move(text), "&", "\\u0026");
  text = replace_all(std::move(text), "\xe2\x80\xa8", "\\u2028");
  return replace_all(std::move(text), "\xe2\x80\xa9", "\\u2029");
}

std::string report_html(const Json& data) {
  return fill_template(
      embedded_file("src/surfaces/report/report.html"),
      {{"title", escape_html(title_of(data))},
       {"workloads", escape_html(text_at(data, "workloads"))},
       {"style", std::string(embedded_file("src/surfaces/report/report.css"))},
       {"script", std::string(embedded_file("src/surfaces/report/report_lists.js")) +
                      std::string(embedded_file("src/surfaces/report/report.js"))},
       {"data", json_for_script(data)}});
}

}  // namespace lakeshift::report
