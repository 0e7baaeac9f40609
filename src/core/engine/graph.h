// The step graph of a plan: which action waits for which.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/plan.h"

namespace lakeshift::engine {

struct Node {
  std::size_t change;             // index into plan.changes
  std::size_t action;             // index into its actions
  std::vector<std::size_t> next;  // nodes that wait for this one
  std::size_t waits_for = 0;
};

struct Graph {
  std::vector<Node> nodes;
};

// Actions of one change follow each other; an action also waits for the binding action of every
// change it names in `needs` or in a placeholder. Error "cyclic-plan" names the changes of a cycle
// (planning breaks cycles by create-then-update, so this is a defect or a hand-edited plan).
Result<Graph> build_graph(const model::Plan& plan);

// Index of the action after which others can refer to the change: the one that binds, else the one
// that creates. None when nothing of it is carried out or the object is there already.
std::optional<std::size_t> binding_action(const model::Change& change);
bool is_carried_out(const model::Change& change);  // verb create or update

// Strongly connected components of a reference graph, in dependency order (Tarjan). edges[i] = what
// i refers to.
std::vector<std::vector<std::size_t>> components(
    const std::vector<std::vector<std::size_t>>& edges);
// Waves: 0 for what refers to nothing, else 1 + the greatest wave referred to; a component shares
// one wave.
std::vector<int> waves(const std::vector<std::vector<std::size_t>>& edges);

}  // namespace lakeshift::engine
