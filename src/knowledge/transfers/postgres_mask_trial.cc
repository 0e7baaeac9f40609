// Do the target's constraints take masked rows? Asked before the copy, of the rows themselves.
#include <fmt/format.h>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_copy_plan.h"
#include "knowledge/transfers/postgres_mask_plan.h"
#include "knowledge/transfers/postgres_triggers.h"

namespace lakeshift::transfers {

using databases::PostgresSession;

namespace {

constexpr int kTrialRows = 1000;
constexpr std::int64_t kWhole = std::int64_t{1} << 62;

// Rows of the table, masked, put there and taken back.
Status try_table(PostgresSession& source, PostgresSession& target, const CopyTable& table,
                 const formats::RowMask& mask) {
  std::string rows;
  const std::string read =
      fmt::format("COPY (SELECT {} FROM ONLY {} LIMIT {}) TO STDOUT", table.columns,
                  databases::quote_name(table.name.first, table.name.second), kTrialRows);
  LS_TRY(source.copy_out(read, [&](std::string_view row) {
    rows += mask.apply(row);
    return Status{};
  }));
  LS_TRY(target.exec("BEGIN"));
  Status put = target.begin_copy(copy_in_sql(table));
  if (put) put = target.put_copy(rows);
  if (put) {
    const auto taken = target.finish_copy();
    if (!taken) put = fail(taken.error());
  }
  LS_TRY(target.exec("ROLLBACK"));
  return put;
}

}  // namespace

Result<std::vector<model::Finding>> try_masks(PostgresSession& source, PostgresSession& target,
                                              const std::vector<TableName>& tables,
                                              const MaskPlan& plan) {
  std::vector<model::Finding> findings;
  LS_TRY(silence_session(target));
  for (const TableName& name : tables) {
    LS_ASSIGN(CopyTable table, plan_copy(source, target, name, kWhole));
    const formats::RowMask mask = plan.of(name, table.names);
    if (!mask.masks_any() || table.columns.empty()) continue;
    table.binary = false;
    const Status tried = try_table(source, target, table, mask);
    if (tried) continue;
    const std::string& code = tried.error().code;
    if (!code.starts_with("22") && !code.starts_with("23")) return fail(tried.error());
    model::Finding finding;
    finding.code = "mask-constraint";
    finding.severity = model::Severity::blocking;
    finding.kind = "table";
    finding.key = table_text(name);
    finding.where = "target";
    finding.cause = "the target refuses a masked row: " + tried.error().message + " (" + code + ")";
    finding.remedy =
        "declare a mask that the constraint takes for the columns it names ('keep' where they tell "
        "of nobody), or drop it in the target";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace lakeshift::transfers
