#include "core/engine/graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/engine/walk.h"

namespace lakeshift::engine {

bool is_carried_out(const model::Change& change) {
  return change.verb == model::Verb::create || change.verb == model::Verb::update;
}

std::optional<std::size_t> binding_action(const model::Change& change) {
  if (!is_carried_out(change)) return std::nullopt;
  for (std::size_t i = 0; i < change.actions.size(); ++i)
    if (!change.actions[i].binds.empty()) return i;
  for (std::size_t i = 0; i < change.actions.size(); ++i)
    if (change.actions[i].effect == model::Effect::create && change.target_id.empty()) return i;
  if (change.verb == model::Verb::create && !change.actions.empty()) return 0;
  return std::nullopt;
}

namespace {

// Removes nodes that wait for nothing until none is left; what is left is on or behind a cycle.
std::vector<std::size_t> nodes_in_cycles(const Graph& graph) {
  std::vector<std::size_t> waits(graph.nodes.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    waits[i] = graph.nodes[i].waits_for;
    if (waits[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const std::size_t node = ready.back();
    ready.pop_back();
    for (const std::size_t next : graph.nodes[node].next)
      if (--waits[next] == 0) ready.push_back(next);
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < waits.size(); ++i)
    if (waits[i] != 0) left.push_back(i);
  return left;
}

// Of nodes that are left over, those on a cycle itself.
std::vector<std::string> changes_of_a_cycle(const model::Plan& plan, const Graph& graph,
                                            const std::vector<std::size_t>& left) {
  std::vector<std::vector<std::size_t>> edges(graph.nodes.size());
  for (const std::size_t node : left) edges[node] = graph.nodes[node].next;
  std::vector<std::string> names;
  for (const auto& component : components(edges)) {
    if (component.size() < 2) continue;
    for (const std::size_t node : component) {
      const std::string& id = plan.changes[graph.nodes[node].change].id;
      if (std::find(names.begin(), names.end(), id) == names.end()) names.push_back(id);
    }
    break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Tarjan {
 public:
  explicit Tarjan(const std::vector<std::vector<std::size_t>>& edges)
      : edges_(edges),
        index_(edges.size(), kNone),
        low_(edges.size(), 0),
        on_stack_(edges.size(), false) {}

  std::vector<std::vector<std::size_t>> run() {
    for (std::size_t node = 0; node < edges_.size(); ++node)
      if (index_[node] == kNone) visit(node);
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Frame {
    std::size_t node;
    std::size_t edge;
  };

  void open(std::size_t node) {
    index_[node] = low_[node] = count_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames_.push_back({node, 0});
  }

  // Iterative: chains of references may be as long as the estate is large.
  void visit(std::size_t start) {
    open(start);
    while (!frames_.empty()) {
      const std::size_t node = frames_.back().node;
      if (frames_.back().edge < edges_[node].size()) {
        const std::size_t next = edges_[node][frames_.back().edge++];
        if (index_[next] == kNone)
          open(next);
        else if (on_stack_[next])
          low_[node] = std::min(low_[node], index_[next]);
        continue;
      }
      frames_.pop_back();
      if (!frames_.empty())
        low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
      if (low_[node] == index_[node]) close(node);
    }
  }

  void close(std::size_t node) {
    std::vector<std::size_t> component;
    while (true) {
      const std::size_t member = stack_.back();
      stack_.pop_back();
      on_stack_[member] = false;
      component.push_back(member);
      if (member == node) break;
    }
    std::sort(component.begin(), component.end());
    found_.push_back(std::move(component));
  }

  const std::vector<std::vector<std::size_t>>& edges_;
  std::vector<std::size_t> index_, low_;
  std::vector<bool> on_stack_;
  std::vector<std::size_t> stack_;
  std::vector<Frame> frames_;
  std::size_t count_ = 0;
  std::vector<std::vector<std::size_t>> found_;
};

}  // namespace

Result<Graph> build_graph(const model::Plan& plan) {
  Graph graph;
  std::map<std::string, std::size_t> binding_node;
  for (std::size_t c = 0; c < plan.changes.size(); ++c) {
    const model::Change& change = plan.changes[c];
    if (!is_carried_out(change)) continue;
    const std::optional<std::size_t> binding = binding_action(change);
    for (std::size_t a = 0; a < change.actions.size(); ++a) {
      if (binding == a) binding_node[change.id] = graph.nodes.size();
      graph.nodes.push_back({c, a, {}, 0});
    }
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const model::Change& change = plan.changes[graph.nodes[n].change];
    const model::Action& action = change.actions[graph.nodes[n].action];
    std::vector<std::string> referred = action.needs;
    list_references(action.path, referred);
    list_references(action.query, referred);
    list_references(action.body, referred);
    std::set<std::size_t> before;
    for (const std::string& id : referred)
      if (const auto found = binding_node.find(id); id != change.id && found != binding_node.end())
        before.insert(found->second);
    if (graph.nodes[n].action > 0) before.insert(n - 1);
    for (const std::size_t earlier : before) graph.nodes[earlier].next.push_back(n);
    graph.nodes[n].waits_for = before.size();
  }
  const std::vector<std::size_t> left = nodes_in_cycles(graph);
  if (left.empty()) return graph;
  std::string names;
  for (const std::string& id : changes_of_a_cycle(plan, graph, left))
    names += (names.empty() ? "'" : ", '") + id + "'";
  return fail("cyclic-plan", "the changes " + names + " wait for each other", "plan",
              "make the plan again; if it was not edited by hand, please report this");
}

std::vector<std::vector<std::size_t>> components(
    const std::vector<std::vector<std::size_t>>& edges) {
  return Tarjan(edges).run();
}

std::vector<int> waves(const std::vector<std::vector<std::size_t>>& edges) {
  std::vector<int> wave(edges.size(), 0);
  // Dependency order: whatever a component refers to has its wave already.
  for (const std::vector<std::size_t>& component : components(edges)) {
    int mine = 0;
    for (const std::size_t node : component)
      for (const std::size_t target : edges[node])
        if (!std::binary_search(component.begin(), component.end(), target))
          mine = std::max(mine, wave[target] + 1);
    for (const std::size_t node : component) wave[node] = mine;
  }
  return wave;
}

}  // namespace lakeshift::engine
