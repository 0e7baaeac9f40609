#include "knowledge/kinds/counted.h"

#include <utility>

#include "core/base/json.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds {

void count_item(const engine::Kind& kind, engine::DiscoverContext& context, const Json& item) {
  context.listed(1);
  if (kind.out_of_scope != nullptr)
    if (std::string reason = kind.out_of_scope(item); !reason.empty())
      return context.out_of_scope(std::move(reason));
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, item)};
  object.document = Json::object();
  for (const std::string_view field : {kind.id_field, kind.key_field})
    if (!field.empty()) set_path(object.document, field, at_path(item, field));
  engine::finish_object(kind, context, std::move(object));
}

void count_one(const engine::Kind& kind, engine::DiscoverContext& context, const std::string& key) {
  context.listed(1);
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), key};
  object.key = key;
  object.name = key;
  object.document = Json::object();
  engine::finish_object(kind, context, std::move(object));
}

Status count_listed(const engine::Kind& kind, engine::DiscoverContext& context) {
  return engine::each_item(context.platform, kind.list, Json::object(), kind.family,
                           context.run.stop, [&](Json&& item) -> Status {
                             count_item(kind, context, item);
                             return {};
                           });
}

Status count_shared(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<Json> items,
            list_once(context, kind.list, Json::object(), kind.family));
  for (const Json& item : items) count_item(kind, context, item);
  return {};
}

void count_part(const engine::Kind& kind, engine::DiscoverContext& context, engine::Listing listing,
                Json parameters, const std::string& parent) {
  // The path may be made for this parent: the task keeps it.
  context.tasks.add([&kind, &context, path = std::string(listing.path), listing,
                     parameters = std::move(parameters), parent]() mutable {
    listing.path = path;
    const Status read = engine::each_item(context.platform, listing, parameters, kind.family,
                                          context.run.stop, [&](Json&& item) -> Status {
                                            count_item(kind, context, item);
                                            return {};
                                          });
    if (!read) report_part(kind, context, parent, read.error());
  });
}

void report_part(const engine::Kind& kind, engine::DiscoverContext& context,
                 const std::string& parent, const Error& error) {
  if (error.code == "not-found") return;  // the parent went away meanwhile
  model::Finding finding;
  finding.code = "list-incomplete";
  finding.severity = model::Severity::warning;
  finding.kind = kind.name;
  finding.where = parent;
  finding.cause = "the " + std::string(kind.plural) + " of '" + parent +
                  "' could not be counted: " + error.message;
  finding.remedy = error.remedy.empty()
                       ? "let the account that lakeshift uses read it, then discover again"
                       : error.remedy;
  finding.evidence = error.to_text();
  context.finding(std::move(finding));
}

}  // namespace lakeshift::kinds
