#include "core/engine/carrier.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/graph.h"
#include "core/engine/lookup.h"
#include "core/world/secret.h"

namespace lakeshift::engine {
namespace {

using state::Outcome;

constexpr int kMostCreates =
    3;  // of one object, when it stays unknown what became of the one before
// A platform may show an object some time after it was created.
constexpr world::Millis kLookupPauses[] = {world::Millis{250}, world::Millis{750},
                                           world::Millis{2000}};
constexpr const char* kBefore =
    "$before";  // in an open intent's answer: ids of the same name that were there
constexpr int kPatient = static_cast<int>(std::size(kLookupPauses));

constexpr world::Millis kOutwaited{600'000};

bool is_tolerated(const model::Action& action, const Error& error) {
  return std::find(action.tolerated.begin(), action.tolerated.end(), error.code) !=
         action.tolerated.end();
}

bool is_cut_off(const Error& error) {
  return error.code == "cancelled" || error.code == "interrupted";
}

// Bodies that are nothing but content are sent as bytes.
const Json& raw_content(const Json& body) {
  static const Json kNone;
  return body.is_object() && body.size() == 1 ? member(body, "$content") : kNone;
}

}  // namespace

struct Carrier::Attempt {
  const model::Change& change;
  const model::Action& action;
  state::JournalEntry entry;
  const Kind* kind = nullptr;
  bool binding = false;  // its object can be looked up
  bool was_in_doubt = false;
  Call call = {};
  std::string bytes = {};
  bool raw = false;
  std::vector<world::Secret> secrets =
      {};  // values in the body: removed from whatever an error quotes
};

Carrier::Carrier(Bindings& bindings, KindSet kinds, Platform& target, state::Journal& journal,
                 std::string run_name, const Supplies& supplies, world::Run& run)
    : bindings_(bindings),
      kinds_(kinds),
      target_(target),
      journal_(journal),
      run_name_(std::move(run_name)),
      supplies_(supplies),
      run_(run) {}

Status Carrier::load_former() {
  LS_ASSIGN(std::vector<state::JournalEntry> entries, journal_.entries(run_name_));
  for (state::JournalEntry& entry : entries) {
    const std::pair key(entry.change, entry.action);
    former_.emplace(key, std::move(entry));
  }
  return {};
}

std::string Carrier::now() const { return world::to_iso8601(run_.world.clock.now()); }

int Carrier::attempts_of(const model::Change& change) const {
  int attempts = 0;
  for (std::size_t i = 0; i < change.actions.size(); ++i) {
    const auto former = former_.find({change.id, static_cast<int>(i)});
    if (former == former_.end()) {
      attempts = std::max(attempts, 1);
      continue;
    }
    const bool again = former->second.outcome != Outcome::done;
    attempts = std::max(attempts, former->second.attempts + (again ? 1 : 0));
  }
  return attempts;
}

Carried Carrier::carry(const model::Change& change, std::size_t action_index) {
  Attempt attempt{change, change.actions[action_index], {}};
  attempt.kind = find_kind(kinds_, change.source.kind);
  attempt.binding =
      attempt.action.effect == model::Effect::create && binding_action(change) == action_index;
  attempt.entry.run = run_name_;
  attempt.entry.change = change.id;
  attempt.entry.action = static_cast<int>(action_index);
  attempt.entry.name = attempt.action.name;
  const auto former = former_.find({change.id, attempt.entry.action});
  if (former != former_.end()) {
    attempt.entry.started = former->second.started;
    if (former->second.outcome == Outcome::done) {
      bindings_.bind(change, former->second.bound_id, former->second.answer);
      return {Carried::End::resumed};
    }
    attempt.was_in_doubt = former->second.outcome == Outcome::pending;
    if (attempt.was_in_doubt) attempt.entry.answer = former->second.answer;
  }
  if (run_.stop.stop_requested()) return {Carried::End::stopped};
  if (attempt.was_in_doubt && attempt.binding)
    if (std::optional<Carried> found = find_created(attempt, kPatient)) return *found;
  if (const Status filled = fill(attempt); !filled)
    return is_cut_off(filled.error()) ? Carried{Carried::End::stopped}
                                      : settle_failed(attempt, filled.error());
  if (const Status looked = look_before(attempt); !looked)
    return is_cut_off(looked.error()) ? Carried{Carried::End::stopped}
                                      : settle_failed(attempt, looked.error());
  return try_calls(attempt);
}

Status Carrier::fill(Attempt& attempt) {
  const Bound bound = [this](const std::string& change, const std::string& field) {
    return bindings_.value(change, field);
  };
  const Bound in_path = [&](const std::string& change, const std::string& field) -> Result<Json> {
    LS_ASSIGN(const Json value, bound(change, field));
    return Json(url_encode(scalar_text(value)));
  };
  Supplies supplies = supplies_;
  if (supplies_.secret)
    supplies.secret = [&](const Json& reference) -> Result<std::string> {
      LS_ASSIGN(std::string value, supplies_.secret(reference));
      attempt.secrets.emplace_back(value);
      attempt.secrets.emplace_back(base64_encode(value));
      return value;
    };
  const model::Action& action = attempt.action;
  attempt.call.method = action.method;
  attempt.call.effect = action.effect;
  attempt.call.family = action.family;
  LS_ASSIGN(attempt.call.path, fill_in_text(action.path, in_path));
  LS_ASSIGN(attempt.call.query, fill_in(action.query, bound, supplies));
  if (const Json& content = raw_content(action.body);
      content.is_object() && !content.contains("encoding")) {
    if (!supplies.content)
      return fail("not-found", "there is no content store", about_change(attempt.change));
    LS_ASSIGN(attempt.bytes, supplies.content(text_at(content, "sha256")));
    attempt.raw = true;
    return {};
  }
  LS_ASSIGN(attempt.call.body, fill_in(action.body, bound, supplies));
  return {};
}

Status Carrier::look_before(Attempt& attempt) {
  if (!attempt.binding || attempt.was_in_doubt || attempt.kind == nullptr ||
      !needs_look_before(*attempt.kind))
    return {};
  ++calls_;
  LS_ASSIGN(const std::set<std::string> ids,
            ids_of_same_key(*attempt.kind, target_, attempt.change, run_.stop));
  attempt.entry.answer = {{kBefore, ids}};
  return {};
}

Result<Json> Carrier::call_once(Attempt& attempt) {
  ++calls_;
  Result<Json> answer = Json::object();
  if (attempt.raw) {
    const Result<std::string> bytes = target_.call_bytes(attempt.call, attempt.bytes, run_.stop);
    if (!bytes)
      answer = fail(bytes.error());
    else if (Result<Json> parsed = parse_json(*bytes, attempt.action.name); parsed)
      answer = std::move(parsed);  // answers to bytes need not be JSON
  } else {
    answer = target_.call(attempt.call, run_.stop);
  }
  if (answer) return answer;
  Error error = answer.error();
  for (const world::Secret& secret : attempt.secrets)
    if (secret.reveal().size() > 3)
      for (std::string* text : {&error.message, &error.about, &error.remedy})
        *text = replace_all(std::move(*text), secret.reveal(), "***");
  if (!attempt.secrets.empty()) error.cause = nullptr;
  return fail(std::move(error));
}

// Repeats a call that the far side refuses only for now (an object that is still stopping).
Result<Json> Carrier::call_patiently(Attempt& attempt) {
  const std::vector<std::string>& passing = attempt.action.outwaited;
  world::Millis waited{0}, pause{1'000};
  while (true) {
    Result<Json> answer = call_once(attempt);
    if (answer || std::find(passing.begin(), passing.end(), answer.error().code) == passing.end())
      return answer;
    if (waited >= kOutwaited) return answer;
    if (!run_.world.clock.sleep(pause, run_.stop))
      return fail("cancelled", "stopped while waiting", attempt.call.path);
    waited += pause;
    pause = std::min(pause * 2, world::Millis{30'000});
  }
}

Carried Carrier::try_calls(Attempt& attempt) {
  for (int tries = 0; tries < kMostCreates; ++tries) {
    if (run_.stop.stop_requested()) return {Carried::End::stopped};
    attempt.entry.started = now();
    attempt.entry.outcome = Outcome::pending;
    if (const Status status = journal_.intend(attempt.entry); !status)
      return {Carried::End::journal_failed, status.error()};
    const Result<Json> answer = call_patiently(attempt);
    if (answer) {
      const std::string id = attempt.action.binds.empty()
                                 ? std::string()
                                 : scalar_text(at_path(*answer, attempt.action.binds));
      if (attempt.action.binds.empty() || !id.empty()) return settle_done(attempt, id, *answer);
      if (std::optional<Carried> found = find_created(attempt, kPatient)) return *found;
      return keep_in_doubt(
          attempt,
          {"bad-answer", "the answer has no '" + attempt.action.binds + "'",
           about_change(attempt.change), "run apply again: it looks for the object first"});
    }
    if (std::optional<Carried> end = judge_failure(attempt, answer.error())) return *end;
  }
  return keep_in_doubt(attempt,
                       {"in-doubt",
                        "the target did not say what became of " + std::to_string(kMostCreates) +
                            " calls to create it, and does not list it",
                        about_change(attempt.change),
                        "wait until the target answers reliably, then run apply again"});
}

// Nothing: it is certain that nothing was made, and the call may be repeated.
std::optional<Carried> Carrier::judge_failure(Attempt& attempt, const Error& error) {
  if (is_cut_off(error)) return Carried{Carried::End::stopped};
  if (is_tolerated(attempt.action, error)) {
    if (attempt.binding && !attempt.action.binds.empty())
      if (std::optional<Carried> found = find_created(attempt, 0)) return found;
    return settle_done(attempt, "", Json::object());
  }
  if (error.code == "in-doubt") {
    attempt.was_in_doubt = true;
    if (attempt.binding) return find_created(attempt, kPatient);
    return std::nullopt;
  }
  if (error.code == "already-exists" && attempt.binding) {
    // After a doubt this is most likely our own, which was not listed yet.
    if (attempt.was_in_doubt)
      if (std::optional<Carried> found = find_created(attempt, kPatient)) return found;
    Error clash = error;
    clash.about = about_change(attempt.change);
    clash.remedy =
        "something of that name appeared in the target since the plan was made: run 'lakeshift "
        "discover' "
        "and 'lakeshift plan' again, then decide to adopt, rename or exclude it";
    return settle_failed(attempt, std::move(clash));
  }
  return settle_failed(attempt, error);
}

std::optional<Carried> Carrier::find_created(Attempt& attempt, int patience) {
  if (attempt.kind == nullptr) return std::nullopt;
  std::set<std::string> taken = bindings_.taken_by_others(attempt.change);
  for (const Json& id : member(attempt.entry.answer, kBefore)) taken.insert(scalar_text(id));
  for (int look = 0;; ++look) {
    ++calls_;
    const Result<std::optional<LookedUp>> found =
        look_up(*attempt.kind, target_, attempt.change, taken, run_.stop);
    if (!found && is_cut_off(found.error())) return Carried{Carried::End::stopped};
    if (!found) return keep_in_doubt(attempt, found.error());
    if (*found) {
      Json document = (*found)->document;
      if (document.is_null() && !attempt.kind->get.empty()) {
        const Result<Json> read = read_document(*attempt.kind, target_, (*found)->id, run_.stop);
        if (read) document = *read;
      }
      return settle_done(attempt, (*found)->id, document);
    }
    if (look >= patience) return std::nullopt;
    if (!run_.world.clock.sleep(kLookupPauses[look], run_.stop))
      return Carried{Carried::End::stopped};
  }
}

Carried Carrier::settle_done(Attempt& attempt, const std::string& id, const Json& answer) {
  std::string bound = id;
  if (bound.empty() &&
      binding_action(attempt.change) == static_cast<std::size_t>(attempt.entry.action)) {
    const model::Change& change = attempt.change;
    bound = !change.target_id.empty()    ? change.target_id
            : !change.target_key.empty() ? change.target_key
                                         : change.key;
  }
  const Json wanted = bindings_.wanted_of(attempt.change, answer, attempt.action.binds);
  attempt.entry.outcome = Outcome::done;
  attempt.entry.bound_id = bound;
  attempt.entry.answer = wanted.empty() ? Json() : wanted;
  attempt.entry.ended = now();
  if (const Status status = journal_.settle(attempt.entry); !status)
    return {Carried::End::journal_failed, status.error()};
  bindings_.bind(attempt.change, bound, wanted);
  return {Carried::End::done};
}

Carried Carrier::settle_failed(Attempt& attempt, Error error) {
  if (error.about.empty()) error.about = about_change(attempt.change);
  const bool refused = error.http_status >= 400 && error.http_status < 500;
  attempt.entry.outcome = refused ? Outcome::refused : Outcome::failed;
  attempt.entry.error_code = error.code;
  attempt.entry.error_message = error.message;
  attempt.entry.error_remedy = error.remedy;
  attempt.entry.ended = now();
  if (const Status status = journal_.settle(attempt.entry); !status)
    return {Carried::End::journal_failed, status.error()};
  return {Carried::End::failed, std::move(error)};
}

// The journal keeps the open intent: the next run looks again before it repeats anything.
Carried Carrier::keep_in_doubt(Attempt& attempt, Error error) {
  if (error.about.empty()) error.about = about_change(attempt.change);
  return {Carried::End::failed, std::move(error)};
}

}  // namespace lakeshift::engine
