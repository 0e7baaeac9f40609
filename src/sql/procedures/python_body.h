// The body of a function in Redshift's Python, which is 2.7, as one of Python 3 in Unity Catalog.
//
// Only what is known to do the same in both is taken over; what is not is refused with its place.
// Facts: "What's New In Python 3.0", "Changed in version" notes of the library's reference, and
// "Python UDF data types" of the Redshift developer guide.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types/type.h"

namespace lakeshift::sql {

struct PythonArgument {
  std::string name;  // in lower case, as the body has it
  Type type;
};

struct PythonRefusal {
  std::uint32_t line = 0;  // of the body, from 1; 0: the whole function
  std::string reason, remedy;
};

struct PythonBody {
  std::string text;  // lines, each with its end; when nothing is refused
  std::vector<PythonRefusal> refusals;
  std::vector<std::string> assumptions;  // sentences
};

// `body`: what is between the quotes.
PythonBody python3_body(std::string_view body, std::span<const PythonArgument> arguments,
                        const Type& returns);

}  // namespace lakeshift::sql
