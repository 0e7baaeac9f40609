// The node types of one side: the committed table, corrected and restricted by what the platform
// itself lists.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds {

// Const after construction; thread safe. Owns the texts of rows that only the platform knows.
class NodeCatalogue {
 public:
  // `reference`: the inventory's reference data. Its member "node_types" is the answer of
  // list-node-types, or that answer's array; when it is absent the table alone speaks.
  NodeCatalogue(const Cloud& cloud, const Json& reference);

  // Specification of a type, listed or only in the table; also of fleet types ("m-fleet.xlarge").
  // Null: unknown.
  const NodeType* find(std::string_view id) const;
  // Whether the platform offers it (deprecated and hidden ones too). Without a list: whether the
  // table has it.
  bool offers(std::string_view id) const;
  bool runs_photon(std::string_view id) const { return !without_photon_.contains(std::string(id)); }
  // What a mapping may choose from: offered, neither deprecated nor hidden, with a price and an
  // architecture.
  const std::vector<NodeType>& candidates() const { return candidates_; }
  // All ids that find() knows, sorted; a policy's regex is expanded over these.
  std::vector<std::string> ids() const;
  bool listed_by_platform() const { return listed_; }

 private:
  void add_listed(const Cloud& cloud, const Json& row);
  void add_fleets(const Cloud& cloud);
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::deque<std::string> texts_;
  std::vector<NodeType> types_;  // sorted by id
  std::set<std::string> offered_, retired_, without_photon_;
  std::vector<NodeType> candidates_;
  bool listed_ = false;
};

// "answer" or its array: reference["node_types"] may be {"node_types": […]} or […].
const Json& reference_list(const Json& reference, std::string_view member, std::string_view inner);

}  // namespace lakeshift::clouds
