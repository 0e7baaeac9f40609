// The work directory: where a migration lives between runs. Only one process may change it at a
// time.
#pragma once

#include <memory>
#include <string>

#include "core/model/object.h"
#include "core/model/plan.h"
#include "core/model/verdict.h"
#include "core/world/world.h"

namespace lakeshift::state {

// <root>/lakeshift.yaml          the user's configuration
// <root>/.lakeshift/format       version of everything below
// <root>/.lakeshift/state.sqlite inventories, ledger, journal (WAL)
// <root>/.lakeshift/content/xx/… content by sha256
// <root>/.lakeshift/plan.json, verify.json, …   artefacts, replaced atomically
class WorkDir {
 public:
  // Creates a new work directory. Error "already-exists" when there is one.
  static Result<std::unique_ptr<WorkDir>> create(world::World& world, const std::string& root);
  // Opens for reading (status, report) or for change (takes the lock). Errors: "not-initialised",
  // "locked" (names the process), "newer-format" (says which version to use), "corrupt-state" (says
  // what is lost and what to do).
  enum class Access { read, change };
  static Result<std::unique_ptr<WorkDir>> open(world::World& world, const std::string& root,
                                               Access access);

  const std::string& root() const { return root_; }
  Access access() const { return access_; }
  std::string path(const std::string& name) const { return root_ + "/.lakeshift/" + name; }
  std::string database_path() const { return path("state.sqlite"); }
  world::World& world() const { return world_; }

  // JSON artefacts (<name>.json) with "format" and "version", which are added when the value has
  // none. A value that is no object is wrapped and unwrapped. Errors of load: "corrupt-state",
  // "newer-format".
  Status save_artefact(const std::string& name, const Json& value) const;
  Result<Json> load_artefact(
      const std::string& name) const;  // "not-found" tells which command makes it

  // Content by digest. put returns the sha256. Writing the same bytes twice costs one look.
  Result<std::string> put_content(std::string_view bytes) const;
  Result<std::string> get_content(
      const std::string& sha256) const;  // verifies the digest: "corrupt-content"

 private:
  WorkDir(world::World& world, std::string root, Access access)
      : world_(world), root_(std::move(root)), access_(access) {}
  world::World& world_;
  std::string root_;
  Access access_;
  std::unique_ptr<world::FileLock> lock_;
};

}  // namespace lakeshift::state
