// Content of the workspace tree: reading a notebook's or a file's bytes, and the calls that import
// them.
#pragma once

#include <string>
#include <string_view>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// Greatest export and import (databricks-sdk 0.162, WorkspaceAPI.import_:
// MAX_NOTEBOOK_SIZE_EXCEEDED).
inline constexpr std::size_t kMostContent = 10 * 1024 * 1024;

// Exports a node's bytes into the content store, reads its permissions, and hands it over as found.
// Content above kMostContent is not kept: the document says so ("$too_large": true). `normal` makes
// equal contents equal bytes.
void read_content(const engine::Kind& kind, engine::DiscoverContext& context, Json node,
                  std::string_view format, std::string (*normal)(std::string));

bool is_too_large(const Json& source_document);

// Actions of a node with content: import, look-up of the id it got, permissions. `body` holds
// format and language. A create never overwrites: when it is repeated after a lost answer, "already
// exists" means it was done.
void plan_import(const engine::PlanContext& context, model::Change& change, Json body);

}  // namespace lakeshift::kinds
