// The platform's interface as its official SDK describes it: routes, parameters, types, enums.
// Read from data/databricks_api.json; immutable and shared by all twins of the process.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::twin {

// A parsed type text: "[compute.Library]!" is wraps "[", base type compute.Library, required.
struct TypeRef {
  enum class Base : unsigned char { any, text, integer, number, boolean, raw, object, enumeration };
  std::string wraps;  // outermost first: '[' array of, '{' map of text to
  Base base = Base::any;
  std::string name;  // of the object or enumeration
  bool required = false;
};

using FieldMap = std::map<std::string, TypeRef, std::less<>>;

struct Paging {
  std::string style;      // none, token, scim, page
  std::string parameter;  // of the request
  std::string items;      // member of the answer
};

struct Route {
  std::string verb;
  std::string path;  // template: "/api/2.0/repos/{repo_id}"; "{x*}" takes slashes
  std::string op;    // "workspace.ReposAPI.get"
  std::vector<std::string> segments;
  FieldMap query;
  FieldMap body;                     // members of the body, unless body_type is set
  std::optional<TypeRef> body_type;  // the body as a whole
  std::optional<TypeRef> returns;
  Paging paging;
};

struct RouteMatch {
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> parameters;  // decoded path parameters
};

class Api {
 public:
  static Result<std::shared_ptr<const Api>> parse(std::string_view json);
  // The route whose template fits; literal parts win over parameters. route is null when none fits.
  RouteMatch match(std::string_view verb, std::string_view raw_path) const;
  // Whether any verb knows the path.
  bool knows_path(std::string_view raw_path) const;
  const FieldMap* type(std::string_view name) const;
  const std::vector<std::string>* enumeration(std::string_view name) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  RouteMatch match_among(const std::vector<std::size_t>& candidates,
                         std::string_view raw_path) const;
  std::vector<Route> routes_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_word_;
  std::map<std::string, FieldMap, std::less<>> types_;
  std::map<std::string, std::vector<std::string>, std::less<>> enums_;
};

// The embedded interface, parsed once.
Result<std::shared_ptr<const Api>> shared_api();

// Path parameters when `segments` (of a template) fit the raw path; nullopt otherwise.
std::optional<std::map<std::string, std::string, std::less<>>> fit_path(
    const std::vector<std::string>& segments, std::string_view raw_path);
std::vector<std::string> path_segments(std::string_view path);

}  // namespace lakeshift::twin
