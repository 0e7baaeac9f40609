// What the cloud of a workspace offers: node types, runtimes, zones. Node types come from
// data/databricks_node_types.csv (vendor's own list, see its README entry), unless a rehearsal
// loads the target's own lists.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::twin {

struct NodeType {
  std::string id;
  bool has_local_disk = false;
  bool is_arm = false;
  bool has_gpu = false;
  Json document;  // as list-node-types answers it
};

class Reference {
 public:
  // Errors: "bad-reference".
  static Result<Reference> of_cloud(std::string_view cloud);
  // Takes the platform's own answers {"node_types": […], "versions": […], "zones": […],
  // "default_zone"}; absent members keep what the cloud has.
  Status replace(const Json& lists);

  const NodeType* node_type(std::string_view id) const;
  bool has_runtime(std::string_view key) const { return runtimes_.find(key) != runtimes_.end(); }
  bool has_zone(std::string_view zone) const;
  // The cloud that offers a node type of this name, "" when none does: for clearer refusals.
  std::string cloud_of_node_type(std::string_view id) const;
  Json node_types() const;
  Json runtimes() const;
  Json zones() const;
  Json to_json() const;

 private:
  std::map<std::string, NodeType, std::less<>> node_types_;
  std::map<std::string, std::string, std::less<>> foreign_;
  std::map<std::string, std::string, std::less<>> runtimes_;  // key -> name
  std::vector<std::string> zones_;
};

}  // namespace lakeshift::twin
