// The terminal at the standard output, besides what Environment tells of it.
#pragma once

namespace lakeshift::world {

int terminal_rows();  // at present; 24 when unknown

}  // namespace lakeshift::world
