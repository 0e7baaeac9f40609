#include "core/world/sealed_box.h"

#include <gtest/gtest.h>

namespace lakeshift::world {
namespace {

// That it opens what others seal is shown where a real Python seals (acceptance: secret canaries).
TEST(SealedBox, has_a_key_of_its_own_and_refuses_what_was_not_sealed_for_it) {
  const auto one = SealedBox::make(), other = SealedBox::make();
  ASSERT_TRUE(one && other);
  EXPECT_EQ((*one)->modulus_hex().size(), 3072U / 4);
  EXPECT_NE((*one)->modulus_hex(), (*other)->modulus_hex());
  for (const std::string& blocks : {std::string(), std::string("short"), std::string(384, '\1')})
    EXPECT_EQ((*one)->open(blocks).error().code, "not-sealed");
}

}  // namespace
}  // namespace lakeshift::world
