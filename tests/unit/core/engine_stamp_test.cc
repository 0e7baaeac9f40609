// Stamps in tags, and in tags that are labels.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/engine/generic.h"
#include "core/engine/stamp.h"

namespace lakeshift::engine {
namespace {

constexpr Kind kThing = {.name = "thing", .stamp_field = "tags"};

bool is_a_label(const std::string& text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

TEST(StampLabels, spell_any_stamp_and_are_read_back) {
  for (const std::string stamp : {"old/job/7", "old/instance_pool/0101-000001-pool1-full",
                                  "OLD/user/a.b@c.example", "a/_/_f", "a/b/\xc3\xa9"}) {
    const std::string label = label_of_stamp(stamp);
    EXPECT_TRUE(is_a_label(label)) << label;
    EXPECT_EQ(stamp_of_label(label), stamp);
    EXPECT_EQ(label_of_stamp(label), label);
    EXPECT_TRUE(is_same_stamp(label, stamp));
  }
  EXPECT_EQ(label_of_stamp("old/job/7"), "old_2fjob_2f7");
}

TEST(StampLabels, of_long_stamps_are_cut_and_stay_apart) {
  const std::string begin = "a_side_with_a_long_name/instance_pool/0101-000001-a-very-long-pool-";
  std::set<std::string> labels;
  for (int i = 0; i < 100; ++i) {
    const std::string stamp = begin + std::to_string(i), label = label_of_stamp(stamp);
    EXPECT_TRUE(is_a_label(label)) << label;
    EXPECT_TRUE(is_same_stamp(stamp_of_label(label), stamp));
    labels.insert(label);
  }
  EXPECT_EQ(labels.size(), 100U);
  EXPECT_FALSE(is_same_stamp(label_of_stamp(begin + "1"), begin + "2"));
  EXPECT_FALSE(is_same_stamp("", begin));
}

TEST(StampLabels, replace_the_other_spelling_and_are_no_difference) {
  Json document = {{"tags", {{"lakeshift:source", "other/job/1"}, {"team", "a"}}}};
  add_stamp(kThing, label_of_stamp("old/job/7"), document);
  EXPECT_EQ(document["tags"], Json({{"lakeshift-source", "old_2fjob_2f7"}, {"team", "a"}}));
  EXPECT_EQ(stamp_of(kThing, document), "old/job/7");
  EXPECT_EQ(spelled_like("old_2fjob_2f7", "old/job/8"), "old_2fjob_2f8");
  EXPECT_EQ(spelled_like("old/job/7", "old/job/8"), "old/job/8");
  static constexpr model::Field kTag[] = {{.name = "*"}};
  static constexpr model::Field kFields[] = {{.name = "tags", .fields = kTag}};
  EXPECT_TRUE(differences_between(document, {{"tags", {{"team", "a"}}}}, kFields).empty());
}

}  // namespace
}  // namespace lakeshift::engine
