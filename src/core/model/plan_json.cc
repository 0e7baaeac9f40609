#include "core/model/plan_json.h"

#include <optional>

namespace lakeshift::model {
namespace {

void put_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

void put_value(Json& json, const char* name, const Json& value) {
  if (!value.is_null()) json[name] = value;
}

Json texts_to_json(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& text : texts) json.push_back(text);
  return json;
}

Result<std::vector<std::string>> texts_at(const Json& json, const char* name,
                                          const std::string& about) {
  std::vector<std::string> texts;
  const Json& list = member(json, name);
  if (list.is_null()) return texts;
  if (!list.is_array()) return fail("bad-plan", std::string("'") + name + "' is not a list", about);
  for (const Json& item : list) {
    if (!item.is_string())
      return fail("bad-plan", std::string("'") + name + "' holds something that is not a text",
                  about);
    texts.push_back(item.get_ref<const std::string&>());
  }
  return texts;
}

std::optional<Effect> effect_from_text(std::string_view text) {
  for (const Effect effect : {Effect::read, Effect::idempotent, Effect::create})
    if (to_text(effect) == text) return effect;
  return std::nullopt;
}

// Appends what `parse` makes of every item of the list `name`; an absent list is empty.
template <typename T, typename Parse>
Status read_list(const Json& json, const char* name, const std::string& about, std::vector<T>& into,
                 const Parse& parse) {
  const Json& list = member(json, name);
  if (list.is_null()) return {};
  if (!list.is_array()) return fail("bad-plan", std::string("'") + name + "' is not a list", about);
  for (const Json& item : list) {
    LS_ASSIGN(T value, parse(item));
    into.push_back(std::move(value));
  }
  return {};
}

}  // namespace

Json to_json(const ObjectId& id) { return {{"side", id.side}, {"kind", id.kind}, {"id", id.id}}; }

ObjectId object_id_from_json(const Json& json) {
  return {text_at(json, "side"), text_at(json, "kind"), text_at(json, "id")};
}

Json to_json(const Difference& difference) {
  Json json = {{"path", difference.path}};
  put_value(json, "before", difference.before);
  put_value(json, "after", difference.after);
  put_text(json, "reason", difference.reason);
  if (difference.replaces) json["replaces"] = true;
  return json;
}

Difference difference_from_json(const Json& json) {
  return {text_at(json, "path"), member(json, "before"), member(json, "after"),
          text_at(json, "reason"), bool_at(json, "replaces")};
}

Json to_json(const Decision& decision) {
  Json json = {{"path", decision.path}, {"rule", decision.rule}};
  put_value(json, "before", decision.before);
  put_value(json, "after", decision.after);
  put_text(json, "explanation", decision.explanation);
  return json;
}

Decision decision_from_json(const Json& json) {
  return {text_at(json, "path"), text_at(json, "rule"), member(json, "before"),
          member(json, "after"), text_at(json, "explanation")};
}

Json to_json(const KindCount& count) {
  Json json = {{"kind", count.kind}, {"listed", count.listed}, {"moves", count.moves}};
  if (count.out_of_scope != 0) json["out_of_scope"] = count.out_of_scope;
  for (const auto& [reason, amount] : count.out_of_scope_reasons)
    json["out_of_scope_reasons"][reason] = amount;
  put_text(json, "unavailable", count.unavailable);
  return json;
}

KindCount kind_count_from_json(const Json& json) {
  KindCount count;
  count.kind = text_at(json, "kind");
  count.listed = int_at(json, "listed");
  count.out_of_scope = int_at(json, "out_of_scope");
  count.moves = bool_at(json, "moves", true);
  count.unavailable = text_at(json, "unavailable");
  const Json& reasons = member(json, "out_of_scope_reasons");
  if (reasons.is_object())
    for (const auto& [reason, amount] : reasons.items())
      count.out_of_scope_reasons[reason] = int_at(reasons, reason);
  return count;
}

std::string_view to_text(Effect effect) {
  switch (effect) {
    case Effect::read:
      return "read";
    case Effect::idempotent:
      return "idempotent";
    case Effect::create:
      return "create";
  }
  return "idempotent";
}

Json to_json(const Action& action) {
  Json json = {{"name", action.name},
               {"method", action.method},
               {"path", action.path},
               {"effect", to_text(action.effect)}};
  if (!action.query.empty()) json["query"] = action.query;
  put_value(json, "body", action.body);
  put_text(json, "family", action.family);
  put_text(json, "binds", action.binds);
  put_text(json, "note", action.note);
  if (!action.needs.empty()) json["needs"] = texts_to_json(action.needs);
  if (!action.tolerated.empty()) json["tolerated"] = texts_to_json(action.tolerated);
  if (!action.outwaited.empty()) json["outwaited"] = texts_to_json(action.outwaited);
  return json;
}

Result<Action> action_from_json(const Json& json) {
  const std::string name = text_at(json, "name");
  const std::string about = "action '" + name + "'";
  if (!json.is_object()) return fail("bad-plan", "an action is not an object");
  Action action;
  action.name = name;
  action.method = text_at(json, "method");
  action.path = text_at(json, "path");
  if (action.method.empty() || action.path.empty())
    return fail("bad-plan", "an action needs 'method' and 'path'", about);
  const std::string effect = text_at(json, "effect", "idempotent");
  const std::optional<Effect> known = effect_from_text(effect);
  if (!known)
    return fail("bad-plan", "unknown effect '" + effect + "'", about,
                "use read, idempotent or create");
  action.effect = *known;
  if (const Json& query = member(json, "query"); query.is_object()) action.query = query;
  action.body = member(json, "body");
  action.family = text_at(json, "family");
  action.binds = text_at(json, "binds");
  action.note = text_at(json, "note");
  LS_ASSIGN(action.needs, texts_at(json, "needs", about));
  LS_ASSIGN(action.tolerated, texts_at(json, "tolerated", about));
  LS_ASSIGN(action.outwaited, texts_at(json, "outwaited", about));
  return action;
}

Json to_json(const Change& change) {
  Json json = {{"id", change.id},
               {"source", to_json(change.source)},
               {"key", change.key},
               {"verb", to_text(change.verb)}};
  put_text(json, "target_key", change.target_key);
  put_text(json, "name", change.name);
  put_text(json, "code", change.code);
  put_text(json, "reason", change.reason);
  put_text(json, "owner", change.owner);
  put_text(json, "target_id", change.target_id);
  put_value(json, "expected", change.expected);
  put_text(json, "content", change.content);
  put_text(json, "fingerprint", change.fingerprint);
  for (const Difference& item : change.differences) json["differences"].push_back(to_json(item));
  for (const Decision& item : change.decisions) json["decisions"].push_back(to_json(item));
  for (const Action& item : change.actions) json["actions"].push_back(to_json(item));
  if (!change.requires_changes.empty()) json["requires"] = texts_to_json(change.requires_changes);
  return json;
}

Result<Change> change_from_json(const Json& json) {
  Change change;
  change.id = text_at(json, "id");
  if (change.id.empty()) return fail("bad-plan", "a change has no 'id'");
  const std::string about = "change '" + change.id + "'";
  const std::string verb = text_at(json, "verb");
  change.verb = verb_from_text(verb);
  if (to_text(change.verb) != verb) return fail("bad-plan", "unknown verb '" + verb + "'", about);
  change.source = object_id_from_json(member(json, "source"));
  if (change.source.kind.empty()) return fail("bad-plan", "'source' names no kind", about);
  change.key = text_at(json, "key");
  change.target_key = text_at(json, "target_key");
  change.name = text_at(json, "name");
  change.code = text_at(json, "code");
  change.reason = text_at(json, "reason");
  change.owner = text_at(json, "owner");
  change.target_id = text_at(json, "target_id");
  change.expected = member(json, "expected");
  change.content = text_at(json, "content");
  change.fingerprint = text_at(json, "fingerprint");
  LS_TRY(read_list(json, "differences", about, change.differences, [](const Json& item) {
    return Result<Difference>(difference_from_json(item));
  }));
  LS_TRY(read_list(json, "decisions", about, change.decisions,
                   [](const Json& item) { return Result<Decision>(decision_from_json(item)); }));
  LS_TRY(read_list(json, "actions", about, change.actions, [&](const Json& item) -> Result<Action> {
    Result<Action> action = action_from_json(item);
    if (!action) return fail_because(std::move(action).error(), about, "bad action");
    return action;
  }));
  LS_ASSIGN(change.requires_changes, texts_at(json, "requires", about));
  return change;
}

}  // namespace lakeshift::model
