// Values of the reference implementation (libxxhash 0.8.1).
#include "core/base/xxh64.h"

#include <gtest/gtest.h>

#include <string>

namespace lakeshift {
namespace {

TEST(Xxh64, equals_the_reference) {
  EXPECT_EQ(xxh64(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(xxh64("abc"), 0x44BC2CF5AD770999U);
  EXPECT_EQ(xxh64(std::string("0")), 0x633457081244AFECU);
  EXPECT_EQ(xxh64(std::string("0123")), 0x4C33072B45647DCBU);
  EXPECT_EQ(xxh64(std::string("0123456")), 0x97EE4FE4A0FF4DFAU);
  EXPECT_EQ(xxh64(std::string("01234567")), 0xE4BA22A49AD89D3FU);
  EXPECT_EQ(xxh64(std::string("0123456789abc")), 0xBA453E84431E55E5U);
  EXPECT_EQ(xxh64(std::string("0123456789abcdefghijklmnopqrstu")), 0x80ADFC1D42020F39U);
  EXPECT_EQ(xxh64(std::string("0123456789abcdefghijklmnopqrstuv")), 0xBF7C9DBE16B5C6E2U);
  EXPECT_EQ(xxh64(std::string("0123456789abcdefghijklmnopqrstuvw")), 0xE97423E605E2F3B4U);
  EXPECT_EQ(xxh64(std::string("0123456789abcdefghijklmnopqrstuvwxyz")), 0x69196C1B3AF0BFF9U);
  EXPECT_EQ(xxh64(std::string(101, '\xC8'), 7), 0xF6A86E73C18FAE0EU);
}

}  // namespace
}  // namespace lakeshift
