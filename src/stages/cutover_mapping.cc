#include <algorithm>
#include <tuple>

#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "stages/cutover.h"

namespace lakeshift::stages {
namespace {

std::string page_of(const engine::Kind& kind, const Json& platform, const std::string& id,
                    const std::string& key) {
  const std::string host = text_at(platform, "host");
  if (kind.page.empty() || host.empty()) return {};
  std::string page = replace_all(std::string(kind.page), "{id}", url_encode(id));
  page =
      replace_all(std::move(page), "{workspace_id}", url_encode(text_at(platform, "workspace_id")));
  return host + replace_all(std::move(page), "{key}", url_encode(key, true));
}

void add_side(Json& row, const std::string& prefix, const engine::Kind& kind, const Json& platform,
              const model::Object* object, const std::string& id, const std::string& key) {
  row[prefix + "id"] = id;
  if (const std::string page = page_of(kind, platform, id, key); !page.empty())
    row[prefix + "url"] = page;
  if (kind.addresses == nullptr || object == nullptr) return;
  for (const auto& [name, address] : kind.addresses(object->document, platform))
    row[prefix + name] = address;
}

}  // namespace

Json mapping_document(const model::Plan& plan, const std::vector<state::LedgerRow>& ledger,
                      const model::Inventory& source, const model::Inventory& target) {
  const model::InventoryIndex old_side(source), new_side(target);
  std::vector<const state::LedgerRow*> rows;
  for (const state::LedgerRow& row : ledger)
    if (row.source.side == plan.source && row.target_side == plan.target && !row.target_id.empty())
      rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    return std::tie(a->source.kind, a->key, a->source.id) <
           std::tie(b->source.kind, b->key, b->source.id);
  });
  Json objects = Json::array();
  for (const state::LedgerRow* row : rows) {
    const engine::Kind* kind = engine::find_kind(kinds::all_kinds(), row->source.kind);
    if (kind == nullptr) continue;
    Json entry = {{"kind", row->source.kind}, {"key", row->key}, {"name", row->name}};
    add_side(entry, "old_", *kind, source.platform,
             old_side.by_id(row->source.kind, row->source.id), row->source.id, row->key);
    add_side(entry, "new_", *kind, target.platform,
             new_side.by_id(row->source.kind, row->target_id), row->target_id,
             row->target_key.empty() ? row->key : row->target_key);
    objects.push_back(std::move(entry));
  }
  return {{"hosts",
           {{"old", text_at(source.platform, "host")}, {"new", text_at(target.platform, "host")}}},
          {"objects", std::move(objects)}};
}

}  // namespace lakeshift::stages
