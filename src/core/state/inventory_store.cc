#include "core/state/inventory_store.h"

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/model/plan_json.h"
#include "core/state/database.h"

namespace lakeshift::state {
namespace {

Json head_of(const model::Inventory& inventory) {
  Json counts = Json::array();
  for (const model::KindCount& count : inventory.counts) counts.push_back(model::to_json(count));
  Json held = Json::object();
  for (const auto& [kind, objects] : model::held_by(inventory)) held[kind] = objects;
  return {{"platform", inventory.platform},
          {"reference", inventory.reference},
          {"counts", counts},
          {"held", held}};
}

// What was saved is what is there: an object that got lost on the way is never passed over.
Status check_held(const model::Inventory& inventory, const Json& held) {
  model::PerKind saved;
  for (const auto& [kind, objects] : held.items()) saved[kind] = objects.get<long long>();
  const std::string wrong =
      model::disagreement_of(saved, "saved", model::held_by(inventory), "found");
  if (wrong.empty()) return {};
  return fail("accounting", "objects of the inventory do not add up: " + wrong,
              "inventory of '" + inventory.side + "'",
              "run 'lakeshift discover " + inventory.side + "' again");
}

Status clear_side(Database& database, const model::Side& side) {
  for (const char* sql :
       {"DELETE FROM object WHERE side=?", "DELETE FROM inventory WHERE side=?"}) {
    LS_ASSIGN(Statement statement, database.prepare(sql));
    LS_TRY(statement.bind(side).run());
  }
  return {};
}

Status insert_object(Database& database, const model::Side& side, std::int64_t number,
                     const model::Object& object) {
  LS_ASSIGN(
      Statement statement,
      database.prepare("INSERT INTO object (side, number, kind, id, key, name, document, content, "
                       "unread_code, unread_reason) VALUES (?,?,?,?,?,?,?,?,?,?)"));
  return statement.bind(side)
      .bind_number(number)
      .bind(object.id.kind)
      .bind(object.id.id)
      .bind(object.key)
      .bind(object.name)
      .bind(dump_json(object.document))
      .bind(object.content)
      .bind(object.unread_code)
      .bind(object.unread_reason)
      .run();
}

Result<std::vector<model::Object>> load_objects(Database& database, const model::Side& side) {
  LS_ASSIGN(
      Statement statement,
      database.prepare("SELECT kind, id, key, name, document, content, unread_code, unread_reason "
                       "FROM object WHERE side=? ORDER BY number"));
  statement.bind(side);
  std::vector<model::Object> objects;
  while (true) {
    LS_ASSIGN(const bool row, statement.step());
    if (!row) return objects;
    model::Object object;
    object.id = {side, statement.text(0), statement.text(1)};
    object.key = statement.text(2);
    object.name = statement.text(3);
    LS_ASSIGN(object.document, parse_json(statement.text(4), object.id.to_text()));
    object.content = statement.text(5);
    object.unread_code = statement.text(6);
    object.unread_reason = statement.text(7);
    objects.push_back(std::move(object));
  }
}

}  // namespace

Status save_inventory(WorkDir& dir, const model::Inventory& inventory) {
  LS_ASSIGN(std::unique_ptr<Database> database,
            Database::open(dir.database_path(), Database::Mode::change));
  return database->transact([&]() -> Status {
    LS_TRY(clear_side(*database, inventory.side));
    LS_ASSIGN(Statement head, database->prepare("INSERT INTO inventory (side, head) VALUES (?,?)"));
    LS_TRY(head.bind(inventory.side).bind(dump_json(head_of(inventory))).run());
    std::int64_t number = 0;
    for (const model::Object& object : inventory.objects)
      LS_TRY(insert_object(*database, inventory.side, number++, object));
    return {};
  });
}

Result<model::Inventory> load_inventory(const WorkDir& dir, const model::Side& side) {
  LS_ASSIGN(std::unique_ptr<Database> database,
            Database::open(dir.database_path(), Database::Mode::read));
  LS_TRY(database->check_schema_version());
  LS_ASSIGN(Statement statement, database->prepare("SELECT head FROM inventory WHERE side=?"));
  statement.bind(side);
  LS_ASSIGN(const bool found, statement.step());
  if (!found)
    return fail("not-found", "there is no inventory of '" + side + "' yet", dir.root(),
                "run 'lakeshift discover " + side + "' first");
  LS_ASSIGN(const Json head, parse_json(statement.text(0), "inventory of '" + side + "'"));
  model::Inventory inventory;
  inventory.side = side;
  inventory.platform = member(head, "platform");
  inventory.reference = member(head, "reference");
  if (const Json& counts = member(head, "counts"); counts.is_array())
    for (const Json& count : counts) inventory.counts.push_back(model::kind_count_from_json(count));
  LS_ASSIGN(inventory.objects, load_objects(*database, side));
  if (const Json& held = member(head, "held"); held.is_object())
    LS_TRY(check_held(inventory, held));
  return inventory;
}

std::string digest_of(const model::Inventory& inventory) {
  std::vector<std::string> digests;
  digests.reserve(inventory.objects.size());
  for (const model::Object& object : inventory.objects)
    digests.push_back(sha256_hex(dump_json({{"kind", object.id.kind},
                                            {"id", object.id.id},
                                            {"key", object.key},
                                            {"document", object.document},
                                            {"content", object.content},
                                            {"unread", object.unread_code}})));
  std::sort(digests.begin(), digests.end());  // the order of reading says nothing about the estate
  std::string all;
  for (const std::string& digest : digests) all += digest;
  return sha256_hex(all);
}

}  // namespace lakeshift::state
