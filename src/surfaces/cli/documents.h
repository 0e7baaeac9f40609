// The reader that puts all artefacts together for report and status.
#pragma once

#include <memory>
#include <optional>

#include "surfaces/cli/migration.h"
#include "surfaces/report/report_data.h"

namespace lakeshift::cli {

// Everything that is there, offline. Keeps what the input points into.
struct Documents {
  std::optional<model::Plan> plan;
  std::optional<model::Inventory> source, target;
  report::ReportInput input;
};
// `route`: "from:to"; empty: that of the plan that was made last.
Result<std::unique_ptr<Documents>> load_documents(Session& session, Migration& migration,
                                                  const std::string& route);

}  // namespace lakeshift::cli
