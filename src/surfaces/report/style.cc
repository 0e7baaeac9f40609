#include "surfaces/report/style.h"

#include "core/base/strings.h"

namespace lakeshift::report {
namespace {

std::string_view ansi_code(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::change:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::warn:
      return "\x1b[35m";
    case Tone::dim:
      return "\x1b[2m";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::accent:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

std::string paint(const Style& style, Tone tone, std::string_view text) {
  if (!style.color || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(ansi_code(tone)) + std::string(text) + "\x1b[0m";
}

std::size_t painted_width(std::string_view text) {
  std::string bare;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\x1b') {
      bare += text[at];
      continue;
    }
    while (at < text.size() && text[at] != 'm') ++at;
  }
  return display_width(bare);
}

char symbol_of(model::Verb verb) {
  switch (verb) {
    case model::Verb::create:
      return '+';
    case model::Verb::update:
      return '~';
    case model::Verb::adopt:
      return '=';
    case model::Verb::unchanged:
      return ' ';
    case model::Verb::excluded:
      return '-';
    case model::Verb::manual:
    case model::Verb::blocked:
    case model::Verb::failed:
      return '!';
  }
  return '!';
}

Tone tone_of(model::Verb verb) {
  switch (verb) {
    case model::Verb::create:
      return Tone::good;
    case model::Verb::update:
      return Tone::change;
    case model::Verb::adopt:
      return Tone::accent;
    case model::Verb::unchanged:
    case model::Verb::excluded:
      return Tone::dim;
    case model::Verb::manual:
      return Tone::warn;
    case model::Verb::blocked:
    case model::Verb::failed:
      return Tone::bad;
  }
  return Tone::bad;
}

Tone tone_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::equal:
      return Tone::good;
    case model::Verdict::differs:
    case model::Verdict::missing:
      return Tone::bad;
    case model::Verdict::not_provable:
      return Tone::warn;
    case model::Verdict::not_applied:
      return Tone::dim;
  }
  return Tone::bad;
}

std::string grouped(long long number) {
  std::string digits = std::to_string(number);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace lakeshift::report
