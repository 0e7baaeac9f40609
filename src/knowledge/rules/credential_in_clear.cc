#include "knowledge/rules/credentials_in_text.h"
#include "knowledge/rules/rule.h"

namespace lakeshift::rules::credential_in_clear {
namespace {

void check(const Text& text, const Move&, std::vector<Hit>& hits) {
  for (const Credential& credential : find_credentials(text.body))
    hits.push_back(
        {credential.offset, credential.length, std::string(credential.what) + " (redacted)"});
}

}  // namespace

extern const Rule kDefinition;
constexpr Rule kDefinition = {
    .code = "credential-in-clear",
    .severity = model::Severity::warning,
    .cause = "a credential is written in clear",
    .remedy =
        "put it into a secret scope, read it with dbutils.secrets.get, and renew it: whoever could "
        "read the text knows it",
    .check = check,
};

}  // namespace lakeshift::rules::credential_in_clear
