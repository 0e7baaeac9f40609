// Comparing an object with its copy: every byte, and what belongs to it.
// Equal proves: both sides gave the same bytes, content headers, metadata and tags when they were
// asked. It does not prove: access rights, older versions, times of writing.
#pragma once

#include <string>

#include "knowledge/stores/store.h"

namespace lakeshift::checks {

struct ObjectComparison {
  bool equal = false;
  bool moving = false;                   // it was written while it was compared
  std::string difference;                // "byte 17 of 4096 differs", "content-type is 'a' and 'b'"
  std::int64_t bytes = 0;                // of each side
  std::string source_etag, target_etag;  // of what was compared
};

// The first is named 'source' or 'target' as the caller says. Reads in blocks of 8 MiB.
Result<ObjectComparison> compare_object(stores::ObjectStore& source, stores::ObjectStore& target,
                                        const std::string& key, world::Run& run);

// What differs in the fields; empty: nothing. Pure.
std::string fields_difference(const stores::ObjectFields& source,
                              const stores::ObjectFields& target);

}  // namespace lakeshift::checks
