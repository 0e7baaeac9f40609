// Values of columns that tell translations apart: the statement's own constants and what is next to
// them, boundaries of the types, blanks, what a pattern fits.
#pragma once

#include <vector>

#include "stages/prove_source.h"
#include "stages/prove_tables.h"

namespace lakeshift::stages {

enum class Wildness { plain, nulls, edges };

// Literals of the column, without NULL; the constants stand first.
std::vector<Value> values_of(const SourceForm& form, const ProveColumn& column, Wildness wild);
// Values with which a row may pass the conditions that the column stands in, the likely first;
// empty when it stands in none with a constant.
std::vector<Value> wanted_of(const SourceForm& form, const ProveColumn& column);

}  // namespace lakeshift::stages
