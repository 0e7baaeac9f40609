#include "knowledge/checks/postgres_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "core/base/xxh64.h"

namespace lakeshift::checks {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr const char* kColumns = R"(
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL),
  a.attnum = ANY (coalesce(k.key, ARRAY[]::int2[])), CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint
    ELSE pg_catalog.pg_relation_size(c.oid) / 64 END,
  a.atttypid IN (20, 21, 23) AND pg_catalog.array_length(k.key, 1) = 1 AND a.attnum = ANY (k.key),
  a.attnum
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN LATERAL (SELECT i.indkey::int2[] AS key FROM pg_catalog.pg_index i
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND i.indnatts = i.indnkeyatts AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute n
      WHERE n.attrelid = c.oid AND n.attnum = ANY (i.indkey::int2[]) AND NOT n.attnotnull)
  ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) k ON true
WHERE s.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') ORDER BY a.attnum)";

// In a row's own hash. It tells apart all that the text of these tells apart.
constexpr std::array<std::string_view, 2> kExact = {"date", "bytea"};
// Of these the form that goes over the wire is hashed: equal values differ in form, or the hash of
// values is of 32 bits only, as that of all that is kept in 64 bits.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSent = {{
    {"numeric", "numeric_send"},
    {"double precision", "float8send"},
    {"real", "float4send"},
    {"jsonb", "jsonb_send"},
    {"timestamp without time zone", "timestamp_send"},
    {"timestamp with time zone", "timestamptz_send"},
    {"time without time zone", "time_send"},
    {"time with time zone", "timetz_send"},
    {"interval", "interval_send"},
}};
// Arrays of what is told apart.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kArrays = {{
    {"text[]", "text[]"},
    {"character varying[]", "text[]"},
    {"integer[]", "int4[]"},
    {"smallint[]", "int2[]"},
    {"boolean[]", "bool[]"},
    {"date[]", "date[]"},
    {"uuid[]", "uuid[]"},
}};

// Hashes that a statement may call itself: no row has to be put together for them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kDirect = {{
    {"boolean", "pg_catalog.hashint4extended(COLUMN::int4, {})"},
    {"smallint", "pg_catalog.hashint2extended(COLUMN, {})"},
    {"integer", "pg_catalog.hashint4extended(COLUMN, {})"},
    // Numbers that differ in both halves alike have one hash.
    {"bigint",
     "pg_catalog.hashint8extended(COLUMN, {}) OPERATOR(pg_catalog.#) "
     "pg_catalog.hashint4extended((COLUMN >> 32)::int4, -{})"},
    {"oid", "pg_catalog.hashoidextended(COLUMN, {})"},
    {"text", "pg_catalog.hashtextextended(COLUMN COLLATE \"C\", {})"},
    {"character varying", "pg_catalog.hashtextextended(COLUMN::text COLLATE \"C\", {})"},
    // Its hash leaves the padding out, as its text does.
    {"character", "pg_catalog.hashbpcharextended(COLUMN::pg_catalog.bpchar COLLATE \"C\", {})"},
    {"bpchar", "pg_catalog.hashbpcharextended(COLUMN::pg_catalog.bpchar COLLATE \"C\", {})"},
    {"uuid", "pg_catalog.uuid_hash_extended(COLUMN, {})"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kFloating = {{
    {"double precision", "float8send"},
    {"real", "float4send"},
    {"double precision[]", "array_send"},
    {"real[]", "array_send"},
    {"point", "point_send"},
    {"line", "line_send"},
    {"lseg", "lseg_send"},
    {"box", "box_send"},
    {"path", "path_send"},
    {"polygon", "poly_send"},
    {"circle", "circle_send"},
}};

std::string exact_expression(const std::string& name, const std::string& base) {
  if (std::find(kExact.begin(), kExact.end(), base) != kExact.end()) return name;
  for (const auto& [type, send] : kSent)
    if (type == base) return fmt::format("pg_catalog.{}({})", send, name);
  for (const auto& [type, as] : kArrays)
    if (type == base)  // the hash is of the elements alone
      return fmt::format(
          "({0}::pg_catalog.{1}){2}, CASE WHEN pg_catalog.array_ndims({0}) = 1 AND "
          "pg_catalog.array_lower({0}, 1) = 1 THEN NULL ELSE pg_catalog.array_dims({0}) END",
          name, as, as == "text[]" ? " COLLATE \"C\"" : "");
  return fmt::format("({}::text) COLLATE \"C\"", name);
}

std::string direct_expression(const std::string& name, const std::string& base) {
  for (const auto& [type, hash] : kDirect)
    if (type == base) return replace_all(std::string(hash), "COLUMN", name);
  return {};
}

// Version 12 made the text of floating point numbers shorter; their bytes stayed.
std::string portable_expression(const std::string& name, const std::string& base) {
  for (const auto& [type, send] : kFloating)
    if (type == base) return fmt::format("pg_catalog.{}({})", send, name);
  return name + "::text";
}

enum class Form { portable, text };

std::string list(const HashedTable& table, bool keys_only, Form form) {
  std::string text;
  for (const HashedColumn& column : table.columns)
    if (!keys_only || column.in_key)
      text += (text.empty() ? "" : ", ") +
              (form == Form::portable ? column.portable : quote_name(column.name) + "::text");
  return text;
}

std::string from(const HashedTable& table, const std::string& where) {
  return fmt::format("FROM ONLY {}{}", quote_name(table.schema, table.name),
                     where.empty() ? "" : " WHERE " + where);
}

// A row's own hash is a sum over its columns: two rows that exchange values would add up to what
// they did before. Taken as a seed its 64 bits are mixed, and no sum of the rows is blind to it.
// Columns have different seeds, so that none can take another's place; nulls have hashes of theirs.
std::string hash_of(const HashedTable& table, bool keys_only) {
  std::string hash, rest;
  int seed = 0;
  for (const HashedColumn& column : table.columns) {
    if (keys_only && !column.in_key) continue;
    ++seed;
    if (column.direct.empty()) {
      rest += (rest.empty() ? "" : ", ") + column.exact;
      continue;
    }
    hash += (hash.empty() ? "" : " OPERATOR(pg_catalog.#) ") +
            fmt::format("coalesce({}, {})", replace_all(column.direct, "{}", std::to_string(seed)),
                        seed);
  }
  if (!rest.empty() || hash.empty())
    hash += (hash.empty() ? "" : " OPERATOR(pg_catalog.#) ") +
            fmt::format("pg_catalog.hash_record_extended(ROW({}), 0)", rest);
  return fmt::format("pg_catalog.hashint4extended(0, {})", hash);
}

// One use of each hash: the planner puts its expression wherever it is used, and it is computed
// there. Of 64 bits added up exactly no row is lost, changed or doubled without a trace.
constexpr const char* kDigest = "count(*), coalesce(sum(h), 0)";

Digest digest_at(const PostgresRows& rows, int row, int first) {
  return {rows.integer(row, first), rows.text(row, first + 1)};
}

__extension__ using Wide = __int128;  // sums of 2^64 hashes

std::string decimal(Wide value) {
  const bool negative = value < 0;
  std::string text;
  do {
    const int digit = static_cast<int>(value % 10);
    text += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

Wide wide(std::string_view text) {
  const bool negative = text.starts_with('-');
  Wide value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

// Counts rows in the client as the server's aggregates do.
struct Running {
  std::int64_t rows = 0;
  Wide sum = 0;
  void add(std::uint64_t hash) {
    ++rows;
    sum += static_cast<std::int64_t>(hash);
  }
  Digest digest() const { return {rows, decimal(sum)}; }
};

// Column `at` of the lists, as SQL's text of an array.
std::string array_literal(const std::vector<RowKey>& values, std::size_t at,
                          const std::string& type) {
  std::string text = "{";
  for (const RowKey& list : values) {
    text += text.size() > 1 ? "," : "";
    if (!list[at]) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (const char c : *list[at]) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return databases::quote_literal(text + "}") + "::" + type + "[]";
}

std::string type_of(const HashedTable& table, const std::string& column) {
  for (const HashedColumn& one : table.columns)
    if (one.name == column) return one.type;
  return "text";
}

std::string row_label(const RowKey& key) {
  std::string label;
  for (const auto& value : key) {
    label += value ? "=" + *value : "-";
    label += '\0';
  }
  return label;
}

// A field of COPY's text form.
std::optional<std::string> unescaped(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text += field[i];
      continue;
    }
    constexpr std::string_view kNames = "bfnrtv";
    constexpr std::string_view kCharacters = "\b\f\n\r\t\v";
    const std::size_t known = kNames.find(field[++i]);
    text += known == std::string_view::npos ? field[i] : kCharacters[known];
  }
  return text;
}

}  // namespace

bool HashedTable::keyed() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const HashedColumn& c) { return c.in_key; });
}

std::vector<std::string> key_columns(const HashedTable& table) {
  std::vector<std::string> names;
  for (const HashedColumn& column : table.columns)
    if (column.in_key || !table.keyed()) names.push_back(column.name);
  return names;
}

std::string condition_of(const HashedTable& table, const std::vector<std::string>& columns,
                         const std::vector<RowKey>& values) {
  if (columns.empty()) return "true";
  if (columns.size() == 1) {
    const std::string type = type_of(table, columns[0]);
    if (!type.ends_with(']'))
      return quote_name(columns[0]) + " = ANY (" + array_literal(values, 0, type) + ")";
  }
  std::string names, arrays, aliases, typed;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string separator = i == 0 ? "" : ", ", alias = "c" + std::to_string(i);
    names += separator + quote_name(columns[i]);
    arrays += separator + "pg_catalog.unnest(" + array_literal(values, i, "text") + ")";
    aliases += separator + alias;
    typed += separator + "k." + alias + "::" + type_of(table, columns[i]);
  }
  return fmt::format("({}) IN (SELECT {} FROM ROWS FROM ({}) k({}))", names, typed, arrays,
                     aliases);
}

Result<HashedTable> read_hashed_table(PostgresSession& session, const std::string& schema,
                                      const std::string& name) {
  LS_ASSIGN(const PostgresRows rows, session.query(kColumns, {schema, name}));
  if (rows.size() == 0)
    return fail("table-missing", "there is no such table in " + session.address().to_text(),
                schema + "." + name, "copy it, or leave it out");
  HashedTable table{schema, name, {}, {}, rows.integer(0, 4)};
  for (int row = 0; row < rows.size(); ++row) {
    if (!rows.cell(row, 0)) continue;
    const std::string quoted = quote_name(rows.text(row, 0));
    table.columns.push_back(
        {rows.text(row, 0), rows.text(row, 1), exact_expression(quoted, rows.text(row, 2)),
         direct_expression(quoted, rows.text(row, 2)),
         portable_expression(quoted, rows.text(row, 2)), rows.truth(row, 3), rows.integer(row, 6)});
    if (rows.truth(row, 5)) table.whole_number_key = quoted;
  }
  return table;
}

Result<Digest> RowDigester::whole(const HashedTable& table, const std::string& where) {
  if (in_server_) {
    LS_ASSIGN(const PostgresRows rows,
              session_.query(fmt::format("SELECT {} FROM (SELECT {} AS h {}) r", kDigest,
                                         hash_of(table, false), from(table, where))));
    return digest_at(rows, 0, 0);
  }
  Running running;
  LS_TRY(each_row(table, where, [&](std::uint64_t hash, int, const auto&) { running.add(hash); }));
  return running.digest();
}

Digest operator-(const Digest& now, const Digest& before) {
  return {now.rows - before.rows, decimal(wide(now.sum) - wide(before.sum))};
}

std::string written_since(std::uint64_t oldest) {
  return fmt::format("pg_catalog.age(xmin) <= (SELECT pg_catalog.age('{}'::xid))",
                     oldest & 0xFFFFFFFFU);
}

Result<RowDigester::Split> RowDigester::split(const HashedTable& table, std::uint64_t oldest) {
  const std::string young = written_since(oldest);
  if (in_server_) {
    LS_ASSIGN(
        const PostgresRows rows,
        session_.query(fmt::format("SELECT count(*) - count(h), count(h), coalesce(sum(h), 0) FROM "
                                   "(SELECT CASE WHEN {} THEN {} END AS h {} OFFSET 0) r",
                                   young, hash_of(table, false), from(table, ""))));
    return Split{rows.integer(0, 0), digest_at(rows, 0, 1)};
  }
  Split found;
  LS_ASSIGN(found.young, whole(table, young));
  LS_ASSIGN(const PostgresRows rows,
            session_.query("SELECT count(*) " + from(table, "NOT " + young)));
  found.old = rows.integer(0, 0);
  return found;
}

Result<Buckets> RowDigester::buckets(const HashedTable& table, const std::string& where) {
  Buckets found;
  if (in_server_) {
    const std::string row = hash_of(table, false);
    const std::string key = table.keyed() ? hash_of(table, true) : row;
    LS_ASSIGN(const PostgresRows rows,
              session_.query(
                  fmt::format("SELECT b, {} FROM (SELECT {} & {} AS b, {} AS h {}) r GROUP BY b",
                              kDigest, key, kBuckets - 1, row, from(table, where))));
    for (int i = 0; i < rows.size(); ++i)
      found[static_cast<int>(rows.integer(i, 0))] = digest_at(rows, i, 1);
    return found;
  }
  std::map<int, Running> running;
  LS_TRY(each_row(table, where,
                  [&](std::uint64_t hash, int bucket, const auto&) { running[bucket].add(hash); }));
  for (const auto& [bucket, sums] : running) found[bucket] = sums.digest();
  return found;
}

namespace {

void add_row(std::map<std::string, HashedRow>& found, RowKey key, std::uint64_t hash) {
  HashedRow& row = found[row_label(key)];
  row.key = std::move(key);
  row.hash = hash;
  ++row.count;
}

}  // namespace

Result<std::map<std::string, HashedRow>> RowDigester::rows(const HashedTable& table,
                                                           const std::string& where,
                                                           const std::set<int>& buckets) {
  if (!in_server_) {
    std::map<std::string, HashedRow> found;
    LS_TRY(each_row(table, where, [&](std::uint64_t hash, int bucket, const auto& key) {
      if (buckets.contains(bucket)) add_row(found, key(), hash);
    }));
    return found;
  }
  std::string wanted;
  for (const int bucket : buckets) wanted += (wanted.empty() ? "" : ",") + std::to_string(bucket);
  return read_rows(table,
                   fmt::format("{}({} & {}) = ANY ('{{{}}}')", where.empty() ? "" : where + " AND ",
                               hash_of(table, table.keyed()), kBuckets - 1, wanted));
}

Result<std::map<std::string, HashedRow>> RowDigester::rows_again(
    const HashedTable& table, const std::vector<HashedRow>& known) {
  std::map<std::string, HashedRow> found;
  std::string where;
  std::set<std::uint64_t> hashes;
  if (table.keyed()) {
    std::vector<RowKey> keys;
    for (const HashedRow& row : known) keys.push_back(row.key);
    where = condition_of(table, key_columns(table), keys);
  } else {
    for (const HashedRow& row : known) hashes.insert(row.hash);
  }
  if (!in_server_) {
    LS_TRY(each_row(table, where, [&](std::uint64_t hash, int, const auto& key) {
      if (table.keyed() || hashes.contains(hash)) add_row(found, key(), hash);
    }));
    return found;
  }
  if (!table.keyed()) {
    std::string wanted;
    for (const std::uint64_t hash : hashes)
      wanted += (wanted.empty() ? "" : ",") + std::to_string(static_cast<std::int64_t>(hash));
    where = fmt::format("{} = ANY ('{{{}}}')", hash_of(table, false), wanted);
  }
  return read_rows(table, where);
}

Result<std::map<std::string, HashedRow>> RowDigester::read_rows(const HashedTable& table,
                                                                const std::string& where) {
  std::map<std::string, HashedRow> found;
  LS_ASSIGN(
      const PostgresRows rows,
      session_.query(fmt::format("SELECT {} AS h, {} {}", hash_of(table, false),
                                 list(table, table.keyed(), Form::text), from(table, where))));
  for (int i = 0; i < rows.size(); ++i) {
    RowKey values;
    for (int column = 1; column < rows.columns(); ++column) {
      const auto cell = rows.cell(i, column);
      values.push_back(cell ? std::optional<std::string>(*cell) : std::nullopt);
    }
    add_row(found, std::move(values), static_cast<std::uint64_t>(rows.integer(i, 0)));
  }
  return found;
}

template <typename F>
Status RowDigester::each_row(const HashedTable& table, const std::string& where, const F& use) {
  const std::string sql = fmt::format("COPY (SELECT {} {}) TO STDOUT",
                                      list(table, false, Form::portable), from(table, where));
  const auto copied = session_.copy_out(sql, [&](std::string_view line) -> Status {
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    const std::uint64_t hash = xxh64(line);
    std::vector<std::string_view> key;
    std::size_t at = 0;
    std::uint64_t bucket = 0;
    for (const HashedColumn& column : table.columns) {
      const std::size_t end = std::min(line.find('\t', at), line.size());
      if (column.in_key || !table.keyed()) {
        key.push_back(line.substr(at, end - at));
        bucket = xxh64(key.back(), bucket);
      }
      at = std::min(end + 1, line.size());
    }
    use(hash, static_cast<int>(bucket % kBuckets), [&] {
      RowKey values;
      for (const std::string_view field : key) values.push_back(unescaped(field));
      return values;
    });
    return {};
  });
  if (!copied) return fail(copied.error());
  return {};
}

Result<std::optional<std::string>> hashes_differ(PostgresSession& source, PostgresSession& target) {
  for (PostgresSession* session : {&source, &target})
    if (session->version() < 140000)
      return fmt::format("a server of version {} has no hash of rows", session->version() / 10000);
  constexpr const char* kProbe =
      "SELECT pg_catalog.hashint4extended(0, pg_catalog.hash_record_extended(ROW(d, t, z, x, n, f, "
      "r, j, k, m, v, e), 0)), hashint4extended(b::int4, 1), hashint2extended(s, 2), "
      "hashint4extended(i, -3), hashint8extended(l, 4), hashoidextended(o, 5), "
      "uuid_hash_extended(u, "
      "6), hashtextextended(c, 7), hashbpcharextended(p, 8) FROM "
      "(VALUES (true, 1::smallint, -7, "
      "9223372036854775807, 42::oid, '2026-11-28'::date, "
      "'6f1c2b1e-0000-4000-8000-00000000abcd'::uuid, timestamp_send('2026-11-28 10:00'), "
      "timestamptz_send('1999-12-31 23:59:59.999999+00'), '\\x00ff'::bytea, "
      "'Grüße, 世界'::text COLLATE \"C\", numeric_send(1.500), float8send(-0.0::float8), "
      "float4send('NaN'), jsonb_send('{\"a\": [1.0, null]}'), "
      "'padded'::character(9)::pg_catalog.bpchar COLLATE \"C\", "
      "('{a,NULL,\"b c\"}'::text[]) COLLATE \"C\", '[2:3]={1,-2}'::int4[], "
      "interval_send('1 mon -2 days 00:00:03.5'), timetz_send('24:00:00-08')), "
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ''::text, NULL, NULL, NULL, "
      "NULL, NULL, NULL, '{}', NULL, NULL)) h (b, s, i, l, o, d, u, t, z, x, c, n, f, r, j, p, e, "
      "k, "
      "m, v)";
  LS_ASSIGN(const PostgresRows one, source.query(kProbe));
  LS_ASSIGN(const PostgresRows other, target.query(kProbe));
  for (int row = 0; row < 2; ++row)
    for (int hash = 0; hash < one.columns(); ++hash)
      if (one.cell(row, hash) != other.cell(row, hash))
        return std::string("the two servers hash the same values differently");
  return std::nullopt;
}

}  // namespace lakeshift::checks
