// Takes rows away from a counterexample for as long as it still is one.
#pragma once

#include "stages/prove.h"
#include "stages/prove_probe.h"

namespace lakeshift::stages {

// `rows` are known to differ.
Result<Counterexample> shrink(Probe& probe, TableRows rows, const std::string& target);

}  // namespace lakeshift::stages
