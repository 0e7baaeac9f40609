#include "core/base/json.h"
#include "core/model/field.h"
#include "knowledge/kinds/describe.h"
#include "knowledge/kinds/registry.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"
#include "surfaces/report/table.h"

namespace lakeshift::cli::kinds_command {
namespace {

class Kinds final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("kind", kind_, "show the fields of this kind");
  }

  Result<Ending> run(Session& session) override {
    if (!kind_.empty()) return show_fields(session);
    std::vector<std::vector<report::Cell>> rows;
    for (const engine::Kind* kind : kinds::all_kinds()) {
      rows.push_back({{std::string(kind->name)},
                      {std::string(kind->title)},
                      {kind->moves ? "moves" : "counted",
                       kind->moves ? report::Tone::good : report::Tone::dim},
                      {kind->permissions.empty() ? "" : "yes"},
                      {std::to_string(field_count(*kind))}});
    }
    session.out.print(report::format_table(
        {{"kind"}, {"title"}, {"what happens"}, {"permissions"}, {"fields", true}}, rows,
        session.out.style()));
    return Ending{Exit::done, kinds::describe_kinds(kinds::all_kinds())};
  }

 private:
  static long long field_count(const engine::Kind& kind) {
    long long count = 0;
    model::list_patterns(kind.fields, [&](const std::string&, const model::Field&) { ++count; });
    return count;
  }

  Result<Ending> show_fields(Session& session) const {
    static constexpr const char* kRoles[] = {"settable",  "at creation only",
                                             "read only", "write only",
                                             "secret",    "set by calls of its own"};
    const engine::Kind* kind = engine::find_kind(kinds::all_kinds(), kind_);
    if (!kind)
      return fail("usage", "there is no kind '" + kind_ + "'", {}, "'lakeshift kinds' lists them");
    std::vector<std::vector<report::Cell>> rows;
    model::list_patterns(kind->fields, [&](const std::string& pattern, const model::Field& field) {
      if (field.name == "$self") return;  // says how the whole document is translated
      const char* role = kRoles[static_cast<std::size_t>(field.role)];
      rows.push_back({{pattern}, {role}, {std::string(field.target)}});
    });
    session.out.print(
        report::format_table({{"field"}, {"role"}, {"refers to"}}, rows, session.out.style()));
    return Ending{Exit::done, kinds::describe_kind(*kind)};
  }

  std::string kind_;
};

}  // namespace

extern const Command kDefinition{
    .name = "kinds",
    .order = 130,
    .summary = "list the kinds of objects lakeshift knows, and their fields",
    .details = "",
    .examples = "lakeshift kinds\nlakeshift kinds job",
    .selects = false,
    .remote = false,
    .make = make_invocation<Kinds>,
};

}  // namespace lakeshift::cli::kinds_command
