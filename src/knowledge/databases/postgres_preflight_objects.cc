// What extensions, collations, code, roles and settings put in the way.
#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/databases/postgres_preflight.h"

namespace lakeshift::databases {
namespace {

using model::Severity;

std::string server_text(const PostgresCatalog& catalog, const char* name) {
  return text_at(catalog.server, name);
}

// "libc C.UTF-8", "ICU de"
std::string sorting(const PostgresCatalog& catalog) {
  const std::string provider = server_text(catalog, "provider");
  return provider == "i"
             ? "ICU " + server_text(catalog, "locale")
             : (provider == "b" ? "builtin " : "libc ") + server_text(catalog, "collate");
}

const PostgresThing* find(const PostgresCatalog& catalog, std::string_view kind,
                          const std::string& schema, const std::string& name) {
  for (const PostgresThing* thing : catalog.of(kind))
    if (thing->name == name && thing->schema == schema) return thing;
  return nullptr;
}

void check_allow_lists(const PreflightInput& input, const std::string& extension,
                       Obstacles& found) {
  for (const AllowList& list : input.target_service.allow_lists(input.target)) {
    if (list.takes_all || std::find(list.extensions.begin(), list.extensions.end(),
                                    to_lower(extension)) != list.extensions.end())
      continue;
    std::vector<std::string> with = list.extensions;
    with.push_back(extension);
    found.push_back({.code = "pg-extension-not-allowed",
                     .side = "target",
                     .kind = "extension",
                     .key = extension,
                     .reason = "it is not in " + list.parameter + " of the target",
                     .remedy = "set " + list.parameter + " = " + join(with, ",") + ": " +
                               input.target_service.parameter_remedy(list.parameter)});
  }
}

void check_preloaded(const PreflightInput& input, const std::string& extension,
                     const std::string& library, Obstacles& found) {
  const auto setting = input.target.settings.find("shared_preload_libraries");
  if (setting == input.target.settings.end()) return;
  std::vector<std::string> loaded;
  for (const std::string& one : split(setting->second, ','))
    if (!trim(one).empty()) loaded.emplace_back(trim(one));
  if (std::find(loaded.begin(), loaded.end(), library) != loaded.end()) return;
  loaded.push_back(library);
  Obstacle obstacle{.code = "pg-extension-preload",
                    .severity = Severity::warning,
                    .side = "target",
                    .kind = "extension",
                    .key = extension,
                    .reason = "its library " + library +
                              " is not in shared_preload_libraries of the target: it does not work",
                    .restart = true};
  if (input.target_service.managed())
    obstacle.remedy = "set shared_preload_libraries = " + join(loaded, ",") + ": " +
                      input.target_service.parameter_remedy("shared_preload_libraries");
  else
    // The list's own syntax: one text with commas would be one library's name.
    obstacle.sql = "ALTER SYSTEM SET shared_preload_libraries = " + join(loaded, ", ") + ";";
  found.push_back(std::move(obstacle));
}

void check_extensions(const PreflightInput& input,
                      const std::map<std::string, std::string>& libraries, Obstacles& found) {
  for (const PostgresThing* extension : input.source.of("extension")) {
    const std::string& name = extension->name;
    if (find(input.target, "extension", "", name) != nullptr) continue;  // plpgsql, or made by hand
    const PostgresThing* there = find(input.target, "available_extension", "", name);
    if (there == nullptr) {
      found.push_back({.code = "pg-extension-missing",
                       .side = "source",
                       .kind = "extension",
                       .key = name,
                       .reason = "the target's server does not have it",
                       .remedy = "install its package there, or where nothing uses it",
                       .sql = "DROP EXTENSION " + quote_name(name) + ";"});
      continue;
    }
    check_allow_lists(input, name, found);
    if (const auto library = libraries.find(name); library != libraries.end())
      check_preloaded(input, name, library->second, found);
    const std::string here = text_at(extension->facts, "version"),
                      offered = text_at(there->facts, "default_version");
    if (here != offered)
      found.push_back(
          {.code = "pg-extension-version",
           .severity = Severity::info,
           .side = "target",
           .kind = "extension",
           .key = name,
           .reason = "the source has version " + here + ", the target makes version " + offered,
           .remedy = "read its release notes"});
  }
}

void check_text_rules(const PreflightInput& input, Obstacles& found) {
  const PostgresCatalog &source = input.source, &target = input.target;
  const auto add = [&](const std::string& code, Severity severity, const std::string& side,
                       const std::string& reason, const std::string& remedy,
                       const std::string& sql) {
    found.push_back({.code = code,
                     .severity = severity,
                     .side = side,
                     .kind = "database",
                     .key = server_text(side == "source" ? source : target, "database"),
                     .reason = reason,
                     .remedy = remedy,
                     .sql = sql});
  };
  const std::string encoding = server_text(source, "encoding"),
                    locale = server_text(source, "collate");
  const std::string make = "make it anew: CREATE DATABASE … TEMPLATE template0 ENCODING " +
                           quote_literal(encoding) + " LOCALE " + quote_literal(locale);
  if (encoding != server_text(target, "encoding"))
    add("pg-encoding", Severity::blocking, "target",
        "its encoding is " + server_text(target, "encoding") + ", the source's is " + encoding,
        make, "");
  if (encoding == "SQL_ASCII")
    add("pg-sql-ascii", Severity::warning, "source",
        "encoding SQL_ASCII checks no bytes: texts may be in any encoding and are moved as they "
        "are",
        "accept pg-sql-ascii", "");
  if (locale != server_text(target, "collate") ||
      server_text(source, "ctype") != server_text(target, "ctype") ||
      server_text(source, "provider") != server_text(target, "provider") ||
      server_text(source, "locale") != server_text(target, "locale"))
    add("pg-locale", Severity::warning, "target",
        "it sorts by " + sorting(target) + ", the source by " + sorting(source),
        make + ", or accept pg-locale", "");
  const std::string recorded = server_text(source, "collation_version"),
                    actual = server_text(source, "actual_collation_version");
  if (!recorded.empty() && !actual.empty() && recorded != actual)
    add("pg-collation-stale", Severity::warning, "source",
        "its indexes were built with version " + recorded + " of its collation, the system has " +
            actual + " now: they may miss rows",
        "rebuild what sorts texts, then",
        "REINDEX DATABASE " + quote_name(server_text(source, "database")) + "; ALTER DATABASE " +
            quote_name(server_text(source, "database")) + " REFRESH COLLATION VERSION;");
  const std::string there = server_text(target, "collation_version");
  if (!recorded.empty() && !there.empty() && recorded != there &&
      sorting(source) == sorting(target))
    add("pg-collation-version", Severity::warning, "target",
        "its collation is of version " + there + ", the source's of " + recorded +
            ": texts may sort otherwise, also across partition bounds",
        "accept pg-collation-version", "");
}

void check_collations(const PreflightInput& input, Obstacles& found) {
  const auto there = input.target.of("all_collation");
  const bool has_icu = std::any_of(there.begin(), there.end(), [](const PostgresThing* one) {
    return one->name.ends_with("-x-icu");  // "unicode" is in every catalogue
  });
  for (const PostgresThing* collation : input.source.of("collation")) {
    if (!collation->extension.empty()) continue;
    const std::string locale = text_at(collation->facts, "locale");
    Obstacle obstacle{.code = "pg-collation-missing",
                      .side = "target",
                      .kind = "collation",
                      .key = collation->label()};
    if (text_at(collation->facts, "provider") == "i" && !has_icu) {
      obstacle.reason = "it is one of ICU, and the target's server was built without ICU";
      obstacle.remedy = "take a server that has ICU, or give the columns another collation";
    } else if (!bool_at(collation->facts, "own") &&
               find(input.target, "all_collation", collation->schema, collation->name) == nullptr) {
      obstacle.reason = "columns of the source use it and the target does not have it";
      obstacle.remedy = "install the locale " + locale + " there and run";
      obstacle.sql = "SELECT pg_import_system_collations('pg_catalog');";
    } else {
      continue;
    }
    found.push_back(std::move(obstacle));
  }
}

void check_code(const PreflightInput& input, Obstacles& found) {
  const bool refused = input.target_service.refuses("library");
  for (const PostgresThing* function : input.source.of("function")) {
    if (!function->extension.empty()) continue;
    const std::string language = text_at(function->facts, "language");
    if (language == "c")
      found.push_back(
          {.code = "pg-function-library",
           .severity = refused ? Severity::blocking : Severity::warning,
           .side = "source",
           .kind = "function",
           .key = function->label(),
           .reason = "it is in the library " + text_at(function->facts, "library") +
                     (refused ? ", and the target loads none"
                              : ", which must be installed on the target"),
           .remedy = refused ? "write it in a language that the target has, or drop it"
                             : "install it, then accept pg-function-library; or drop it",
           .sql = "DROP FUNCTION " + quote_name(function->schema) + "." + function->name + ";"});
    else if (language != "internal" && !bool_at(function->facts, "trusted") && language != "sql")
      found.push_back(
          {.code = "pg-function-untrusted",
           .severity = refused ? Severity::blocking : Severity::warning,
           .side = "source",
           .kind = "function",
           .key = function->label(),
           .reason = "language " + language + " is untrusted: only a superuser makes it",
           .remedy = "accept pg-function-untrusted where the target allows it; or drop it",
           .sql = "DROP FUNCTION " + quote_name(function->schema) + "." + function->name + ";"});
  }
}

// Roles that something of this database belongs to or is granted to.
std::set<std::string> roles_in_use(const PostgresCatalog& catalog) {
  std::set<std::string> names;
  for (const PostgresTable& table : catalog.tables) names.insert(table.owner);
  for (const PostgresSequence& sequence : catalog.sequences) names.insert(sequence.owner);
  for (const PostgresThing& thing : catalog.things) {
    if (!thing.owner.empty()) names.insert(thing.owner);
    if (thing.kind == "grant") names.insert(text_at(thing.facts, "grantee"));
    if (thing.kind == "setting") names.insert(text_at(thing.facts, "role"));
    if (thing.kind == "policy")
      for (const Json& role : member(thing.facts, "roles")) names.insert(scalar_text(role));
  }
  return names;
}

void check_roles(const PreflightInput& input, Obstacles& found) {
  const std::set<std::string> used = roles_in_use(input.source);
  const bool super = bool_at(input.target.server, "super");
  const bool may_make = super || bool_at(input.target.server, "create_role");
  for (const PostgresThing* role : input.source.of("role")) {
    if (!used.contains(role->name) || input.source_service.reserves_role(role->name)) continue;
    const bool is_there = find(input.target, "role", "", role->name) != nullptr;
    if (bool_at(role->facts, "super") && !super && !is_there)
      found.push_back({.code = "pg-role-superuser",
                       .severity = Severity::warning,
                       .side = "source",
                       .kind = "role",
                       .key = role->name,
                       .reason = "it is a superuser, which user " +
                                 server_text(input.target, "role") +
                                 " of the target cannot make: it arrives without that right",
                       .remedy = "accept pg-role-superuser, or",
                       .sql = "ALTER ROLE " + quote_name(role->name) + " NOSUPERUSER;"});
    if (!is_there && !may_make)
      found.push_back({.code = "pg-role-missing",
                       .side = "target",
                       .kind = "role",
                       .key = role->name,
                       .reason = "the source has it, and user " +
                                 server_text(input.target, "role") + " may not make roles",
                       .remedy = "as an administrator",
                       .sql = "CREATE ROLE " + quote_name(role->name) + ";"});
  }
  for (const PostgresThing* mapping : input.source.of("user_mapping"))
    found.push_back({.code = "pg-user-mapping",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "user mapping",
                     .key = mapping->name,
                     .reason = "it may hold a password, which is not moved",
                     .remedy = "accept pg-user-mapping, and make it by hand on the target"});
}

void check_settings(const PreflightInput& input, Obstacles& found) {
  if (bool_at(input.target.server, "super")) return;
  for (const PostgresThing* setting : input.source.of("setting")) {
    const std::string assignment = text_at(setting->facts, "assignment");
    const std::string name = assignment.substr(0, assignment.find('='));
    const PostgresThing* there = find(input.target, "superuser_setting", "", name);
    if (there == nullptr) continue;
    const std::string database = text_at(setting->facts, "database"),
                      role = text_at(setting->facts, "role");
    std::string alter = role.empty()
                            ? "ALTER DATABASE " + quote_name(database)
                            : "ALTER ROLE " + quote_name(role) +
                                  (database.empty() ? "" : " IN DATABASE " + quote_name(database));
    found.push_back({.code = "pg-setting-superuser",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "setting",
                     .key = setting->name,
                     .reason = "only a superuser sets " + name + ": it is left out on the target",
                     .remedy = "accept pg-setting-superuser, or",
                     .sql = alter + " RESET " + name + ";"});
  }
}

void check_subscriptions(const PreflightInput& input, Obstacles& found) {
  for (const PostgresThing* subscription : input.source.of("subscription")) {
    if (subscription->name == input.options.own_subscription) continue;
    found.push_back({.code = "pg-subscription",
                     .severity = Severity::warning,
                     .side = "source",
                     .kind = "subscription",
                     .key = subscription->name,
                     .reason =
                         "the source receives rows from elsewhere by it; it does not move, so "
                         "after the switch they no longer come",
                     .remedy = "accept pg-subscription, and make it on the target at the switch"});
  }
}

}  // namespace

Status check_objects(const PreflightInput& input, Obstacles& found) {
  LS_ASSIGN(const auto libraries, preloaded_libraries());
  check_extensions(input, libraries, found);
  check_text_rules(input, found);
  check_collations(input, found);
  check_code(input, found);
  check_roles(input, found);
  check_settings(input, found);
  check_subscriptions(input, found);
  return {};
}

}  // namespace lakeshift::databases
