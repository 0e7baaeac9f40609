// pg_dump, which knows how every version writes its definitions: found, chosen, run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/databases/postgres_statements.h"

namespace lakeshift::databases {

struct DumpProgram {
  std::string path;
  int version = 0;  // 170010
};

// All that are installed (PATH and Debian's folders, then `extra` folders), newest first.
std::vector<DumpProgram> find_dump_programs(world::World& world,
                                            const std::vector<std::string>& extra = {});
// One that reads a server of `source` and writes what one of `target` understands: the oldest that
// is not older than either; else the newest, when it is not older than the source.
std::optional<DumpProgram> choose_dump_program(const std::vector<DumpProgram>& programs, int source,
                                               int target);

enum class DumpSection { before_data, after_data };

// The definitions of a section as of the exported snapshot (empty: now), as statements. What is in
// schema `without` is left out. The password reaches the program through a file in memory. Errors:
// "dump-failed" with what the program said; those of run_process().
Result<std::vector<DumpStatement>> dump_section(const DumpProgram& program,
                                                const PostgresAddress& address,
                                                const std::string& snapshot, DumpSection section,
                                                const std::string& without);

}  // namespace lakeshift::databases
