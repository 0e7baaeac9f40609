// Proves one statement on rows that are made for it, and measures the rows by mutants of its
// translation.
#pragma once

#include <vector>

#include "stages/prove.h"
#include "stages/prove_probe.h"

namespace lakeshift::stages {

// Fills in the verdict and what it rests on. `mutants`: at most so many; what the first rows do not
// tell apart is looked for with more rows, within a bound. Errors are those of an engine that is
// gone.
Status prove_one(world::Run& run, engines::Session& source, engines::Session& target,
                 const SourceForm& form, std::vector<ProveTable> tables, std::size_t mutants,
                 Proof& proof);

}  // namespace lakeshift::stages
