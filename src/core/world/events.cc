#include "core/world/events.h"

namespace lakeshift::world {

void CollectEvents::emit(const Event& event) {
  const std::scoped_lock lock(mutex_);
  events_.push_back(event);
}

std::vector<Event> CollectEvents::events() const {
  const std::scoped_lock lock(mutex_);
  return events_;
}

}  // namespace lakeshift::world
