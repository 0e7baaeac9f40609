// What several kinds of one discovery read together (a tree, the list of parents): made once, by
// whoever asks first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace lakeshift::engine {

// Thread safe. One per discovery; what it holds lives as long as it does.
class SharedReads {
 public:
  // The thing of that name; `make` runs for the first caller only and must not call remote sides
  // (the thing itself may, later). Every caller of one name must use the same T.
  template <typename T>
  std::shared_ptr<T> get(const std::string& name, const std::function<std::shared_ptr<T>()>& make) {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<void>& held = held_[name];
    if (held == nullptr) held = make();
    return std::static_pointer_cast<T>(held);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<void>> held_;
};

}  // namespace lakeshift::engine
