// Git credentials of the account that lakeshift uses: those of others are not readable.
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::git_credential {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "git_credential",
    .title = "git credential",
    .plural = "git credentials",
    .wave = 11,
    .moves = false,
    .family = "settings",
    .id_field = "credential_id",
    .key_field = "git_provider",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/git-credentials", .items = "credentials"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::git_credential
