#include "knowledge/kinds/shared_list.h"

#include <memory>
#include <mutex>

#include "core/base/json.h"

namespace lakeshift::kinds {
namespace {

struct SharedList {
  std::once_flag read;
  Status status;
  std::vector<Json> items;
};

}  // namespace

Result<std::vector<Json>> list_once(engine::DiscoverContext& context,
                                    const engine::Listing& listing, const Json& parameters,
                                    std::string_view family) {
  const auto list = context.shared.get<SharedList>(
      "list " + std::string(listing.path) + " " + dump_json(parameters),
      [] { return std::make_shared<SharedList>(); });
  std::call_once(list->read, [&] {
    list->status = engine::each_item(context.platform, listing, parameters, family,
                                     context.run.stop, [&](Json&& item) -> Status {
                                       list->items.push_back(std::move(item));
                                       return {};
                                     });
  });
  if (!list->status) return fail(list->status.error());
  return list->items;
}

}  // namespace lakeshift::kinds
