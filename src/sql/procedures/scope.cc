#include "sql/procedures/scope.h"

namespace lakeshift::sql {

Frame& Scopes::enter(FrameKind kind, std::string_view name, std::string_view wanted) {
  auto frame = std::make_unique<Frame>();
  frame->kind = kind;
  frame->name = lower_case(name);
  bool free = !name.empty() && quote_name(frame->name) == frame->name &&
              !labels_around_.contains(frame->name);
  for (const Frame* around = inner_; around; around = around->outer)
    free = free && around->label != frame->name;
  if (free)
    frame->label = frame->name;
  else
    frame->label = kind == FrameKind::loop
                       ? unused(std::string(wanted) + "_" + std::to_string(++loops_))
                       : unused(name.empty() ? wanted : name);
  frame->outer = inner_;
  inner_ = frame.get();
  all_.push_back(std::move(frame));
  return *inner_;
}

void Scopes::inherit(const Scopes& other) {
  taken_.insert(other.taken_.begin(), other.taken_.end());
  labels_around_.insert(other.labels_around_.begin(), other.labels_around_.end());
  for (const Frame* frame = other.inner_; frame; frame = frame->outer)
    labels_around_.insert(frame->label);
}

void Scopes::leave() { inner_ = inner_->outer; }

Located Scopes::find(std::string_view name) const {
  for (Frame* frame = inner_; frame; frame = frame->outer) {
    if (frame->kind == FrameKind::row) continue;
    for (const auto& one : frame->variables)
      if (one->name == name) return {one.get(), frame};
  }
  return {};
}

Located Scopes::find(std::string_view label, std::string_view name) const {
  for (Frame* frame = inner_; frame; frame = frame->outer) {
    if (frame->name != label || frame->name.empty()) continue;
    for (const auto& one : frame->variables)
      if (one->name == name) return {one.get(), frame};
    if (frame->kind == FrameKind::row) return {nullptr, frame};
  }
  return {};
}

Frame* Scopes::target(std::string_view name, bool only_loops) const {
  for (Frame* frame = inner_; frame; frame = frame->outer) {
    if (frame->kind == FrameKind::row) continue;
    if (only_loops && frame->kind != FrameKind::loop) continue;
    if (name.empty() ? frame->kind == FrameKind::loop : frame->name == name) return frame;
  }
  return nullptr;
}

bool Scopes::shadowed(const Located& found) const {
  for (const Frame* frame = inner_; frame && frame != found.frame; frame = frame->outer) {
    if (frame->open) return true;
    for (const auto& one : frame->variables)
      if (same_word(one->spelled, found.variable->spelled)) return true;
  }
  return false;
}

std::string Scopes::unused(std::string_view wanted) {
  std::string plain;
  for (const char c : lower_case(wanted)) {
    const bool simple = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    plain += simple ? c : '_';
  }
  if (plain.empty() || (plain.front() >= '0' && plain.front() <= '9')) plain.insert(0, "_");
  std::string name = plain;
  for (int n = 2; taken_.contains(name) || quote_name(name) != name; ++n)
    name = plain + "_" + std::to_string(n);
  taken_.insert(name);
  return name;
}

}  // namespace lakeshift::sql
