#include "core/base/strings.h"
#include "core/state/work_dir.h"
#include "stages/config.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli::init_command {
namespace {

constexpr const char* kFromMark = "@from@";
constexpr const char* kToMark = "@to@";

class Init final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--from", from_, "profile of ~/.databrickscfg of the source");
    options.text("--to", to_, "profile of ~/.databrickscfg of the target");
    options.text("--from-host", from_host_,
                 "URL of the source; the token comes from LAKESHIFT_OLD_TOKEN");
    options.text("--to-host", to_host_,
                 "URL of the target; the token comes from LAKESHIFT_NEW_TOKEN");
    options.flag("--keep", keep_, "keep a lakeshift.yaml that is there already");
  }

  Result<Ending> run(Session& session) override {
    world::Files& files = session.run.world.files;
    const std::string path = session.options.dir + "/lakeshift.yaml";
    const bool there = files.exists(path);
    if (there && !keep_)
      return fail("already-exists", "there is a configuration already", path,
                  "use --keep to keep it, or choose another folder with --dir");
    if (there) LS_TRY(stages::load_config(session.run.world, session.options.dir));
    LS_TRY(files.make_directories(session.options.dir));
    LS_ASSIGN(const auto dir, state::WorkDir::create(session.run.world, session.options.dir));
    if (!there) LS_TRY(files.write_atomically(path, configuration()));
    session.out.print((there ? "kept " : "wrote ") + path +
                      "\nnext: " + (there ? "" : "look at it, then ") + "lakeshift discover\n");
    return Ending{Exit::done, {{"configuration", path}, {"kept", there}}};
  }

 private:
  std::string configuration() const {
    std::string text = stages::config_template(kFromMark, kToMark);
    text = replace_all(std::move(text), std::string("profile: ") + kFromMark,
                       access(from_, from_host_, "OLD"));
    return replace_all(std::move(text), std::string("profile: ") + kToMark,
                       access(to_, to_host_, "NEW"));
  }
  static std::string access(const std::string& profile, const std::string& host,
                            const std::string& fallback) {
    return host.empty() ? "profile: " + (profile.empty() ? fallback : profile) : "host: " + host;
  }

  std::string from_, to_, from_host_, to_host_;
  bool keep_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "init",
    .order = 10,
    .summary = "make a work directory with a commented lakeshift.yaml",
    .details =
        "The work directory holds one migration: its configuration, everything that was read and "
        "planned, and the\n"
        "journal that makes runs resumable. No secret belongs into lakeshift.yaml.",
    .examples =
        "lakeshift init --from OLD --to NEW\n"
        "lakeshift init --dir ~/move --from-host https://adb-1.2.azuredatabricks.net --to-host "
        "https://dbc-3.cloud.databricks.com",
    .selects = false,
    .remote = false,
    .make = make_invocation<Init>,
};

}  // namespace lakeshift::cli::init_command
