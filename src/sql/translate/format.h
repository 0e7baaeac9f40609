// Format models of TO_CHAR, TO_DATE and TO_TIMESTAMP.
// docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html, r_Numeric_formating.html (2026-11).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::sql {

// TO_CHAR of a moment: expressions of Databricks SQL over $1, to be joined by concat. Nothing, with
// the reason in `fault`, for what has no equivalent.
std::optional<std::vector<std::string>> moment_format(std::string_view format, std::string& fault);

// TO_DATE, TO_TIMESTAMP: the pattern of Spark's to_date.
std::optional<std::string> parse_format(std::string_view format, std::string& fault);

// TO_CHAR of a number: an expression over $1.
std::optional<std::string> number_format(std::string_view format, std::string& fault);

}  // namespace lakeshift::sql
