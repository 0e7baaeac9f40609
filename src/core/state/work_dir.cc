#include "core/state/work_dir.h"

#include <charconv>

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "core/state/database.h"
#include "core/state/schema.h"

namespace lakeshift::state {
namespace {

constexpr std::string_view kFormatHead = "lakeshift work directory ";
constexpr int kArtefactVersion = 1;

std::string format_text() {
  return std::string(kFormatHead) + std::to_string(kFormatVersion) + "\n";
}

Status check_format(std::string_view text, const std::string& path) {
  int version = 0;
  const std::string_view line = trim(text);
  if (line.starts_with(kFormatHead)) {
    const std::string_view digits = line.substr(kFormatHead.size());
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (parsed.ptr != digits.data() + digits.size()) version = 0;
  }
  if (version < 1)
    return fail(
        "corrupt-state", "the format file reads '" + printable(line.substr(0, 60)) + "'", path,
        "restore it from a backup, or write '" + std::string(trim(format_text())) + "' into it");
  if (version > kFormatVersion)
    return fail("newer-format",
                "the work directory has format " + std::to_string(version) +
                    ", this lakeshift knows up to " + std::to_string(kFormatVersion),
                path, "use the newer lakeshift that wrote it");
  return {};
}

// The command that makes an artefact, for the remedy when it is missing.
std::string maker_of(const std::string& name) { return name.substr(0, name.find('.')); }

bool is_digest(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<WorkDir>> WorkDir::create(world::World& world, const std::string& root) {
  std::unique_ptr<WorkDir> dir(new WorkDir(world, root, Access::change));
  if (world.files.exists(dir->path("format")))
    return fail("already-exists", "there is a work directory already", root,
                "use it as it is, or choose another folder");
  LS_TRY(world.files.make_directories(dir->path("content")));
  LS_ASSIGN(dir->lock_, world::lock_file(dir->path("lock")));
  LS_ASSIGN(std::unique_ptr<Database> database,
            Database::open(dir->database_path(), Database::Mode::create));
  LS_TRY(database->ensure_schema());
  // Last: a creation that was interrupted leaves no work directory.
  LS_TRY(world.files.write_atomically(dir->path("format"), format_text()));
  return dir;
}

Result<std::unique_ptr<WorkDir>> WorkDir::open(world::World& world, const std::string& root,
                                               Access access) {
  std::unique_ptr<WorkDir> dir(new WorkDir(world, root, access));
  const Result<std::string> format = world.files.read(dir->path("format"));
  if (!format && format.error().code == "not-found")
    return fail("not-initialised", "this is not a work directory of lakeshift", root,
                "run 'lakeshift init' there, or name another folder with --dir");
  if (!format) return fail_because(format.error(), root, "could not open the work directory");
  LS_TRY(check_format(*format, dir->path("format")));
  if (access == Access::change) {
    LS_ASSIGN(dir->lock_, world::lock_file(dir->path("lock")));
  }
  if (!world.files.exists(dir->database_path()))
    return fail(
        "corrupt-state", "the state database is missing", dir->database_path(),
        "restore it from a backup; without one, make a new work directory and run 'lakeshift "
        "discover' and "
        "'lakeshift plan': what was already created is recognised in the target and adopted");
  LS_ASSIGN(std::unique_ptr<Database> database,
            Database::open(dir->database_path(), access == Access::change ? Database::Mode::change
                                                                          : Database::Mode::read));
  LS_TRY(database->check_schema_version());
  if (access == Access::change) {
    LS_TRY(database->check());
    LS_TRY(database->ensure_schema());
  }
  return dir;
}

Status WorkDir::save_artefact(const std::string& name, const Json& value) const {
  Json artefact = value.is_object() ? value : Json{{"value", value}};
  if (!artefact.contains("format")) artefact["format"] = name;
  if (!artefact.contains("version")) artefact["version"] = kArtefactVersion;
  return world_.files.write_atomically(path(name + ".json"), dump_json_pretty(artefact) + "\n");
}

Result<Json> WorkDir::load_artefact(const std::string& name) const {
  const std::string file = path(name + ".json");
  Result<std::string> text = world_.files.read(file);
  if (!text && text.error().code == "not-found")
    return fail("not-found", "there is no '" + name + "' yet", root_,
                "run 'lakeshift " + maker_of(name) + "' first");
  if (!text) return fail(text.error());
  Result<Json> artefact = parse_json(*text, file);
  const std::string again = "run 'lakeshift " + maker_of(name) + "' again";
  if (!artefact)
    return fail("corrupt-state", "the artefact is damaged: " + artefact.error().message, file,
                again);
  if (!artefact->is_object() || text_at(*artefact, "format").empty())
    return fail("corrupt-state", "the artefact has no 'format'", file, again);
  const long long version = int_at(*artefact, "version", 0);
  if (version > kArtefactVersion)
    return fail("newer-format",
                "the artefact has version " + std::to_string(version) +
                    ", this lakeshift knows up to " + std::to_string(kArtefactVersion),
                file, "use the newer lakeshift that wrote it, or " + again);
  if (artefact->size() == 3 && artefact->contains("value"))
    return Json(std::move((*artefact)["value"]));
  return artefact;
}

Result<std::string> WorkDir::put_content(std::string_view bytes) const {
  std::string digest = sha256_hex(bytes);
  const std::string folder = path("content/" + digest.substr(0, 2));
  const std::string file = folder + "/" + digest;
  if (world_.files.exists(file)) return digest;
  LS_TRY(world_.files.make_directories(folder));
  LS_TRY(world_.files.write_atomically(file, bytes));
  return digest;
}

Result<std::string> WorkDir::get_content(const std::string& sha256) const {
  if (!is_digest(sha256))
    return fail("not-found", "'" + printable(sha256) + "' is not a sha256 digest", root_);
  const std::string file = path("content/" + sha256.substr(0, 2) + "/" + sha256);
  Result<std::string> bytes = world_.files.read(file);
  const char* again = "run 'lakeshift discover' again";
  if (!bytes && bytes.error().code == "not-found")
    return fail("not-found", "the content store does not hold this content", file, again);
  if (!bytes) return bytes;
  const std::string actual = sha256_hex(*bytes);
  if (actual != sha256)
    return fail("corrupt-content",
                "the content has digest " + actual + " where its name says " + sha256, file,
                "remove the file and " + std::string(again));
  return bytes;
}

}  // namespace lakeshift::state
