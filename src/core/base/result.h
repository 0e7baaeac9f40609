// Result<T>: a value or an Error; the only way failures travel inside lakeshift.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace lakeshift {

// What a caller may do about an error. It never depends on the message's text.
enum class Retry {
  never,        // the same call will fail again
  later,        // a passing fault (connection reset, 5xx): the same call may succeed
  throttled,    // the other side asked for fewer calls
  after_login,  // the credential was refused: renew it, then repeat
};

// A failure. `code` is stable, lower-case and hyphenated ("not-found", "already-exists"); people
// search for it. `message` is lower case, names both values when two disagree. `about` names the
// thing ("job 'nightly'"). `remedy` says what to do. No field ever holds a secret value.
struct Error {
  std::string code{};
  std::string message{};
  std::string about{};
  std::string remedy{};
  Retry retry = Retry::never;
  int http_status = 0;  // 0 when the error did not come from a remote answer
  std::shared_ptr<const Error> cause{};

  // One line: "about: message (code); remedy". The cause chain follows after "because".
  std::string to_text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(std::string code, std::string message, std::string about = {},
                                  std::string remedy = {}) {
  return tl::unexpected<Error>(
      Error{std::move(code), std::move(message), std::move(about), std::move(remedy)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// Wraps `inner` as the cause of a new error of the same code and retry class, about a larger thing.
tl::unexpected<Error> fail_because(Error inner, std::string about, std::string message);

}  // namespace lakeshift

// Evaluates a Result expression; returns its error from the enclosing function or goes on.
#define LS_TRY(expression)                                                        \
  do {                                                                            \
    if (auto ls_status_ = (expression); !ls_status_)                              \
      return ::tl::unexpected<::lakeshift::Error>(std::move(ls_status_).error()); \
  } while (false)

// LS_ASSIGN(auto x, f()); declares x from the value of f(), or returns f()'s error.
#define LS_JOIN_INNER(a, b) a##b
#define LS_JOIN(a, b) LS_JOIN_INNER(a, b)
#define LS_ASSIGN(declaration, expression) \
  LS_ASSIGN_IMPL(LS_JOIN(ls_result_, __LINE__), declaration, expression)
#define LS_ASSIGN_IMPL(name, declaration, expression)                              \
  auto name = (expression);                                                        \
  if (!name) return ::tl::unexpected<::lakeshift::Error>(std::move(name).error()); \
  declaration = std::move(*name)
