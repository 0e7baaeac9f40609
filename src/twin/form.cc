#include "twin/form.h"

#include "core/base/strings.h"
#include "twin/call.h"

namespace lakeshift::twin {
namespace {

std::string attribute(std::string_view text, std::string_view name) {
  const std::string start = std::string(name) + "=";
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + start.size());
  if (!text.empty() && text.front() == '"') {
    text.remove_prefix(1);
    return std::string(text.substr(0, text.find('"')));
  }
  return std::string(trim(text.substr(0, text.find(';'))));
}

}  // namespace

Result<std::map<std::string, std::string>> read_multipart(std::string_view content_type,
                                                          std::string_view body) {
  const std::string boundary = "--" + attribute(content_type, "boundary");
  std::map<std::string, std::string> parts;
  if (boundary.size() <= 2) return refuse("MALFORMED_REQUEST", "the form has no boundary");
  std::size_t at = body.find(boundary);
  while (at != std::string_view::npos) {
    at += boundary.size();
    if (body.substr(at, 2) == "--") return parts;
    const std::size_t head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos) break;
    const std::size_t end = body.find("\r\n" + boundary, head_end + 2);
    if (end == std::string_view::npos) break;
    std::string_view head = body.substr(at, head_end - at);
    const std::size_t line = to_lower(head).find("content-disposition");
    const std::string name = line == std::string::npos ? "" : attribute(head.substr(line), "name");
    const std::size_t start = head_end + 4;
    parts[name] = end > start ? std::string(body.substr(start, end - start)) : std::string();
    at = end + 2;
  }
  return refuse("MALFORMED_REQUEST", "the form is not closed by its boundary");
}

}  // namespace lakeshift::twin
