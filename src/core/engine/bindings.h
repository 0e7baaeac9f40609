// What placeholders stand for while a plan is carried out: ids and members of answers, learned call
// by call.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "core/engine/kind.h"
#include "core/engine/walk.h"

namespace lakeshift::engine {

// "job 'nightly'": a change in messages.
std::string about_change(const model::Change& change);

// Thread safe.
class Bindings {
 public:
  Bindings(const model::Plan& plan, KindSet kinds, Platform& target, std::stop_token stop);

  // The members of an answer (or document) that placeholders of the plan want; kept in the journal.
  // Never a secret: only what a plan names.
  Json wanted_of(const model::Change& change, const Json& answer, const std::string& binds) const;
  void bind(const model::Change& change, const std::string& id, const Json& wanted);

  // The value of a placeholder.
  Result<Json> value(const std::string& change_id, const std::string& field);
  std::string id_of(const model::Change& change) const;  // "" when it has none yet
  // Ids of objects of the same kind that are known to belong to other changes.
  std::set<std::string> taken_by_others(const model::Change& change) const;

 private:
  Result<Json> member_of_object(const model::Change& change, const std::string& id,
                                const std::string& field);

  struct Known {
    std::string id;
    Json wanted = Json::object();
  };
  KindSet kinds_;
  Platform& target_;
  std::stop_token stop_;
  std::map<std::string, const model::Change*> changes_;
  std::map<std::string, std::set<std::string>> wanted_fields_;
  mutable std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace lakeshift::engine
