#include "stages/translate_order.h"

#include <algorithm>
#include <map>

namespace lakeshift::stages {
namespace {

using Makers = std::map<std::string, std::vector<std::size_t>, std::less<>>;

// The name as it is created elsewhere; else what ends with it, or what it ends with.
const std::vector<std::size_t>* makers_of(
    const std::string& name, const Makers& exact,
    const std::map<std::string, std::set<std::string>>& last) {
  if (const auto found = exact.find(name); found != exact.end()) return &found->second;
  const auto alike = last.find(sql::last_part(name));
  if (alike == last.end()) return nullptr;
  const std::vector<std::size_t>* only = nullptr;
  for (const std::string& candidate : alike->second) {
    if (!name.ends_with("." + candidate) && !candidate.ends_with("." + name)) continue;
    if (only) return nullptr;
    only = &exact.find(candidate)->second;
  }
  return only;
}

// Tarjan's strongly connected components, without recursion. Components come out in the order in
// which they can run.
class Components {
 public:
  explicit Components(const std::vector<std::vector<std::size_t>>& needs)
      : needs_(needs), index_(needs.size(), 0), low_(needs.size(), 0), open_(needs.size(), false) {
    for (std::size_t i = 0; i < needs.size(); ++i)
      if (index_[i] == 0) visit(i);
  }
  std::vector<std::vector<std::size_t>> found{};

 private:
  void enter(std::size_t node) {
    index_[node] = low_[node] = ++next_;
    path_.push_back(node);
    open_[node] = true;
    work_.emplace_back(node, 0);
  }

  void visit(std::size_t start) {
    enter(start);
    while (!work_.empty()) {
      auto& [node, at] = work_.back();
      if (at < needs_[node].size()) {
        const std::size_t next = needs_[node][at++];
        if (index_[next] == 0)
          enter(next);
        else if (open_[next])
          low_[node] = std::min(low_[node], index_[next]);
        continue;
      }
      const std::size_t done = node;
      work_.pop_back();
      if (!work_.empty()) low_[work_.back().first] = std::min(low_[work_.back().first], low_[done]);
      if (low_[done] == index_[done]) close(done);
    }
  }

  void close(std::size_t root) {
    std::vector<std::size_t> members;
    while (true) {
      const std::size_t node = path_.back();
      path_.pop_back();
      open_[node] = false;
      members.push_back(node);
      if (node == root) break;
    }
    std::ranges::sort(members);
    found.push_back(std::move(members));
  }

  const std::vector<std::vector<std::size_t>>& needs_;
  std::vector<std::size_t> index_, low_, path_{};
  std::vector<bool> open_;
  std::vector<std::pair<std::size_t, std::size_t>> work_{};
  std::size_t next_ = 0;
};

}  // namespace

SqlOrder order_files(const std::vector<const SqlFacts*>& files) {
  Makers exact;
  std::map<std::string, std::set<std::string>> last;
  for (std::size_t i = 0; i < files.size(); ++i)
    for (const std::string& name : files[i]->names) {
      exact[name].push_back(i);
      last[sql::last_part(name)].insert(name);
    }
  SqlOrder order;
  order.needs.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::set<std::size_t> needs;
    for (const std::string& name : files[i]->uses)
      if (const auto* makers = makers_of(name, exact, last))
        for (const std::size_t maker : *makers)
          if (maker != i) needs.insert(maker);
    order.needs[i].assign(needs.begin(), needs.end());
  }
  std::vector<std::size_t> level(files.size(), 0);
  for (const auto& members : Components(order.needs).found) {
    std::size_t deepest = 0;
    for (const std::size_t one : members)
      for (const std::size_t need : order.needs[one])
        if (!std::ranges::binary_search(members, need))
          deepest = std::max(deepest, level[need] + 1);
    for (const std::size_t one : members) level[one] = deepest;
    if (members.size() > 1) order.cycles.push_back(members);
  }
  std::ranges::sort(order.cycles);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (order.levels.size() <= level[i]) order.levels.resize(level[i] + 1);
    order.levels[level[i]].push_back(i);
  }
  return order;
}

}  // namespace lakeshift::stages
