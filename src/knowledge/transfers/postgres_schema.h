// The definitions of a PostgreSQL database, carried to another in three parts: before the data
// (roles, types, tables, code), after it (indexes, constraints, triggers, rights, settings), and
// validation (foreign keys are checked, materialised views filled) last of all.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/world/world.h"
#include "knowledge/databases/postgres_dump.h"
#include "knowledge/databases/postgres_managed.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

enum class SchemaPart { before_data, after_data, validation };
std::string_view to_text(SchemaPart part);

struct SchemaStep {
  std::string kind, name;  // "TABLE", "public.t"
  std::string sql;
  bool is_setting = false;  // prepares the session, every time; not counted
};

// A statement that was left out, or that the target refused.
struct SchemaIssue {
  std::string code;  // "left-out" codes of postgres_schema_filter.cc, or the SQLSTATE
  std::string kind, name, reason, remedy;
};

// All that will be run, in this order, as one snapshot of the source had it. Saved before the first
// statement runs, so that a resumed copy does not mix two states of the source. Holds no secrets.
struct SchemaScript {
  std::vector<SchemaStep> before_data, after_data, validation;
  std::vector<SchemaIssue> left_out;
  const std::vector<SchemaStep>& of(SchemaPart part) const;
};
Json to_json(const SchemaScript& script);
SchemaScript schema_script_from_json(const Json& json);

struct SchemaSides {
  const databases::PostgresCatalog& source;
  const databases::PostgresCatalog& target;
  const databases::ManagedService& source_service;
};

// What pg_dump says of both sections, and what it does not know: roles, memberships, settings and
// rights of the database.
Result<SchemaScript> write_schema(const databases::DumpProgram& program,
                                  const databases::PostgresAddress& source,
                                  const std::string& snapshot, const SchemaSides& sides);

// "new TABLE public.t", "changed VIEW …", "gone INDEX …". Rights, roles, settings and the order of
// statements do not count.
std::vector<std::string> changed_definitions(const SchemaScript& before, const SchemaScript& now);

struct SchemaOutcome {
  int found = 0;   // statements of the part: done + before + failed
  int done = 0;    // by this run
  int before = 0;  // by an earlier one
  int failed = 0;
  std::vector<SchemaIssue> failures;
};

// Runs a part's statements that were not run before, each in a transaction with its note in the
// target's table lakeshift.schema_step: killed at any instant, none is run twice and none is
// missed. A refused statement costs what depends on it and is in `failures`; the next run tries it
// again. Errors: lost connection, "cancelled", "script-changed".
Result<SchemaOutcome> apply_schema(world::Run& run, databases::PostgresSession& target,
                                   const SchemaScript& script, SchemaPart part);

// The indexes and keys of an ordinary table, for running as soon as its rows are there, beside the
// copy of others: each with the note that spares it later, to be run in a transaction once.
// apply_schema(after_data) runs what was not.
std::vector<TableStatement> statements_of_table(const SchemaScript& script, const TableName& table);

// Password hashes of roles that both sides have: read and written without a trace in artefacts or
// logs. A source that hides them (every managed one does) gives issues, one for each role.
Result<std::vector<SchemaIssue>> copy_role_passwords(databases::PostgresSession& source,
                                                     databases::PostgresSession& target,
                                                     const SchemaSides& sides);

// Of one dumped statement: why it is left out; no code when it is not.
SchemaIssue filter_statement(const databases::DumpStatement& statement, const SchemaSides& sides);
// Roles with their memberships, before everything; settings, comments and rights of the database
// and its roles, after the data. Adds what cannot be carried to the script's left_out.
void add_roles(const SchemaSides& sides, SchemaScript& script);
void add_database(const SchemaSides& sides, SchemaScript& script);
bool moves_role(const SchemaSides& sides, const std::string& role);

}  // namespace lakeshift::transfers
