// What the acceptance steps share: calls, waiting, and taking back what was made.
#pragma once

#include <functional>

#include "stages/acceptance.h"

namespace lakeshift::stages {

class AcceptanceSession {
 public:
  AcceptanceSession(engine::Platform& target, const AcceptanceOptions& options, world::Run& run);

  Result<Json> get(const std::string& path, const Json& query, const std::string& family);
  // `effect` create: never repeated blindly.
  Result<Json> post(const std::string& path, const Json& body, const std::string& family,
                    model::Effect effect = model::Effect::idempotent);
  // Reads until `state_of` gives something else than "", which is returned. Error "timeout" tells
  // the last state.
  Result<Json> wait_for(const std::string& path, const Json& query, const std::string& family,
                        const std::function<bool(const Json& answer)>& is_settled,
                        const std::function<std::string(const Json& answer)>& state_of);
  // Runs one notebook or other task once on the cluster and waits. Returns the run; error
  // "run-failed" with its message.
  Result<Json> run_once(const std::string& name, const Json& task, const std::string& cluster_id);
  Result<Json> wait_for_run(const Json& run_id);
  // Puts a Python notebook or a file into the folder of this run; makes the folder at the first
  // call.
  Status put_notebook(const std::string& name, const std::string& source);
  Status put_file(const std::string& name, const std::string& bytes);
  Result<std::string> read_file(const std::string& name);
  std::string path_of(const std::string& name) const { return folder_ + "/" + name; }
  // Removes the folder; "" when none was made, else what was done.
  std::string remove_folder();

  const AcceptanceOptions& options() const { return options_; }
  world::Run& run() { return run_; }

 private:
  Status make_folder();
  Status put(const std::string& name, const std::string& bytes, const Json& more);
  engine::Platform& target_;
  const AcceptanceOptions& options_;
  world::Run& run_;
  std::string folder_;
  bool has_folder_ = false;
};

}  // namespace lakeshift::stages
