// /api/2.0/permissions: direct and inherited grants of every type of object.
#include "twin/access.h"
#include "twin/service.h"
#include "twin/tree.h"

namespace lakeshift::twin::services::permissions {
namespace {

struct Target {
  const ObjectType* type = nullptr;
  std::string id;
};

// "/api/2.0/permissions/<type>/<id>": types may have a slash themselves.
Result<Target> target_of(const Context& context, const std::string& rest) {
  Target target;
  for (const ObjectType& type : object_types()) {
    const std::string name(type.name);
    if (type.kind.empty() && rest == name) target = {&type, name};
    if (!type.kind.empty() && rest.size() > name.size() + 1 && rest.starts_with(name + "/") &&
        rest.find('/', name.size() + 1) == std::string::npos)
      target = {&type, rest.substr(name.size() + 1)};
  }
  if (target.type == nullptr)
    return invalid("'" + rest + "' is not an object that has permissions");
  const ObjectType& type = *target.type;
  if (type.kind.empty()) return target;
  const Row* row = context.store.get(type.kind, target.id);
  const bool fits = row != nullptr && (type.tree_type.empty() ||
                                       text_at(row->document, "object_type") == type.tree_type);
  if (!fits) return missing(std::string(type.single) + " " + target.id + " does not exist");
  return target;
}

Result<Target> target_of(const Context& context, const Call& call) {
  return target_of(context, call.parameter("object"));
}

Result<Answer> get(Context& context, const Call& call) {
  const std::string rest = call.parameter("object");
  constexpr std::string_view kLevels = "/permissionLevels";
  if (rest.ends_with(kLevels)) {
    LS_ASSIGN(const Target target,
              target_of(context, rest.substr(0, rest.size() - kLevels.size())));
    Json levels = Json::array();
    for (const std::string_view level : target.type->levels)
      levels.push_back(
          {{"permission_level", level}, {"description", "Permission level " + std::string(level)}});
    return Answer(Json{{"permission_levels", std::move(levels)}});
  }
  LS_ASSIGN(const Target target, target_of(context, call));
  LS_ASSIGN(Json answer, permissions_answer(context, *target.type, target.id));
  return Answer(std::move(answer));
}

Result<Answer> change(Context& context, const Call& call, bool replace) {
  LS_ASSIGN(const Target target, target_of(context, call));
  if (target.type->tree_type == "DIRECTORY" && !context.loading) {
    const Row* node = context.store.get(kTree, target.id);
    const std::string path = text_at(node->document, "path");
    if (path == "/" || path == "/Users" || path == "/Shared" || path == "/Repos")
      return refuse("BAD_REQUEST",
                    "Folder '" + path + "' has fixed permissions; they cannot be set");
  }
  LS_TRY(change_grants(context, *target.type, target.id, member(call.body, "access_control_list"),
                       replace));
  LS_ASSIGN(Json answer, permissions_answer(context, *target.type, target.id));
  return Answer(std::move(answer));
}

Result<Answer> put(Context& context, const Call& call) { return change(context, call, true); }
Result<Answer> patch(Context& context, const Call& call) { return change(context, call, false); }

constexpr Endpoint kEndpoints[] = {{"GET", "/api/2.0/permissions/{object*}", get},
                                   {"PUT", "/api/2.0/permissions/{object*}", put},
                                   {"PATCH", "/api/2.0/permissions/{object*}", patch}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"permissions", kEndpoints};

}  // namespace lakeshift::twin::services::permissions
