// One stream of typed events; terminal, --json lines and the report's timeline are sinks of it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lakeshift::world {

struct Event {
  enum class Type {
    stage_started,  // stage; total = expected amount or 0
    progress,       // stage, subject (kind or phase), done, total
    object,   // one object finished: subject = kind, name = natural key, outcome = verb or verdict
    notice,   // something a person should read: text
    warning,  // text
    stage_finished,  // stage, text = summary line
  };
  Type type = Type::notice;
  std::string stage;
  std::string subject;
  std::string name;
  std::string outcome;
  std::string text;
  long long done = 0;
  long long total = 0;
};

// Thread safe; must return quickly.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(const Event& event) = 0;
};

class IgnoreEvents final : public EventSink {
 public:
  void emit(const Event&) override {}
};

class CollectEvents final : public EventSink {
 public:
  void emit(const Event& event) override;
  std::vector<Event> events() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

}  // namespace lakeshift::world
