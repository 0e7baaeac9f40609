// Masked staging copies: a move that only follows, every row masked on its way. Production keeps
// the traffic, is never fenced, and publishes the copied tables and no more.
#pragma once

#include <memory>

#include "knowledge/formats/mask_permutation.h"
#include "knowledge/transfers/postgres_apply.h"
#include "knowledge/transfers/postgres_mask_plan.h"
#include "stages/move_run.h"

namespace lakeshift::stages {

// LAKESHIFT_<NAME>_MASK_KEY, or the file that mask_key_file names. Errors "no-mask-key",
// "weak-mask-key" (fewer than 16 characters).
Result<formats::MaskKey> find_mask_key(world::World& world, const MoveConfig& move);

// A copy of some rows is frozen: it follows nothing, and stands alone as soon as it is made.
bool is_subset(const MoveConfig& move);

// For the change apply: the masks of a table's columns as the source's catalogue is when its first
// change, or a change of its definition, comes.
using MaskSource = std::function<Result<formats::RowMask>(const std::string&, const std::string&,
                                                          const std::vector<std::string>&)>;
MaskSource follow_masks(const MoveConfig& move, const databases::PostgresAddress& source,
                        world::Run& run);

// The plan of this copy's masks. Its findings go into the report, with gate "masks".
Result<transfers::MaskPlan> look_at_masks(MoveRun& move, databases::PostgresSession& source);
// Gate "servers apart": roles belong to a whole server, so a copy beside production would fence it.
Status look_at_servers_apart(MoveRun& move, databases::PostgresSession& source,
                             databases::PostgresSession& target);
// Remembers which column is masked how; says which are new. Error "masks-changed": the key or a
// column's mask is not what rows that are there were masked with.
Status keep_masks(MoveRun& move, const transfers::MaskPlan& plan);
// Findings "mask-constraint": false when there are any.
Result<bool> try_staging_masks(MoveRun& move, databases::PostgresSession& source,
                               databases::PostgresSession& target, const transfers::MaskPlan& plan);

// As prove_rows(), against the source's rows masked.
Result<RowsProof> prove_masked_rows(MoveRun& move, const WaitApplied& wait, std::stop_token stop);

// `cutover` and `rollback` of a staging copy: refused.
Result<MoveReport> refuse_switch(MoveRun& move);
// The copy stands alone: sequences moved ahead, applications let in, slot and publication gone.
Result<MoveReport> complete_staging(MoveRun& move);

}  // namespace lakeshift::stages
