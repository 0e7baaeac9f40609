// A target in memory with the manners of a real one: ids of its own, unique and repeatable names, lists that lag behind,
// an error or a death at any call, before or after its effect. Knows paths of the form
//   POST /api/<type>/create|edit|delete · GET /api/<type>/list|get?id= · PUT /api/2.0/permissions/<type>/<id>
//   POST /api/<type>/switch (sets the members given) · POST /api/<type>/put (by key, answers nothing) · POST /api/<type>/import (by path, answers the id)
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/engine/platform.h"
#include "core/state/journal.h"

namespace lakeshift::fakes {

enum class Fault {
  none,
  refuse,      // an error, without effect
  lose,        // the effect, then an error
  die_before,  // nothing happens any more, from this call on
  die_after,   // the effect, then nothing happens any more
};

// Shared by all that dies together: a process.
struct Life {
  std::atomic<bool> dead = false;
};

struct StoredObject {
  std::string type;
  std::string id;
  Json body;
  world::Instant visible_from{};
};

class EstatePlatform final : public engine::Platform {
 public:
  explicit EstatePlatform(world::Clock& clock, std::string side = "new") : clock_(clock), side_(std::move(side)) {}

  // Types whose names may not repeat; types whose ids are numbers.
  std::set<std::string> unique = {"pool", "scope"};
  std::set<std::string> numbered = {"job"};
  world::Millis lag{0};            // how long a new object is missing from lists
  Json about = {{"user", "me@x"}};

  void plan_fault(long long at_call, Fault fault, Life* life) {
    fault_at_ = at_call;
    fault_ = fault;
    life_ = life;
    calls_ = 0;
  }
  // Every call whose path contains `part` fails until it is cleared.
  void refuse_calls_with(const std::string& part, Error error) { refused_[part] = std::move(error); }
  void clear_refusals() { refused_.clear(); }
  std::function<void(const engine::Call&)> on_call;

  Result<Json> call(const engine::Call& call, std::stop_token stop) override {
    if (stop.stop_requested()) return fail("cancelled", "stopped");
    const std::scoped_lock lock(mutex_);
    if (life_ != nullptr && life_->dead) return fail("cancelled", "dead");
    ++calls_;
    log_.push_back(call.method + " " + call.path);
    if (on_call) on_call(call);
    for (const auto& [part, error] : refused_)
      if (contains(call.path, part)) return fail(error);
    const bool now = calls_ == fault_at_;
    if (now) fired_ = true;
    const Error lost{call.effect == model::Effect::create ? "in-doubt" : "unreachable", "planted fault"};
    if (now && fault_ == Fault::die_before) return die();
    if (now && fault_ == Fault::refuse) return fail(lost);
    Result<Json> answer = serve(call);
    if (now && fault_ == Fault::die_after) return die();
    if (now && fault_ == Fault::lose) return fail(lost);
    return answer;
  }
  Result<std::string> call_bytes(const engine::Call& call, std::string_view body, std::stop_token stop) override {
    engine::Call with_body = call;
    with_body.body = {{"bytes", body}};
    LS_ASSIGN(const Json answer, this->call(with_body, stop));
    return dump_json(answer);
  }
  const std::string& side() const override { return side_; }
  const std::string& cloud() const override { return side_; }
  Json describe() const override { return about; }

  bool fault_fired() const { return fired_; }
  long long calls() const { return calls_; }
  std::vector<std::string> log() const { return log_; }
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
      if (text_at(object.body, "applicationId").starts_with("app-")) names[text_at(object.body, "applicationId")] = "app:" + name_of(object);
    }
    std::vector<std::string> lines;
    for (const StoredObject& object : objects_)
      lines.push_back(object.type + " " + dump_json(with_names(object.body, names)));
    std::sort(lines.begin(), lines.end());
    return join(lines, "\n");
  }

 private:
  Result<Json> die() {
    if (life_ != nullptr) life_->dead = true;
    return fail("cancelled", "dead");
  }

  std::string next_id(const std::string& type) {
    ++last_id_;
    return numbered.contains(type) ? std::to_string(100'000 + last_id_) : "id-" + std::to_string(100'000 + last_id_);
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

  Result<Json> serve(const engine::Call& call) {
    const std::vector<std::string> parts = split(call.path.substr(1), '/');
    if (parts.size() >= 4 && parts[2] == "permissions") return set_permissions(parts[3], url_decode(parts.back()), call.body);
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

  Result<Json> list(const std::string& type) {
    Json items = Json::array();
    for (const StoredObject& object : objects_)
      if (object.type == type && object.visible_from <= clock_.now()) items.push_back(shown(object));
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
    std::erase_if(objects_, [&](const StoredObject& object) { return object.type == type && object.id == id; });
    return Json::object();
  }

  Result<Json> set_permissions(const std::string& type, const std::string& id, const Json& body) {
    StoredObject* object = find(type == "jobs" ? "job" : type, id);
    if (object == nullptr) return fail("not-found", "no such object");
    object->body["access"] = member(body, "access_control_list");
    return Json::object();
  }

  world::Clock& clock_;
  std::string side_;
  std::mutex mutex_;
  std::vector<StoredObject> objects_;
  long long last_id_ = 0;
  long long calls_ = 0;
  long long fault_at_ = 0;
  Fault fault_ = Fault::none;
  bool fired_ = false;
  Life* life_ = nullptr;
  std::map<std::string, Error> refused_;
  std::vector<std::string> log_;
};

// The journal of a process that can die or run out of disk at the n-th write. What was acknowledged stays.
class FaultyJournal final : public state::Journal {
 public:
  FaultyJournal(state::Journal& inner, Life& life) : inner_(inner), life_(life) {}
  void plan_fault(long long at_write, Fault fault) {
    fault_at_ = at_write;
    fault_ = fault;
  }
  long long writes() const { return writes_; }
  bool fault_fired() const { return fired_; }

  Status intend(const state::JournalEntry& entry) override {
    return write([&] { return inner_.intend(entry); });
  }
  Status settle(const state::JournalEntry& entry) override {
    return write([&] { return inner_.settle(entry); });
  }
  Status forget_run(const std::string& run) override {
    return write([&] { return inner_.forget_run(run); });
  }
  Status put_row(const state::LedgerRow& row) override {
    return write([&] { return inner_.put_row(row); });
  }
  Status put_note(const std::string& name, const Json& value) override {
    return write([&] { return inner_.put_note(name, value); });
  }
  Result<std::optional<state::JournalEntry>> find(const std::string& run, const std::string& change, int action) override {
    return inner_.find(run, change, action);
  }
  Result<std::vector<state::JournalEntry>> entries(const std::string& run) override { return inner_.entries(run); }
  Result<std::optional<state::LedgerRow>> row(const model::ObjectId& source) override { return inner_.row(source); }
  Result<std::vector<state::LedgerRow>> rows() override { return inner_.rows(); }
  Result<std::optional<Json>> note(const std::string& name) override { return inner_.note(name); }

 private:
  template <typename F>
  Status write(F&& inner) {
    const std::scoped_lock lock(mutex_);
    if (life_.dead) return fail("dead", "the process is gone");
    const bool now = ++writes_ == fault_at_;
    if (now) fired_ = true;
    if (now && fault_ == Fault::refuse) return fail("disk-full", "no space left", "journal", "free some space");
    if (now && fault_ == Fault::die_before) return die();
    const Status status = inner();
    if (now && fault_ == Fault::die_after) return die();
    return status;
  }
  Status die() {
    life_.dead = true;
    return fail("dead", "the process is gone");
  }

  state::Journal& inner_;
  Life& life_;
  std::mutex mutex_;
  long long writes_ = 0;
  long long fault_at_ = 0;
  Fault fault_ = Fault::none;
  bool fired_ = false;
};

}  // namespace lakeshift::fakes
