#include "knowledge/transfers/postgres_schema.h"

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/base/strings.h"

namespace lakeshift::transfers {
namespace {

using databases::DumpStatement;
using databases::PostgresSession;
using databases::quote_literal;

constexpr const char* kSteps =
    "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS lakeshift; CREATE TABLE IF NOT "
    "EXISTS lakeshift.schema_step (part text, place int, digest text NOT NULL, PRIMARY KEY (part, "
    "place))";

SchemaStep step_of(const DumpStatement& statement) {
  return {statement.kind,
          statement.schema.empty() ? statement.name : statement.schema + "." + statement.name,
          statement.sql, statement.is_setting};
}

bool refers_to_partitions(const SchemaSides& sides, const std::string& schema,
                          const std::string& name) {
  for (const databases::PostgresThing* key : sides.source.of("constraint")) {
    if (key->schema != schema || (key->name != name && databases::quote_name(key->name) != name))
      continue;
    const std::string target = text_at(key->facts, "refers_to");
    for (const databases::PostgresTable& table : sides.source.tables)
      if (table.kind == 'p' && (target == table.label() || target == table.quoted())) return true;
  }
  return false;
}

// "ALTER TABLE ONLY s.t\n    ADD CONSTRAINT c FOREIGN KEY …": made without a look at the rows,
// checked in the last part. A partitioned table (no ONLY) has no such form before version 18, and
// of a key that refers to one VALIDATE leaves the parts unchecked: those are made whole in the last
// part.
void add_foreign_key(const DumpStatement& statement, const SchemaSides& sides,
                     SchemaScript& script) {
  constexpr std::string_view kTable = "ALTER TABLE ONLY ", kAdd = "\n    ADD CONSTRAINT ",
                             kKey = " FOREIGN KEY ";
  SchemaStep step = step_of(statement);
  const std::string_view sql = statement.sql;
  const std::size_t add = sql.find(kAdd), key = sql.find(kKey, add == sql.npos ? 0 : add);
  const std::string name =
      key == sql.npos ? "" : std::string(sql.substr(add + kAdd.size(), key - add - kAdd.size()));
  if (!sql.starts_with(kTable) || add == sql.npos || name.empty() ||
      refers_to_partitions(sides, statement.schema, name)) {
    script.validation.push_back(std::move(step));
    return;
  }
  if (sql.ends_with(" NOT VALID")) {  // as it is in the source
    script.after_data.push_back(std::move(step));
    return;
  }
  const std::string table(sql.substr(0, add));
  script.validation.push_back({"FK CONSTRAINT", step.name, table + " VALIDATE CONSTRAINT " + name});
  step.sql += " NOT VALID";
  script.after_data.push_back(std::move(step));
}

// pg_dump writes this where initdb has made it: it may be there already.
std::string if_missing(const DumpStatement& statement) {
  constexpr std::string_view kCreate = "CREATE SCHEMA ";
  if (statement.kind == "SCHEMA" && statement.sql.starts_with(kCreate))
    return "CREATE SCHEMA IF NOT EXISTS " + statement.sql.substr(kCreate.size());
  return statement.sql;
}

void add_refreshes(const SchemaSides& sides, SchemaScript& script) {
  std::map<std::string, bool> filled;
  for (const databases::PostgresThing* view : sides.source.of("materialized_view"))
    filled[view->label()] = bool_at(view->facts, "filled");
  // In the order of their making: what a view reads was made before it.
  for (const SchemaStep& step : script.before_data) {
    if (step.kind != "MATERIALIZED VIEW" || !step.sql.starts_with("CREATE ")) continue;
    const auto found = filled.find(step.name);
    if (found == filled.end() || !found->second) continue;
    for (const databases::PostgresTable& table : sides.source.tables)
      if (table.label() == step.name)
        script.validation.push_back(
            {"MATERIALIZED VIEW DATA", step.name, "REFRESH MATERIALIZED VIEW " + table.quoted()});
  }
}

struct Noted {
  std::map<int, std::string> digests;
};

Result<Noted> read_notes(PostgresSession& target, std::string_view part) {
  LS_TRY(target.exec(kSteps));
  LS_ASSIGN(const databases::PostgresRows rows,
            target.query("SELECT place, digest FROM lakeshift.schema_step WHERE part = $1",
                         {databases::PostgresParameter(part)}));
  Noted noted;
  for (int r = 0; r < rows.size(); ++r)
    noted.digests[static_cast<int>(rows.integer(r, 0))] = rows.text(r, 1);
  return noted;
}

std::string and_note(const SchemaStep& step, std::string_view part, int place) {
  return step.sql + ";\nINSERT INTO lakeshift.schema_step VALUES (" + quote_literal(part) + ", " +
         std::to_string(place) + ", " + quote_literal(sha256_hex(step.sql)) + ")";
}

std::string with_note(const SchemaStep& step, std::string_view part, int place) {
  return "BEGIN;\n" + and_note(step, part, place) + ";\nCOMMIT";
}

// pg_dump quotes a name only where it must.
std::vector<std::string> spellings(const std::string& schema, const std::string& table) {
  std::vector<std::string> all;
  for (const std::string& first : {schema, databases::quote_name(schema)})
    for (const std::string& second : {table, databases::quote_name(table)})
      all.push_back(first + "." + second);
  return all;
}

bool ends_the_run(const Error& error) {
  return error.code == "cancelled" || databases::lost_connection(error);
}

// A setting that this version does not know prepares nothing there.
Status prepare(PostgresSession& target, const SchemaStep& step) {
  constexpr std::string_view kUnknown = "42704";
  const Status set = target.exec(step.sql);
  return set || set.error().code == kUnknown ? Status{} : set;
}

Json to_json(const std::vector<SchemaStep>& steps) {
  Json json = Json::array();
  for (const SchemaStep& step : steps)
    json.push_back({{"kind", step.kind},
                    {"name", step.name},
                    {"sql", step.sql},
                    {"setting", step.is_setting}});
  return json;
}

std::vector<SchemaStep> steps_from_json(const Json& json) {
  std::vector<SchemaStep> steps;
  for (const Json& step : json)
    steps.push_back({text_at(step, "kind"), text_at(step, "name"), text_at(step, "sql"),
                     bool_at(step, "setting")});
  return steps;
}

}  // namespace

std::string_view to_text(SchemaPart part) {
  switch (part) {
    case SchemaPart::before_data:
      return "before-data";
    case SchemaPart::after_data:
      return "after-data";
    case SchemaPart::validation:
      return "validation";
  }
  return "validation";
}

const std::vector<SchemaStep>& SchemaScript::of(SchemaPart part) const {
  return part == SchemaPart::before_data  ? before_data
         : part == SchemaPart::after_data ? after_data
                                          : validation;
}

Json to_json(const SchemaScript& script) {
  Json json = {{"before_data", to_json(script.before_data)},
               {"after_data", to_json(script.after_data)},
               {"validation", to_json(script.validation)}};
  json["left_out"] = Json::array();
  for (const SchemaIssue& issue : script.left_out)
    json["left_out"].push_back({{"code", issue.code},
                                {"kind", issue.kind},
                                {"name", issue.name},
                                {"reason", issue.reason},
                                {"remedy", issue.remedy}});
  return json;
}

SchemaScript schema_script_from_json(const Json& json) {
  SchemaScript script;
  script.before_data = steps_from_json(member(json, "before_data"));
  script.after_data = steps_from_json(member(json, "after_data"));
  script.validation = steps_from_json(member(json, "validation"));
  for (const Json& issue : member(json, "left_out"))
    script.left_out.push_back({text_at(issue, "code"), text_at(issue, "kind"),
                               text_at(issue, "name"), text_at(issue, "reason"),
                               text_at(issue, "remedy")});
  return script;
}

Result<SchemaScript> write_schema(const databases::DumpProgram& program,
                                  const databases::PostgresAddress& source,
                                  const std::string& snapshot, const SchemaSides& sides) {
  using databases::DumpSection;
  SchemaScript script;
  add_roles(sides, script);
  for (const DumpSection section : {DumpSection::before_data, DumpSection::after_data}) {
    LS_ASSIGN(const auto statements,
              databases::dump_section(program, source, snapshot, section, databases::kOwnSchema));
    for (DumpStatement statement : statements) {
      if (SchemaIssue issue = filter_statement(statement, sides); !issue.code.empty()) {
        script.left_out.push_back(std::move(issue));
        continue;
      }
      statement.sql = if_missing(statement);
      if (section == DumpSection::before_data)
        script.before_data.push_back(step_of(statement));
      else if (statement.kind == "FK CONSTRAINT")
        add_foreign_key(statement, sides, script);
      else
        script.after_data.push_back(step_of(statement));
    }
  }
  add_database(sides, script);
  add_refreshes(sides, script);
  return script;
}

std::vector<TableStatement> statements_of_table(const SchemaScript& script,
                                                const TableName& table) {
  std::vector<TableStatement> statements;
  const std::vector<std::string> names = spellings(table.first, table.second);
  for (std::size_t place = 0; place < script.after_data.size(); ++place) {
    const SchemaStep& step = script.after_data[place];
    const std::string_view sql = step.sql;
    const bool belongs = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      if (step.kind == "INDEX") return contains(sql, " ON " + name + " USING ");
      return step.kind == "CONSTRAINT" &&
             sql.starts_with("ALTER TABLE ONLY " + name + "\n    ADD CONSTRAINT ");
    });
    if (belongs)
      statements.push_back(
          {and_note(step, to_text(SchemaPart::after_data), static_cast<int>(place)),
           step.kind == "INDEX"});
  }
  return statements;
}

Result<SchemaOutcome> apply_schema(world::Run& run, PostgresSession& target,
                                   const SchemaScript& script, SchemaPart part) {
  const std::string stage(to_text(part));
  const std::vector<SchemaStep>& steps = script.of(part);
  LS_ASSIGN(const Noted noted, read_notes(target, stage));
  SchemaOutcome outcome;
  for (int place = 0; place < static_cast<int>(steps.size()); ++place) {
    const SchemaStep& step = steps[static_cast<std::size_t>(place)];
    if (step.is_setting) {
      LS_TRY(prepare(target, step));
      continue;
    }
    ++outcome.found;
    if (const auto note = noted.digests.find(place); note != noted.digests.end()) {
      if (note->second != sha256_hex(step.sql))
        return fail("script-changed",
                    "statement " + std::to_string(place) + " of part " + stage +
                        " was run there with another text",
                    step.kind + " " + step.name,
                    "go on with the script that was begun, or empty the target and begin again");
      ++outcome.before;
      continue;
    }
    if (const Status ran = target.exec(with_note(step, stage, place)); ran) {
      ++outcome.done;
    } else {
      if (ends_the_run(ran.error())) return fail(ran.error());
      LS_TRY(target.exec("ROLLBACK"));
      ++outcome.failed;
      outcome.failures.push_back(
          {ran.error().code, step.kind, step.name, ran.error().message, ran.error().remedy});
    }
    run.events.emit({.type = world::Event::Type::progress,
                     .stage = "schema",
                     .subject = stage,
                     .name = step.name,
                     .done = place + 1,
                     .total = static_cast<long long>(steps.size())});
  }
  LS_TRY(target.exec("RESET check_function_bodies; RESET default_table_access_method"));
  return outcome;
}

}  // namespace lakeshift::transfers
