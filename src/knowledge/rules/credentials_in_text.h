// Credentials written in clear inside texts: where they are, and texts without them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::rules {

struct Credential {
  std::size_t offset, length;  // of the value itself
  std::string_view what;       // "AWS access key id"
};

// By shape (access key ids, personal access tokens, storage account keys, signatures in URLs,
// private keys) and by assignment (password = "…"). References to secrets ({{secrets/…}},
// dbutils.secrets.get) are none. In order, disjoint.
std::vector<Credential> find_credentials(std::string_view text);

// The text with every credential replaced by "(redacted)".
std::string without_credentials(std::string_view text);

}  // namespace lakeshift::rules
