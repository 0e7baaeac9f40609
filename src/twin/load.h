// Documents into the twin and out of it: load folders, dumps.
#pragma once

#include <string>

#include "core/world/files.h"
#include "twin/context.h"

namespace lakeshift::twin {

// Files of the folder in the order of the kinds, then workspace/, then permissions.json. Errors
// name file and entry.
Status load_directory(Context& context, world::Files& files, const std::string& directory);
// {"kind": [documents]} as dump_documents writes it.
Status load_documents(Context& context, const Json& documents);
Json dump_documents(const Context& context);

}  // namespace lakeshift::twin
