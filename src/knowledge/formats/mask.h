// Masks: what a value of production becomes in a staging copy. Typed and format preserving, so
// that checks, lengths and code that parses it go on working; keyed, so that the same value of a
// domain becomes the same in every table, copy and change stream, and nobody without the key can
// go back; one to one, so that what was unique stays unique.
//
// Not one to one: `hash` (256 bits unless the column is shorter) and `null`. A value of more than
// 512 letters, digits or bytes is moved by a key stream seeded with all of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/formats/mask_permutation.h"

namespace lakeshift::formats {

enum class MaskKind {
  keep,    // as it is
  null,    // no value
  hash,    // hexadecimal digits of an HMAC
  email,   // letters and digits of local part and domain, and ".test" behind it
  name,    // vowels for vowels, consonants for consonants, capitals kept
  phone,   // the country's prefix and all punctuation kept
  card,    // valid by its check digit, in ranges that no card scheme issues
  text,    // every letter and digit; length, case, punctuation kept
  number,  // as many digits; or within blocks of `within`
  date,    // dates and times, within blocks of `within` days; and times of day
  uuid,    // version and variant kept
  ip,      // addresses of either family, with their prefix length; hardware addresses
  bytes,   // bytea in hexadecimal
  json     // every text and number in it, by `paths` or as text and number; names stay
};
std::string_view to_text(MaskKind kind);
std::optional<MaskKind> mask_kind(std::string_view text);
const std::vector<std::string>& mask_kind_names();
bool keeps_apart(MaskKind kind);  // one to one

struct MaskRule {
  MaskKind kind = MaskKind::text;
  std::string domain;            // "": the kind's name
  std::int64_t within = 0;       // 0: number: as many digits; date: 30 days
  std::string suffix = ".test";  // of email
  // Of json: "a.b" names what is under b under a, in every element of arrays on the way.
  std::map<std::string, MaskRule> paths = {};
};

// How the column's type writes its values.
struct MaskShape {
  enum class Form { plain, floating, array, composite };
  Form form = Form::plain;
  std::int64_t limit = 0;  // characters of varchar(n), or the largest whole number; 0: none
  bool padded = false;     // char(n)
  std::vector<MaskShape> parts = {};  // of an array its element's, of a composite its fields'
  std::vector<MaskRule> rules = {};   // of a composite, one for each field
};

// A column's mask, ready to work: text as PostgreSQL writes it in, text as it reads it out. Thread
// safe.
class Mask {
 public:
  Mask(const MaskKey& key, MaskRule rule, MaskShape shape = {});
  // None: NULL. Never fails: what is not of the mask's form is masked as text.
  std::optional<std::string> apply(std::string_view value) const;
  const MaskRule& rule() const { return rule_; }
  bool floating() const { return shape_.form == MaskShape::Form::floating; }

 private:
  std::string plain(std::string_view value) const;
  std::string array(std::string_view value) const;
  std::string composite(std::string_view value) const;
  std::string json(std::string_view value) const;

  MaskRule rule_;
  MaskShape shape_;
  MaskPermutation permutation_;
  std::string hash_key_;
  std::vector<Mask> parts_;                    // of arrays and composites
  std::map<std::string, Mask> paths_;          // of json
  std::shared_ptr<const Mask> text_, number_;  // of json, for what no path names
};

// The forms, for mask.cc. Each keeps what it does not replace.
namespace masking {
std::string text(const MaskPermutation& by, std::string_view value, std::string_view tweak);
std::string name(const MaskPermutation& by, std::string_view value);
std::string email(const MaskPermutation& by, std::string_view value, const std::string& suffix,
                  std::int64_t limit);
std::string phone(const MaskPermutation& by, std::string_view value);
std::string card(const MaskPermutation& by, std::string_view value);
std::string uuid(const MaskPermutation& by, std::string_view value);
std::string ip(const MaskPermutation& by, std::string_view value);
std::string bytes(const MaskPermutation& by, std::string_view value);
std::string number(const MaskPermutation& by, std::string_view value, std::int64_t within,
                   std::int64_t most, bool floating);
std::string date(const MaskPermutation& by, std::string_view value, std::int64_t within);
std::size_t characters(std::string_view utf8);
void permute(const MaskPermutation& by, std::vector<MaskDigit>& digits, std::string_view tweak);
}  // namespace masking

}  // namespace lakeshift::formats
