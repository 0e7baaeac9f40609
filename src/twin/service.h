// A service: one part of the platform's API, with what it can load and give out. One file per
// service in twin/services; the array of all of them is written by CMake.
#pragma once

#include <span>
#include <string_view>

#include "twin/context.h"

namespace lakeshift::twin {

struct Endpoint {
  std::string_view method;
  std::string_view path;  // template as in the API description; "{x*}" takes slashes
  Result<Answer> (*handle)(Context&, const Call&);
};

// A kind of document the service keeps.
struct Holding {
  std::string_view kind;  // as in the store and in dumps
  std::string_view file;  // of a load folder: "jobs.json"
  int order = 50;         // when it is loaded: what is referred to comes first
  // Takes a document as the API returns it, ids kept, '$' members understood.
  Status (*load)(Context&, const Json& document) = nullptr;
  // The document as a dump holds it; null: as stored, permissions added.
  Json (*give)(const Context&, const Row&) = nullptr;
  std::string_view object_type = {};  // of the permissions API, for "$permissions"
};

struct Service {
  std::string_view name;
  std::span<const Endpoint> endpoints;
  std::span<const Holding> holdings = {};
};

namespace services {
std::span<const Service* const> all_services();
}

// A rule of one or several clouds. One file per set in twin/rules; the source of each fact is
// written beside it.
struct Subject {
  std::string_view kind;         // cluster (job clusters too), instance_pool, …
  const Json& document;          // as it will be
  const Json* before = nullptr;  // as it was, for changes
};
struct Rule {
  std::string_view clouds;  // "aws azure gcp"
  std::string_view kind;    // of the subjects it looks at
  Status (*check)(const Context&, const Subject&);
};
struct RuleSet {
  std::string_view name;
  std::span<const Rule> rules;
};
namespace rules {
std::span<const RuleSet* const> all_rule_sets();
}

// The first refusal of the rules for this cloud and kind, in the sets' order.
Status apply_rules(const Context& context, const Subject& subject);

}  // namespace lakeshift::twin
