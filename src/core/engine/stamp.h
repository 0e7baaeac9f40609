// The stamp that objects made by lakeshift carry in their tags: which object of the source they
// are. Tags take it as it is (kStampKey: "lakeshift:source" = "old/job/7") or, where a platform's
// tags are labels of lower case letters, digits, '_' and '-', spelled as a label:
// "lakeshift-source" = "old_2fjob_2f7".
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::engine {

inline constexpr std::string_view kLabelStampKey = "lakeshift-source";

bool is_stamp_key(std::string_view key);
// The key under which this spelling of a stamp is kept.
std::string_view key_of_stamp(std::string_view stamp);

// As a label: every other character is _ and two hexadecimal digits. What would be longer than the
// 63 characters of a label is cut, and ends with "__" and a digest of the whole. Idempotent.
std::string label_of_stamp(std::string_view stamp);
// The stamp that a label spells; a cut one as it is.
std::string stamp_of_label(std::string_view label);
// `stamp` in the spelling of `like`.
std::string spelled_like(std::string_view like, const std::string& stamp);
// Whether `found`, read from tags, is the stamp `wanted`, however either is spelled.
bool is_same_stamp(std::string_view found, std::string_view wanted);

}  // namespace lakeshift::engine
