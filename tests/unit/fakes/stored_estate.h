// What a target in memory holds, and how it answers: ids of its own, unique and repeatable names,
// lists that lag behind. Knows paths of the form
//   POST /api/<type>/create|edit|delete · GET /api/<type>/list|get?id= · PUT
//   /api/2.0/permissions/<type>/<id> POST /api/<type>/switch (sets the members given) · POST
//   /api/<type>/put (by key, answers nothing) POST /api/<type>/import (by path, answers the id)
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/engine/platform.h"

namespace lakeshift::fakes {

struct StoredObject {
  std::string type;
  std::string id;
  Json body;
  world::Instant visible_from{};
};

class StoredEstate {
 public:
  explicit StoredEstate(world::Clock& clock) : clock_(clock) {}

  // Types whose names may not repeat; types whose ids are numbers.
  std::set<std::string> unique = {"pool", "scope"};
  std::set<std::string> numbered = {"job"};
  world::Millis lag{0};  // how long a new object is missing from lists

  const std::vector<StoredObject>& objects() const { return objects_; }
  std::vector<StoredObject>& objects() { return objects_; }
  StoredObject& add(const std::string& type, Json body) {
    objects_.push_back({type, next_id(type), std::move(body), {}});
    return objects_.back();
  }

  // All objects as text, ids replaced by "<type>:<name>", sorted: equal estates have equal texts.
  std::string normalised() const {
    std::map<std::string, std::string> names;
    for (const StoredObject& object : objects_) {
      names[object.id] = object.type + ":" + name_of(object);
      if (text_at(object.body, "applicationId").starts_with("app-"))
        names[text_at(object.body, "applicationId")] = "app:" + name_of(object);
    }
    std::vector<std::string> lines;
    for (const StoredObject& object : objects_)
      lines.push_back(object.type + " " + dump_json(with_names(object.body, names)));
    std::sort(lines.begin(), lines.end());
    return join(lines, "\n");
  }

 protected:
  Result<Json> serve(const engine::Call& call) {
    const std::vector<std::string> parts = split(call.path.substr(1), '/');
    if (parts.size() >= 4 && parts[2] == "permissions")
      return set_permissions(parts[3], url_decode(parts.back()), call.body);
    if (parts.size() != 3) return fail("not-found", "no route " + call.path);
    const std::string& type = parts[1];
    const std::string& verb = parts[2];
    if (verb == "list") return list(type);
    if (verb == "get") {
      const StoredObject* object = find(type, scalar_text(member(call.query, "id")));
      if (object == nullptr) return fail("not-found", "no such " + type);
      return shown(*object);
    }
    if (verb == "create") return create(type, call.body);
    if (verb == "edit") return edit(type, call.body);
    if (verb == "put" || verb == "import") return put(type, call.body, verb == "import");
    if (verb == "delete") return remove(type, call.body);
    if (verb == "switch") return merge(type, call.body);
    return fail("not-found", "no route " + call.path);
  }

 private:
  std::string next_id(const std::string& type) {
    ++last_id_;
    return numbered.contains(type) ? std::to_string(100'000 + last_id_)
                                   : "id-" + std::to_string(100'000 + last_id_);
  }

  static std::string name_of(const StoredObject& object) {
    const std::string name = text_at(object.body, "name");
    return name.empty() ? text_at(object.body, "path") : name;
  }

  static Json with_names(const Json& value, const std::map<std::string, std::string>& names) {
    if (value.is_string() || value.is_number()) {
      std::string text = scalar_text(value);
      for (const auto& [id, name] : names) text = replace_all(std::move(text), id, name);
      return text == scalar_text(value) ? value : Json(text);
    }
    if (!value.is_structured()) return value;
    Json copy = value;
    for (Json& inner : copy) inner = with_names(inner, names);
    return copy;
  }

  StoredObject* find(const std::string& type, const std::string& id) {
    for (StoredObject& object : objects_)
      if (object.type == type && object.id == id) return &object;
    return nullptr;
  }
  StoredObject* find_name(const std::string& type, const std::string& name) {
    for (StoredObject& object : objects_)
      if (object.type == type && name_of(object) == name) return &object;
    return nullptr;
  }

  Json shown(const StoredObject& object) const {
    Json document = object.body;
    document["id"] = numbered.contains(object.type) ? Json(std::stoll(object.id)) : Json(object.id);
    return document;
  }

  // References of stored objects must exist: an orphan or a dangling id is a defect.
  Status check_references(const Json& body) {
    for (const auto& [member_name, type] : std::map<std::string, std::string>{
             {"pool_id", "pool"}, {"job_id", "job"}, {"scope", "scope"}}) {
      const std::string id = scalar_text(member(body, member_name));
      if (id.empty()) continue;
      if (find(type, id) == nullptr && find_name(type, id) == nullptr)
        return fail("not-found", "there is no " + type + " '" + id + "'");
    }
    return {};
  }

  Result<Json> list(const std::string& type) {
    Json items = Json::array();
    for (const StoredObject& object : objects_)
      if (object.type == type && object.visible_from <= clock_.now())
        items.push_back(shown(object));
    return Json{{"items", items}};
  }

  Result<Json> create(const std::string& type, const Json& body) {
    if (unique.contains(type) && find_name(type, text_at(body, "name")) != nullptr)
      return fail("already-exists", "there is one named '" + text_at(body, "name") + "'");
    LS_TRY(check_references(body));
    objects_.push_back({type, next_id(type), body, clock_.now() + lag});
    StoredObject& object = objects_.back();
    if (type == "principal") object.body["applicationId"] = "app-" + object.id;
    if (type == "scope") return Json::object();
    Json answer = {{"id", shown(object)["id"]}};
    if (type == "principal") answer["applicationId"] = object.body["applicationId"];
    return answer;
  }

  Result<Json> edit(const std::string& type, const Json& body) {
    StoredObject* object = find(type, scalar_text(member(body, "id")));
    if (object == nullptr) return fail("not-found", "no such " + type);
    LS_TRY(check_references(body));
    const Json kept = member(object->body, "access");
    object->body = body;
    object->body.erase("id");
    if (!kept.is_null()) object->body["access"] = kept;
    return Json::object();
  }

  Result<Json> merge(const std::string& type, const Json& body) {
    StoredObject* object = find(type, scalar_text(member(body, "id")));
    if (object == nullptr) return fail("not-found", "no such " + type);
    for (const auto& [name, value] : body.items())
      if (name != "id") object->body[name] = value;
    return Json::object();
  }

  Result<Json> put(const std::string& type, const Json& body, bool answers_id) {
    LS_TRY(check_references(body));
    StoredObject* object = find_name(type, text_at(body, answers_id ? "path" : "name"));
    if (object == nullptr) {
      objects_.push_back({type, next_id(type), {}, clock_.now() + lag});
      object = &objects_.back();
    }
    object->body = body;
    return answers_id ? Json{{"id", shown(*object)["id"]}} : Json::object();
  }

  Result<Json> remove(const std::string& type, const Json& body) {
    const std::string id = scalar_text(member(body, "id"));
    if (find(type, id) == nullptr) return fail("not-found", "no such " + type);
    std::erase_if(objects_, [&](const StoredObject& object) {
      return object.type == type && object.id == id;
    });
    return Json::object();
  }

  Result<Json> set_permissions(const std::string& type, const std::string& id, const Json& body) {
    StoredObject* object = find(type == "jobs" ? "job" : type, id);
    if (object == nullptr) return fail("not-found", "no such object");
    object->body["access"] = member(body, "access_control_list");
    return Json::object();
  }

  world::Clock& clock_;
  std::vector<StoredObject> objects_;
  long long last_id_ = 0;
};

}  // namespace lakeshift::fakes
