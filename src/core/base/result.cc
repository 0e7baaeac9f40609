#include "core/base/result.h"

namespace lakeshift {

std::string Error::to_text() const {
  std::string text;
  if (!about.empty()) text += about + ": ";
  text += message + " (" + code + ")";
  if (!remedy.empty()) text += "; " + remedy;
  if (cause) text += " because " + cause->to_text();
  return text;
}

tl::unexpected<Error> fail_because(Error inner, std::string about, std::string message) {
  Error outer;
  outer.code = inner.code;
  outer.message = std::move(message);
  outer.about = std::move(about);
  outer.remedy = inner.remedy;
  outer.retry = inner.retry;
  outer.http_status = inner.http_status;
  inner.remedy.clear();
  outer.cause = std::make_shared<const Error>(std::move(inner));
  return tl::unexpected<Error>(std::move(outer));
}

}  // namespace lakeshift
