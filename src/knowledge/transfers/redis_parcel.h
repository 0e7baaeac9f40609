// Keys of one database of a Redis in one piece of memory, on their way from whoever finds them to
// whoever carries them: by name only, or with their value as the server's own payload (of DUMP).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::transfers {

constexpr std::int64_t kRedisNoExpiry = -1;

class RedisParcel {
 public:
  struct Item {
    std::string_view key, payload;         // no payload: it is read when its turn comes
    std::int64_t expiry = kRedisNoExpiry;  // ms since 1970, of a payload
  };
  RedisParcel() = default;
  explicit RedisParcel(int database, bool told = false) : database_(database), told_(told) {}

  void add(std::string_view key, std::string_view payload = {},
           std::int64_t expiry = kRedisNoExpiry) {
    places_.push_back({bytes_.size(), key.size(), payload.size(), expiry});
    bytes_.append(key).append(payload);
    has_payloads_ = has_payloads_ || !payload.empty();
  }
  int database() const { return database_; }
  bool told() const { return told_; }  // changes, not what a scan or a snapshot found
  bool has_payloads() const { return has_payloads_; }
  bool empty() const { return places_.empty(); }
  std::size_t size() const { return places_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  // Good until the next add().
  Item operator[](std::size_t index) const {
    const Place& place = places_[index];
    const std::string_view all = bytes_;
    return {all.substr(place.at, place.key), all.substr(place.at + place.key, place.payload),
            place.expiry};
  }

 private:
  struct Place {
    std::size_t at = 0, key = 0, payload = 0;
    std::int64_t expiry = kRedisNoExpiry;
  };
  int database_ = 0;
  bool told_ = false, has_payloads_ = false;
  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace lakeshift::transfers
