// Runtime versions ("15.4.x-gpu-ml-scala2.12"): what a key says, and which key of the target stands
// for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"

namespace lakeshift::clouds {

struct Runtime {
  std::string key;
  int major = 0, minor = 0;
  std::vector<std::string> flavours;  // "gpu", "ml", "photon", "aarch64", … as spelled, sorted
  std::string scala;
  bool long_term = false;

  bool has(std::string_view flavour) const;
};

// Null for keys that name no version ("auto:latest-lts", "custom:…").
std::optional<Runtime> parse_runtime(std::string_view key, std::string_view title = {});

struct RuntimeChoice {
  std::string key;           // empty: the target has nothing near
  bool substituted = false;  // another version than was asked for
  std::string explanation;
};

// Const after construction; thread safe.
class RuntimeCatalogue {
 public:
  // `reference`: member "spark_versions" is the answer {"versions": [{key, name}]} or its array.
  explicit RuntimeCatalogue(const Json& reference);
  bool known() const { return !runtimes_.empty(); }
  bool offers(std::string_view key) const;
  // The same key when it is offered; with the flavours the node type asks for; else the nearest
  // newer long term version of the same flavours.
  RuntimeChoice choose(std::string_view key, bool arm, std::optional<bool> gpu) const;
  std::vector<std::string> keys() const;

 private:
  std::vector<Runtime> runtimes_;
  std::vector<std::string> others_;  // keys that are no versions
};

}  // namespace lakeshift::clouds
