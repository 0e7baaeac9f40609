// Groups API 2.0 (/api/2.0/groups): older than SCIM, still served, used by databricks-cli. The SDK
// does not have it.
#include "twin/principals.h"
#include "twin/scim.h"
#include "twin/scim_kind.h"
#include "twin/service.h"

namespace lakeshift::twin::services::groups_legacy {
namespace {

// SCIM refusals in the words of this API.
tl::unexpected<Error> as_plain(const Error& error) {
  if (error.http_status == 409) return refuse("RESOURCE_ALREADY_EXISTS", error.message);
  if (error.http_status == 404) return missing(error.message);
  return invalid(error.message);
}

Result<Row> group_named(const Context& context, const std::string& name) {
  const Row* row = find_group(context.store, name);
  if (row == nullptr) return missing("Group " + name + " does not exist.");
  return *row;
}

Result<Principal> member_named(const Context& context, const std::string& user,
                               const std::string& group) {
  const Row* row = user.empty() ? find_group(context.store, group) : find_user(context.store, user);
  if (row == nullptr)
    return missing("Principal " + (user.empty() ? group : user) + " does not exist.");
  return Principal{user.empty() ? "group" : "user", row->id, user.empty() ? group : user};
}

Result<Answer> create(Context& context, const Call& call) {
  LS_ASSIGN(const std::string name, required_text(call.body, "group_name"));
  if (auto made = create_scim(context, scim_groups(), {{"displayName", name}}); !made)
    return as_plain(made.error());
  return Answer(Json{{"group_name", name}});
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, group_named(context, text_at(call.body, "group_name")));
  if (Status done = remove_scim(context, scim_groups(), row); !done) return as_plain(done.error());
  return Answer(Json::object());
}

Result<Answer> list(Context& context, const Call&) {
  Json names = Json::array();
  for (const Row* row : visible_rows(context, "group")) names.push_back(row->key);
  return Answer(page_body("group_names", std::move(names), ""));
}

Result<Answer> members(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, group_named(context, call.query_text("group_name")));
  const Json shown = ScimShow(context, scim_groups()).full(row);
  Json list_of_members = Json::array();
  const Json& entries = member(shown, "members");
  for (const Json& entry : entries.is_array() ? entries : Json::array()) {
    const auto principal = find_principal_by_id(context.store, text_at(entry, "value"));
    if (!principal) continue;
    const char* name = principal->kind == "group" ? "group_name" : "user_name";
    list_of_members.push_back({{name, principal->name}});
  }
  return Answer(page_body("members", std::move(list_of_members), ""));
}

Result<Answer> parents(Context& context, const Call& call) {
  LS_ASSIGN(const Principal principal,
            member_named(context, call.query_text("user_name"), call.query_text("group_name")));
  Json names = Json::array();
  for (const std::string& id : direct_groups(context.store, principal.id))
    names.push_back(context.store.get("group", id)->key);
  return Answer(page_body("group_names", std::move(names), ""));
}

Result<Answer> change_member(Context& context, const Call& call, bool add) {
  LS_ASSIGN(const Row row, group_named(context, text_at(call.body, "parent_name")));
  LS_ASSIGN(const Principal principal, member_named(context, text_at(call.body, "user_name"),
                                                    text_at(call.body, "group_name")));
  Json wanted = row.document;
  const Json operation = {{"op", add ? "add" : "remove"},
                          {"path", "members"},
                          {"value", Json::array({{{"value", principal.id}}})}};
  LS_TRY(apply_scim_operation(wanted, operation));
  if (Status done = change_scim(context, scim_groups(), row.id, std::move(wanted)); !done)
    return as_plain(done.error());
  return Answer(Json::object());
}
Result<Answer> add_member(Context& context, const Call& call) {
  return change_member(context, call, true);
}
Result<Answer> remove_member(Context& context, const Call& call) {
  return change_member(context, call, false);
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/groups/create", create},
                                   {"POST", "/api/2.0/groups/delete", remove},
                                   {"GET", "/api/2.0/groups/list", list},
                                   {"GET", "/api/2.0/groups/list-members", members},
                                   {"GET", "/api/2.0/groups/list-parents", parents},
                                   {"POST", "/api/2.0/groups/add-member", add_member},
                                   {"POST", "/api/2.0/groups/remove-member", remove_member}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"groups_legacy", kEndpoints};

}  // namespace lakeshift::twin::services::groups_legacy
