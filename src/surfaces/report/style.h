// How text is dressed for a terminal: colours, and symbols of verbs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/model/plan.h"
#include "core/model/verdict.h"

namespace lakeshift::report {

struct Style {
  bool color = false;
  std::size_t columns = 80;  // the terminal's width; 0 = never cut
};

enum class Tone { plain, good, change, bad, warn, dim, strong, accent };

// `text` between ANSI codes when the style has colour, else unchanged.
std::string paint(const Style& style, Tone tone, std::string_view text);

// Terminal columns of a painted text.
std::size_t painted_width(std::string_view text);

// "+ ~ = ! -" as in the plan: create, update, adopt, everything a person must look at, excluded; "
// " for unchanged.
char symbol_of(model::Verb verb);
Tone tone_of(model::Verb verb);
Tone tone_of(model::Verdict verdict);

// "12,345".
std::string grouped(long long number);

}  // namespace lakeshift::report
