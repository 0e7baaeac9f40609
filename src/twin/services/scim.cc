// Users, groups, service principals and Me: /api/2.0/preview/scim/v2.
#include "twin/scim.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/principals.h"
#include "twin/scim_kind.h"
#include "twin/service.h"
#include "twin/tree.h"

namespace lakeshift::twin::services::scim {
namespace {

const ScimKind& kind_of(const Call& call) {
  const std::string path = call.path;
  if (contains(path, "/Groups")) return scim_groups();
  return contains(path, "/ServicePrincipals") ? scim_service_principals() : scim_users();
}

Result<const Row*> find(const Context& context, const ScimKind& kind, const std::string& id) {
  const Row* row = context.store.get(kind.kind, id);
  if (row == nullptr)
    return refuse_scim(404, std::string(kind.title) + " with id " + id + " not found.");
  return row;
}

Answer scim_answer(Json body, int status) {
  Answer answer(std::move(body));
  answer.status = status;
  answer.content_type = "application/scim+json";
  return answer;
}

Result<Answer> list(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const ScimTest test, parse_scim_filter(call.query_text("filter")));
  const bool filtered = call.has_query("filter");
  const ScimShow show(context, kind);
  std::vector<const Row*> rows = visible_rows(context, kind.kind);
  if (filtered) std::erase_if(rows, [&](const Row* row) { return !test(show.full(*row)); });
  const long long total = static_cast<long long>(rows.size());
  const long long first = std::max<long long>(1, call.query_int("startIndex", 1));
  // Pages end at 100 resources whatever was asked for: what a client must be ready for.
  long long greatest = 100;
  if (context.options.page_size > 0)
    greatest = std::min<long long>(greatest, context.options.page_size);
  const long long count = std::clamp<long long>(call.query_int("count", greatest), 0, greatest);
  Json resources = Json::array();
  for (long long i = first - 1; i < total && i < first - 1 + count; ++i) {
    const Row& row = *rows[static_cast<std::size_t>(i)];
    resources.push_back(select_attributes(show.full(row), call.query_text("attributes"),
                                          call.query_text("excludedAttributes")));
  }
  const long long shown = static_cast<long long>(resources.size());
  return scim_answer(
      {{"schemas", Json::array({"urn:ietf:params:scim:api:messages:2.0:ListResponse"})},
       {"totalResults", total},
       {"startIndex", first},
       {"itemsPerPage", shown},
       {"Resources", std::move(resources)}},
      200);
}

Result<Answer> get(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const Row* row, find(context, kind, call.parameter("id")));
  const Json document = ScimShow(context, kind).full(*row);
  return scim_answer(select_attributes(document, call.query_text("attributes"),
                                       call.query_text("excludedAttributes")),
                     200);
}

Result<Answer> create(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const std::string id, create_scim(context, kind, call.body));
  return scim_answer(ScimShow(context, kind).full(*context.store.get(kind.kind, id)), 201);
}

Result<Answer> replace(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const Row* row, find(context, kind, call.parameter("id")));
  Json wanted = call.body;
  // What PUT leaves out is emptied, but for what the platform itself keeps.
  for (const std::string_view kept :
       {"id", "userName", "applicationId", "displayName", "schemas", "meta", "emails"}) {
    const std::string name(kept);
    if (!wanted.contains(name) && row->document.contains(name)) wanted[name] = row->document[name];
  }
  LS_TRY(change_scim(context, kind, row->id, std::move(wanted)));
  return scim_answer(
      ScimShow(context, kind).full(*context.store.get(kind.kind, call.parameter("id"))), 200);
}

Result<Answer> patch(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const Row* row, find(context, kind, call.parameter("id")));
  Json wanted = row->document;
  const Json& operations = member(call.body, "Operations");
  if (!operations.is_array() || operations.empty())
    return refuse_scim(400, "a PATCH needs Operations", "invalidSyntax");
  for (const Json& operation : operations) LS_TRY(apply_scim_operation(wanted, operation));
  LS_TRY(change_scim(context, kind, row->id, std::move(wanted)));
  return scim_answer(
      ScimShow(context, kind).full(*context.store.get(kind.kind, call.parameter("id"))), 200);
}

Result<Answer> remove(Context& context, const Call& call) {
  const ScimKind& kind = kind_of(call);
  LS_ASSIGN(const Row* row, find(context, kind, call.parameter("id")));
  LS_TRY(remove_scim(context, kind, *row));
  return Answer::empty(204);
}

Result<Answer> me(Context& context, const Call&) {
  const ScimKind& kind =
      context.caller.kind == "service_principal" ? scim_service_principals() : scim_users();
  LS_ASSIGN(const Row* row, find(context, kind, context.caller.id));
  Json document = ScimShow(context, kind).full(*row);
  if (!document.contains("userName")) document["userName"] = text_at(document, "applicationId");
  return scim_answer(std::move(document), 200);
}

#define LAKESHIFT_SCIM(resource)                                        \
  {"GET", "/api/2.0/preview/scim/v2/" resource, list},                  \
      {"POST", "/api/2.0/preview/scim/v2/" resource, create},           \
      {"GET", "/api/2.0/preview/scim/v2/" resource "/{id}", get},       \
      {"PUT", "/api/2.0/preview/scim/v2/" resource "/{id}", replace},   \
      {"PATCH", "/api/2.0/preview/scim/v2/" resource "/{id}", patch}, { \
    "DELETE", "/api/2.0/preview/scim/v2/" resource "/{id}", remove      \
  }

constexpr Endpoint kEndpoints[] = {LAKESHIFT_SCIM("Users"),
                                   LAKESHIFT_SCIM("Groups"),
                                   LAKESHIFT_SCIM("ServicePrincipals"),
                                   {"GET", "/api/2.0/preview/scim/v2/Me", me}};

Status load_user(Context& context, const Json& document) {
  return load_scim(context, scim_users(), document);
}
Status load_group(Context& context, const Json& document) {
  return load_scim(context, scim_groups(), document);
}
Status load_principal(Context& context, const Json& document) {
  return load_scim(context, scim_service_principals(), document);
}
Json give_user(const Context& context, const Row& row) {
  return ScimShow(context, scim_users()).full(row);
}
Json give_group(const Context& context, const Row& row) {
  return ScimShow(context, scim_groups()).full(row);
}
Json give_principal(const Context& context, const Row& row) {
  return ScimShow(context, scim_service_principals()).full(row);
}

constexpr Holding kHoldings[] = {
    {"user", "users.json", 12, load_user, give_user},
    {"service_principal", "service_principals.json", 11, load_principal, give_principal},
    {"group", "groups.json", 13, load_group, give_group}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"scim", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::scim
