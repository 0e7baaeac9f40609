#include "knowledge/transfers/postgres_unstreamed.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "knowledge/transfers/postgres_copy_plan.h"
#include "knowledge/transfers/postgres_triggers.h"

namespace lakeshift::transfers {

using databases::PostgresParameter;
using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_literal;
using databases::quote_name;

namespace {

constexpr std::int64_t kPiece = 1 << 20;
constexpr int kObjectsAtOnce = 500;
constexpr unsigned kBytea = 17;
constexpr const char* kGone = "42704";
constexpr const char* kNotAllowed = "42501";
// lo_open's modes, of libpq/libpq-fs.h.
constexpr const char* kRead = "262144";
constexpr const char* kReadWrite = "393216";

// Holes read as zeros, so objects are compared by what a reader sees. The descriptors end with the
// statement's transaction.
constexpr const char* kObjects = R"(
SELECT m.oid, o.rolname, coalesce((SELECT string_agg(coalesce(pg_catalog.quote_ident(g.rolname), 'PUBLIC') || ' ' ||
    a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, E'\n'
    ORDER BY g.rolname, a.privilege_type)
    FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) a
    LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee), ''),
  pg_catalog.obj_description(m.oid, 'pg_largeobject'), m.size, m.lomacl IS NULL,
  (SELECT pg_catalog.md5(coalesce(string_agg(pg_catalog.md5(pg_catalog.lo_get(m.oid, at, {piece})), '' ORDER BY at), ''))
    FROM pg_catalog.generate_series(0, m.size - 1, {piece}::bigint) at)
FROM (SELECT oid, lomowner, lomacl, pg_catalog.lo_lseek64(pg_catalog.lo_open(oid, {read}), 0, 2) AS size
  FROM pg_catalog.pg_largeobject_metadata WHERE oid > $1::oid AND ($2::text IS NULL OR oid <= $2::oid)
  ORDER BY oid LIMIT {limit}) m JOIN pg_catalog.pg_roles o ON o.oid = m.lomowner ORDER BY m.oid)";

struct Object {
  std::string owner, rights, digest;
  std::optional<std::string> comment;
  std::int64_t size = 0;
  bool default_rights = false;  // of an owner: none were ever given
  bool same_bytes(const Object& other) const {
    return size == other.size && digest == other.digest;
  }
  bool same_facts(const Object& other) const {
    return owner == other.owner && rights == other.rights && comment == other.comment;
  }
};
using Objects = std::map<std::uint32_t, Object>;

// The next objects after `from`; up to `to` all of them.
Result<Objects> read_objects(PostgresSession& side, std::uint32_t from,
                             std::optional<std::uint32_t> to) {
  const std::string after = std::to_string(from);
  const std::string last = to ? std::to_string(*to) : "";
  LS_ASSIGN(const PostgresRows rows,
            side.query(fmt::format(kObjects, fmt::arg("piece", kPiece), fmt::arg("read", kRead),
                                   fmt::arg("limit", to ? std::string("ALL")
                                                        : std::to_string(kObjectsAtOnce))),
                       {after, to ? PostgresParameter(last) : PostgresParameter()}));
  Objects objects;
  for (int row = 0; row < rows.size(); ++row) {
    Object object{
        rows.text(row, 1), rows.text(row, 2), rows.text(row, 6), {}, rows.integer(row, 4)};
    object.default_rights = rows.truth(row, 5);
    if (const auto comment = rows.cell(row, 3)) object.comment = std::string(*comment);
    objects[static_cast<std::uint32_t>(rows.integer(row, 0))] = std::move(object);
  }
  return objects;
}

class Carrier {
 public:
  Carrier(PostgresSession& from, PostgresSession& to) : from_(from), to_(to) {}

  Status carry(std::uint32_t number, const Object& here, const Object* there) {
    number_ = std::to_string(number);
    const std::size_t refused_before = found.refused.size();
    LS_TRY(to_.exec("BEGIN"));
    Status done = there != nullptr && here.same_bytes(*there) ? Status{}
                                                              : carry_bytes(here, there == nullptr);
    if (done) done = give_facts(here, there);
    if (done) done = to_.exec("COMMIT");
    if (done) {
      const bool only_refused =
          there != nullptr && here.same_bytes(*there) && found.refused.size() > refused_before;
      if (!only_refused) ++(there == nullptr ? found.made : found.changed);
      return {};
    }
    if (to_.alive()) LS_TRY(to_.exec("ROLLBACK"));
    // Removed meanwhile: the next comparison sees it.
    return done.error().code == kGone ? Status{} : fail(done.error());
  }

  Status remove(std::uint32_t number) {
    LS_TRY(to_.query("SELECT pg_catalog.lo_unlink($1::oid)", {std::to_string(number)}));
    ++found.removed;
    return {};
  }

  LargeObjects found;

 private:
  Status carry_bytes(const Object& here, bool is_new) {
    if (is_new)
      LS_TRY(to_.query("SELECT pg_catalog.lo_create($1::oid)", {number_}));
    else
      LS_TRY(to_.query("SELECT pg_catalog.lo_truncate64(pg_catalog.lo_open($1::oid, $2::int), 0)",
                       {number_, kReadWrite}));
    for (std::int64_t at = 0; at < here.size; at += kPiece) {
      const std::string offset = std::to_string(at);
      const PostgresParameter wanted[] = {number_, offset};
      LS_ASSIGN(
          const PostgresRows piece,
          from_.query(fmt::format("SELECT pg_catalog.lo_get($1::oid, $2::bigint, {})", kPiece),
                      wanted, true));
      PostgresParameter bytes;
      bytes.bytes = piece.cell(0, 0);
      bytes.binary = true;
      bytes.type = kBytea;
      const PostgresParameter put[] = {number_, offset, bytes};
      LS_TRY(to_.query("SELECT pg_catalog.lo_put($1::oid, $2::bigint, $3)", put));
      found.bytes += static_cast<std::int64_t>(bytes.bytes ? bytes.bytes->size() : 0);
    }
    return {};
  }

  Status give_facts(const Object& here, const Object* there) {
    const std::string object = "LARGE OBJECT " + number_;
    if (there == nullptr ? here.comment.has_value() : here.comment != there->comment)
      LS_TRY(to_.exec("COMMENT ON " + object + " IS " +
                      (here.comment ? quote_literal(*here.comment) : "NULL")));
    LS_ASSIGN(const std::string mine, to_.value("SELECT current_user::text"));
    const std::string owner = there == nullptr ? mine : there->owner;
    if (owner != here.owner)
      LS_TRY(try_to("ALTER " + object + " OWNER TO " + quote_name(here.owner), object));
    if (there == nullptr ? here.default_rights
                         : here.rights == there->rights && owner == here.owner)
      return {};
    std::string sql;
    for (const auto& [role, right] : rights_of(there == nullptr ? "" : there->rights))
      sql += "REVOKE ALL ON " + object + " FROM " + role + ";";
    sql += "REVOKE ALL ON " + object + " FROM " + quote_name(here.owner) + ";";
    for (const auto& [role, right] : rights_of(here.rights)) {
      const std::size_t end = right.find(" WITH");
      sql += "GRANT " + right.substr(0, end) + " ON " + object + " TO " + role +
             (end == std::string::npos ? "" : right.substr(end)) + ";";
    }
    return try_to(sql, object);
  }

  // "role SELECT WITH GRANT OPTION" lines; a quoted role may hold blanks.
  static std::vector<std::pair<std::string, std::string>> rights_of(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> rights;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      const std::string line = text.substr(from, end - from);
      std::size_t blank = line.find(" SELECT");
      if (blank == std::string::npos) blank = line.find(" UPDATE");
      if (blank != std::string::npos)
        rights.emplace_back(line.substr(0, blank), line.substr(blank + 1));
      from = end + 1;
    }
    return rights;
  }

  Status try_to(const std::string& sql, const std::string& object) {
    LS_TRY(to_.exec("SAVEPOINT facts"));
    Status done = to_.exec(sql);
    if (done) return to_.exec("RELEASE facts");
    if (done.error().code != kNotAllowed && done.error().code != kGone) return done;
    found.refused.push_back(object + ": " + done.error().message);
    return to_.exec("ROLLBACK TO facts");
  }

  PostgresSession& from_;
  PostgresSession& to_;
  std::string number_;
};

}  // namespace

Result<std::vector<TableName>> unlogged_tables(PostgresSession& side,
                                               const std::vector<TableName>& tables) {
  LS_ASSIGN(const PostgresRows rows,
            side.query("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN "
                       "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
                       "c.relpersistence = 'u' AND c.relkind = 'r'"));
  std::vector<TableName> found;
  for (int row = 0; row < rows.size(); ++row) {
    const TableName name{rows.text(row, 0), rows.text(row, 1)};
    if (std::find(tables.begin(), tables.end(), name) != tables.end()) found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::int64_t> carry_table(PostgresSession& from, PostgresSession& to,
                                 const TableName& table) {
  LS_ASSIGN(CopyTable plan, plan_copy(from, to, table, INT64_MAX / 2));
  plan.parts = {""};
  LS_ASSIGN(const Silence silence, silence_session(to));
  if (silence == Silence::disabled_triggers) LS_TRY(disable_triggers(to, table));
  // Keys of other tables may refer to it: DELETE, not TRUNCATE. They stay silent as for a replica.
  LS_TRY(to.exec("BEGIN; DELETE FROM ONLY " + quote_name(table.first, table.second)));
  LS_TRY(to.begin_copy(copy_in_sql(plan)));
  const auto copied =
      from.copy_out(copy_out_sql(plan, 0), [&](std::string_view row) { return to.put_copy(row); });
  if (!copied) {
    to.abandon_copy("the other side could not be read");
    return fail(copied.error());
  }
  LS_ASSIGN(const std::int64_t rows, to.finish_copy());
  if (rows != *copied)
    return fail("rows-lost", fmt::format("{} rows were sent, {} were taken", *copied, rows),
                table_text(table), "run it again");
  LS_TRY(to.exec("COMMIT; RESET session_replication_role"));
  return rows;
}

Result<LargeObjects> carry_large_objects(PostgresSession& from, PostgresSession& to,
                                         bool keeps_others, std::stop_token stop) {
  Carrier carrier(from, to);
  std::uint32_t after = 0;
  for (bool more = true; more;) {
    if (stop.stop_requested()) return fail("cancelled", "stopped", "large objects");
    LS_ASSIGN(const Objects here, read_objects(from, after, {}));
    more = static_cast<int>(here.size()) == kObjectsAtOnce;
    const std::uint32_t last = more ? here.rbegin()->first : UINT32_MAX;
    LS_ASSIGN(const Objects there, read_objects(to, after, last));
    carrier.found.seen += static_cast<std::int64_t>(here.size());
    for (const auto& [number, object] : here) {
      const auto other = there.find(number);
      const Object* known = other == there.end() ? nullptr : &other->second;
      if (known != nullptr && object.same_bytes(*known) && object.same_facts(*known)) continue;
      LS_TRY(carrier.carry(number, object, known));
    }
    if (!keeps_others)
      for (const auto& [number, object] : there)
        if (!here.contains(number)) LS_TRY(carrier.remove(number));
    after = last;
  }
  return std::move(carrier.found);
}

Result<std::vector<std::string>> refresh_views(PostgresSession& from, PostgresSession& to) {
  // A view is made after what it reads, so the order of numbers does here; there, one that reads
  // an empty one fails and waits for the next round.
  LS_ASSIGN(const PostgresRows rows,
            from.query("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN "
                       "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' "
                       "AND c.relispopulated AND n.nspname !~ '^pg_' ORDER BY c.oid"));
  std::vector<TableName> left;
  for (int row = 0; row < rows.size(); ++row)
    left.emplace_back(rows.text(row, 0), rows.text(row, 1));
  std::vector<std::string> refused;
  for (std::size_t before = left.size() + 1; !left.empty() && left.size() < before;) {
    before = left.size();
    refused.clear();
    std::vector<TableName> failed;
    for (const TableName& view : left) {
      const Status done =
          to.exec("REFRESH MATERIALIZED VIEW " + quote_name(view.first, view.second));
      if (done) continue;
      if (!to.alive()) return fail(done.error());
      failed.push_back(view);
      refused.push_back(table_text(view) + ": " + done.error().message);
    }
    left = std::move(failed);
  }
  return refused;
}

}  // namespace lakeshift::transfers
