#include "surfaces/cli/sides.h"
#include "surfaces/report/style.h"
#include "surfaces/report/table.h"

namespace lakeshift::cli::discover_command {
namespace {

class Discover final : public Invocation {
 public:
  void declare(Options& options) override {
    options.list("side", sides_, "connections to read; all when none is named");
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    if (sides_.empty())
      for (const stages::Connection& connection : migration.config.connections)
        sides_.push_back(connection.name);
    Json sides = Json::object();
    std::vector<model::Finding> findings;
    for (const std::string& side : sides_) {
      LS_ASSIGN(auto platform, connect_side(session, migration, side));
      LS_ASSIGN(ReadSide read, read_side(session, migration, *platform));
      sides[side] = side_json(read);
      session.out.print(side_text(read, session.out.style()));
      findings.insert(findings.end(), read.findings.begin(), read.findings.end());
    }
    print_findings(session, findings, 10);
    session.out.print("next: lakeshift plan\n");
    const Exit exit = any_blocking(findings) ? Exit::blocked : Exit::done;
    return Ending{exit, {{"sides", sides}, {"findings", findings_json(findings)}}};
  }

 private:
  static Json side_json(const ReadSide& read) {
    Json kinds = Json::object();
    long long found = 0;
    for (const model::KindCount& count : read.inventory.counts) {
      kinds[count.kind] = {{"listed", count.listed},
                           {"out_of_scope", count.out_of_scope},
                           {"moves", count.moves},
                           {"unavailable", count.unavailable}};
      if (count.moves) found += count.listed - count.out_of_scope;
    }
    return {{"found", found},
            {"calls", read.calls},
            {"kinds", kinds},
            {"platform", read.inventory.platform}};
  }

  static std::string side_text(const ReadSide& read, const report::Style& style) {
    std::vector<std::vector<report::Cell>> rows;
    std::string absent;
    for (const model::KindCount& count : read.inventory.counts) {
      if (!count.unavailable.empty() && !count.moves)
        absent += (absent.empty() ? "" : ", ") + count.kind;
      if (count.listed == 0 && (count.unavailable.empty() || !count.moves)) continue;
      std::string note = count.unavailable;
      for (const auto& [reason, number] : count.out_of_scope_reasons)
        note += (note.empty() ? "" : "; ") + report::grouped(number) + " " + reason;
      if (!count.moves)
        note += std::string(note.empty() ? "" : "; ") + "counted, not moved by this version";
      rows.push_back(
          {{count.kind},
           {report::grouped(count.listed)},
           {count.out_of_scope == 0 ? "·" : report::grouped(count.out_of_scope), report::Tone::dim},
           {note, report::Tone::dim}});
    }
    return report::paint(style, report::Tone::strong, read.inventory.side) + "\n" +
           report::format_table({{"kind"}, {"listed", true}, {"out of scope", true}, {"note"}},
                                rows, style) +
           (absent.empty()
                ? ""
                : report::paint(style, report::Tone::dim, "not offered here: " + absent) + "\n") +
           "\n";
  }

  std::vector<std::string> sides_;
};

}  // namespace

extern const Command kDefinition{
    .name = "discover",
    .order = 20,
    .summary = "read everything on both sides into the inventory",
    .details =
        "Only reads. Every list and object is read once; what could not be read completely is in "
        "the inventory with its\n"
        "reason. Exit code 3 when a whole list could not be read.",
    .examples = "lakeshift discover\nlakeshift discover old --parallel 16",
    .selects = false,
    .remote = true,
    .make = make_invocation<Discover>,
};

}  // namespace lakeshift::cli::discover_command
