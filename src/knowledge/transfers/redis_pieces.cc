// Strings and collections, piece by piece.
#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_carry.h"

namespace lakeshift::transfers {

using databases::RedisReply;
using databases::RedisWords;

namespace {

constexpr std::int64_t kTextPiece = 8 << 20;
constexpr int kItems = 2000;

Status carry_text(const RedisPieces& at) {
  LS_ASSIGN(const RedisReply size, at.from.call(at.database, {"STRLEN", at.key}));
  LS_TRY(at.to.call(at.database, {"SET", at.key, ""}));
  for (std::int64_t begin = 0; begin < size.number(); begin += kTextPiece) {
    LS_ASSIGN(RedisReply piece,
              at.from.call(at.database, {"GETRANGE", at.key, std::to_string(begin),
                                         std::to_string(begin + kTextPiece - 1)}));
    LS_TRY(at.to.call(at.database, {"APPEND", at.key, std::move(piece.text)}));
  }
  return {};
}

Status carry_list(const RedisPieces& at) {
  for (std::int64_t begin = 0;; begin += kItems) {
    LS_ASSIGN(RedisReply part, at.from.call(at.database, {"LRANGE", at.key, std::to_string(begin),
                                                          std::to_string(begin + kItems - 1)}));
    if (part.items.empty()) return {};
    RedisWords words = {"RPUSH", at.key};
    for (RedisReply& item : part.items) words.push_back(std::move(item.text));
    LS_TRY(at.to.call(at.database, std::move(words)));
  }
}

// What a scan gives twice is written twice, which changes nothing.
Status carry_scanned(const RedisPieces& at, const char* scan, const char* write, bool scores) {
  std::string cursor = "0";
  do {
    LS_ASSIGN(RedisReply part,
              at.from.call(at.database, {scan, at.key, cursor, "COUNT", std::to_string(kItems)}));
    if (part.items.size() != 2)
      return fail("bad-reply", std::string(scan) + " gave no page", at.key);
    cursor = part.items[0].text;
    std::vector<RedisReply>& items = part.items[1].items;
    if (items.empty()) continue;
    RedisWords words = {write, at.key};
    for (std::size_t i = 0; i < items.size(); ++i)
      // ZADD wants the score before the member.
      words.push_back(std::move(items[scores ? i ^ 1U : i].text));
    LS_TRY(at.to.call(at.database, std::move(words)));
  } while (cursor != "0");
  return {};
}

}  // namespace

Status carry_pieces(const RedisPieces& pieces, const std::string& type) {
  if (type == "string") return carry_text(pieces);
  if (type == "list") return carry_list(pieces);
  if (type == "hash") return carry_scanned(pieces, "HSCAN", "HSET", false);
  if (type == "set") return carry_scanned(pieces, "SSCAN", "SADD", false);
  if (type == "zset") return carry_scanned(pieces, "ZSCAN", "ZADD", true);
  if (type == "stream") return carry_stream(pieces);
  return fail("redis-type-unknown", "its type '" + printable(type) + "' is a module's",
              "key '" + printable(pieces.key) + "'",
              "load the module in the target, in the same version; or name the key under "
              "leave_out");
}

}  // namespace lakeshift::transfers
