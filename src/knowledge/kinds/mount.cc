// Mount points, as folders below /mnt: what they lead to is known on a cluster only.
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::mount {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "mount",
    .title = "mount",
    .plural = "mounts",
    .wave = 4,
    .moves = false,
    .family = "dbfs",
    .id_field = "path",
    .key_field = "path",
    .list = {.path = "/api/2.0/dbfs/list", .items = "files", .query = "path=/mnt"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::mount
