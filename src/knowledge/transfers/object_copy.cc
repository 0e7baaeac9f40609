#include "knowledge/transfers/object_copy.h"

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::transfers {

using stores::ObjectFields;
using stores::ObjectPart;
using stores::ObjectStore;
using stores::Refusal;

namespace {

using Kind = ObjectOutcome::Kind;

// The object is to blame, not the connection.
bool is_of_object(const Error& error) {
  constexpr std::array kCodes = {"refused", "permission-denied", "archived", "not-found",
                                 "changed"};
  return std::any_of(kCodes.begin(), kCodes.end(),
                     [&](const char* code) { return error.code == code; });
}

class Carrying {
 public:
  Carrying(ObjectStore& from, ObjectStore& to, const ObjectTask& task,
           const ObjectDecision& decision, world::Run& run)
      : from_(from), to_(to), task_(task), decision_(decision), run_(run) {}

  Result<ObjectOutcome> carry() {
    outcome_.held = task_.held;
    outcome_.held.key = task_.key();
    outcome_.left.key = task_.key();
    if (decision_.step == ObjectStep::remove) return remove();
    if (const auto refusal = to_.name_refusal(task_.from)) return left(*refusal);
    LS_ASSIGN(const auto archived, from_.read_refusal(task_.from, run_));
    if (archived) return left(*archived);
    const Status done = copy();
    if (done) return std::move(outcome_);
    if (!is_of_object(done.error())) return fail(done.error());
    if (done.error().code == "changed" || done.error().code == "not-found") {
      outcome_.kind = Kind::moving;
      return std::move(outcome_);
    }
    return left({done.error().code == "archived" ? "object-archived" : "object-refused",
                 done.error().message,
                 done.error().remedy.empty() ? "see what the service says" : done.error().remedy});
  }

 private:
  Result<ObjectOutcome> left(const Refusal& refusal) {
    outcome_.kind = Kind::left;
    outcome_.left = {task_.key(), refusal.code, refusal.reason, refusal.remedy, false};
    return std::move(outcome_);
  }

  Result<ObjectOutcome> remove() {
    const Status removed = to_.remove(task_.key(), task_.to.etag, run_);
    outcome_.kind = removed ? Kind::removed : Kind::moving;
    if (!removed && removed.error().code != "changed") return fail(removed.error());
    return std::move(outcome_);
  }

  Status copy() {
    const std::string& key = task_.key();
    std::int64_t block = to_.block_size(task_.from.size);
    LS_ASSIGN(ObjectPart first,
              from_.read(key, 0, std::max<std::int64_t>(1, block), {}, true, run_));
    if (const auto refusal = to_.field_refusal(first.fields)) {
      outcome_.kind = Kind::left;
      outcome_.left = {key, refusal->code, refusal->reason, refusal->remedy, false};
      return {};
    }
    if (!first.fields.foreign.empty())
      outcome_.left = {key, "object-field-left",
                       "has no place on the other side: " + join(first.fields.foreign, ", "),
                       "accept the code, or see to it by hand", true};
    HeldObject& held = outcome_.held;
    held.fields = fields_digest(first.fields);
    held.from_etag = first.etag;
    held.from_stamp = first.young ? "" : first.stamp;
    held.size = first.size;
    if (first.size > static_cast<std::int64_t>(first.bytes.size())) {
      if (to_.block_size(first.size) != block)
        return fail("changed", "it has grown while it was listed", key);
      return copy_blocks(std::move(first), block);
    }
    held.sha256 = sha256_hex(first.bytes);
    if (is_there_already(held)) return {};
    outcome_.bytes = first.size;
    LS_ASSIGN(const stores::Written written,
              to_.put(key, first.bytes, first.fields, decision_.condition, run_));
    return wrote(written);
  }

  // Looked at again although nothing was changed.
  bool is_there_already(const HeldObject& now) {
    const HeldObject& before = task_.held;
    if (!before.known || before.writing || before.sha256 != now.sha256 ||
        before.fields != now.fields || before.to_etag != task_.to.etag || task_.to.key.empty())
      return false;
    outcome_.kind = Kind::same;
    outcome_.held.writing = false;
    return true;
  }

  Status wrote(const stores::Written& written) {
    outcome_.kind = Kind::copied;
    outcome_.held.to_etag = written.etag;
    outcome_.held.to_stamp.clear();
    outcome_.held.writing = false;
    return {};
  }

  Status copy_blocks(ObjectPart part, std::int64_t block) {
    const std::string key = task_.key(), etag = part.etag;
    const std::int64_t size = part.size;
    const ObjectFields fields = part.fields;
    LS_ASSIGN(const auto upload, to_.begin(key, fields, part.stamp, block, run_));
    Digester sha(Digester::Kind::sha256), md5(Digester::Kind::md5);
    for (std::int64_t number = 0, at = 0; at < size; ++number) {
      if (number > 0) {
        LS_ASSIGN(part, from_.read(key, at, block, etag, false, run_));
      }
      if (static_cast<std::int64_t>(part.bytes.size()) != std::min(block, size - at))
        return fail("changed", "the answer has another length than asked for", key);
      sha.add(part.bytes);
      md5.add(part.bytes);
      LS_ASSIGN(const bool sent, upload->send(number, part.bytes));
      outcome_.blocks_there += sent ? 0 : 1;
      outcome_.bytes += sent ? static_cast<std::int64_t>(part.bytes.size()) : 0;
      at += static_cast<std::int64_t>(part.bytes.size());
    }
    outcome_.held.sha256 = to_hex(sha.bytes());
    LS_ASSIGN(const stores::Written written,
              upload->finish(fields, md5.bytes(), decision_.condition));
    return wrote(written);
  }

  ObjectStore& from_;
  ObjectStore& to_;
  const ObjectTask& task_;
  const ObjectDecision& decision_;
  world::Run& run_;
  ObjectOutcome outcome_;
};

ObjectDecision conflict(const std::string& reason) { return {ObjectStep::conflict, {}, reason}; }

}  // namespace

ObjectDecision decide_object(const ObjectTask& task) {
  const bool here = !task.from.key.empty(), there = !task.to.key.empty();
  const HeldObject& held = task.held;
  if (here && task.from.is_folder) return {};
  if (there && task.to.is_folder) return {};
  // What a run that was killed was about to write is ours, whatever came of it.
  const bool ours = held.known && (held.writing || held.to_etag == task.to.etag);
  if (!here) {
    if (!held.known) return conflict("it is only there, and not from this move");
    if (!ours) return conflict("it was removed here, and changed there by somebody else");
    return {ObjectStep::remove, {stores::Condition::Kind::same, task.to.etag}, {}};
  }
  if (!there) return {ObjectStep::copy, {}, {}};
  if (!held.known) return conflict("it was there before, and is not from this move");
  if (!ours) return conflict("it was changed there by somebody else");
  if (!held.writing && held.from_stamp == task.from.stamp) return {};
  return {ObjectStep::copy, {stores::Condition::Kind::same, task.to.etag}, {}};
}

std::string fields_digest(const ObjectFields& fields) {
  return sha256_hex(dump_json(Json::array(
      {fields.content_type, fields.content_encoding, fields.content_disposition,
       fields.content_language, fields.cache_control, fields.metadata, fields.tags, fields.tier})));
}

Result<ObjectOutcome> carry_object(ObjectStore& from, ObjectStore& to, const ObjectTask& task,
                                   const ObjectDecision& decision, world::Run& run) {
  Carrying carrying(from, to, task, decision, run);
  return carrying.carry();
}

}  // namespace lakeshift::transfers
