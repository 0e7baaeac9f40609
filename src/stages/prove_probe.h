// One experiment: the source's statement and its translation on the same rows.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "knowledge/engines/engine.h"
#include "stages/prove_source.h"
#include "stages/prove_tables.h"

namespace lakeshift::stages {

// What a statement left: its rows; for one that changes tables, what each of them holds.
using Outcome = std::vector<engines::Answer>;
// Whether all of it is there: it may have been stopped by a limit, or have more rows than are read.
enum class End { whole, endless, cut };
End end_of(const Outcome& outcome);

// The rows in other orders: backwards, and by every column up and down. Of rows with one key that
// differ in one column, the least and the greatest come last in one of them.
std::vector<TableRows> other_orders(const TableRows& rows);

class Probe {
 public:
  Probe(engines::Session& source, engines::Session& target, const SourceForm& form,
        std::vector<ProveTable> tables)
      : source_(source), target_(target), form_(form), tables_(std::move(tables)) {}

  const std::vector<ProveTable>& tables() const { return tables_; }
  bool changes() const { return form_.changes; }
  // Errors are those of an engine that is gone.
  Result<Outcome> ask_source(const TableRows& rows);
  Result<Outcome> ask_target(const TableRows& rows, const std::string& statement);
  // Each statement on the same rows.
  Result<std::vector<Outcome>> ask_target_each(const TableRows& rows,
                                               const std::vector<std::string>& statements);
  // Empty when equal.
  std::string compare(const Outcome& source, const Outcome& target) const;
  // Whether the source answers otherwise when its rows lie in another order: then SQL does not say
  // what it must answer.
  Result<bool> depends_on_order(const TableRows& rows, const Outcome& first);
  // As many of the rows, on which the source fails, as it does not fail on; the rows as they are
  // when that takes too long to find.
  Result<TableRows> without_failures(TableRows rows);

 private:
  Outcome outcome_of(std::vector<engines::Answer> answers, std::size_t expected) const;
  std::vector<std::string> reads() const;
  // Whether the statement may write to the table.
  bool writes(const ProveTable& table) const;
  std::string written_name(std::size_t index) const;
  // The statements that make the tables, without those that would make again what is there.
  std::vector<std::string> missing_views(const TableRows& rows);

  engines::Session& source_;
  engines::Session& target_;
  const SourceForm& form_;
  std::vector<ProveTable> tables_;
  std::vector<std::string> views_;  // as the target has them now
};

}  // namespace lakeshift::stages
