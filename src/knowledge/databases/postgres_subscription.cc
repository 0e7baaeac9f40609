#include "knowledge/databases/postgres_subscription.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

constexpr world::Millis kLookForWorker{10};
constexpr world::Millis kDropPatience{5000};
constexpr const char* kConnectLimit = "10";  // seconds
constexpr const char* kNoRight = "42501";
constexpr const char* kNoTable = "42P01";
constexpr const char* kNoPublication = "lakeshift_probe";

// Words of a connection text that mean something on this machine only, or are the server's to say.
bool is_ours(const std::string& word) {
  static const std::set<std::string_view> kOurs = {"passfile", "service", "servicefile"};
  return kOurs.contains(word);
}

std::string quoted_word(std::string_view value) {
  return "'" + replace_all(replace_all(std::string(value), "\\", "\\\\"), "'", "\\'") + "'";
}

world::Secret connection_words(const PostgresAddress& publisher) {
  std::map<std::string, std::string> words = publisher.words;
  std::erase_if(words, [](const auto& word) { return is_ours(word.first); });
  words.insert({{"connect_timeout", kConnectLimit}});
  words["host"] = publisher.host;
  words["port"] = publisher.port;
  words["dbname"] = publisher.database;
  words["user"] = publisher.user;
  std::string text;
  for (const auto& [name, value] : words)
    if (!value.empty()) text += name + "=" + quoted_word(value) + " ";
  if (!publisher.password.empty()) text += "password=" + quoted_word(publisher.password.reveal());
  return world::Secret(std::move(text));
}

// A line of COPY's text format.
std::string copied(std::string_view text) {
  std::string line = replace_all(std::string(text), "\\", "\\\\");
  line = replace_all(replace_all(std::move(line), "\t", "\\t"), "\n", "\\n");
  return line + "\n";
}

// CREATE SUBSCRIPTION in the transaction that is open. A statement that fails is logged with its
// text, so the connection text comes as data; and plpgsql tells the text that it runs as context of
// an error unless the error is caught.
Status create(PostgresSession& session, const std::string& name, const std::string& publication,
              const world::Secret& connection, const std::string& options) {
  LS_TRY(session.exec("CREATE TEMPORARY TABLE lakeshift_connection (words text) ON COMMIT DROP"));
  LS_TRY(session.begin_copy("COPY pg_temp.lakeshift_connection FROM STDIN"));
  LS_TRY(session.put_copy(copied(connection.reveal())));
  LS_TRY(session.finish_copy());
  const std::string body = fmt::format(
      "BEGIN EXECUTE (SELECT pg_catalog.format({}, words) FROM pg_temp.lakeshift_connection); "
      "EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM; END",
      quote_literal("CREATE SUBSCRIPTION " + replace_all(quote_name(name), "%", "%%") +
                    " CONNECTION %L PUBLICATION " +
                    replace_all(quote_name(publication), "%", "%%") + " WITH (" + options + ")"));
  return session.exec("DO " + quote_literal(body));
}

std::string options_of(const SubscriptionPlan& plan, int version) {
  // Origins: all of them. What the publisher got from others by a subscription of its own moves
  // too; nothing goes round, for each leg's slot is made after the other leg's last change.
  std::string options =
      fmt::format("create_slot = false, slot_name = {}, enabled = false, copy_data = false",
                  quote_literal(plan.slot));
  if (version >= 140000) options += ", streaming = on";
  // As our own apply, which needs no right to become each table's owner.
  if (version >= 160000) options += ", run_as_owner = true";
  return options;
}

Status in_transaction(PostgresSession& session, const std::function<Status()>& work) {
  LS_TRY(session.exec("BEGIN"));
  Status done = work();
  if (!done) {
    if (session.alive()) LS_TRY(session.exec("ROLLBACK"));
    return done;
  }
  return session.exec("COMMIT");
}

// The first error of making a subscription that is undone; none: it can be made.
Result<std::optional<Error>> attempt(PostgresSession& session, const PostgresAddress& publisher,
                                     const std::string& publication, bool connects, bool quiet) {
  const std::string name = "lakeshift_probe_" + std::to_string(session.backend());
  LS_TRY(session.exec(quiet ? "BEGIN; SET LOCAL log_min_messages = error" : "BEGIN"));
  const Status made =
      create(session, name, publication, connection_words(publisher),
             std::string("create_slot = false, slot_name = NONE, enabled = false, copy_data = "
                         "false, connect = ") +
                 (connects ? "true" : "false"));
  if (!session.alive()) return fail(made.error());
  LS_TRY(session.exec("ROLLBACK"));
  session.take_notices();
  return made ? std::nullopt : std::optional(made.error());
}

}  // namespace

Result<std::optional<SubscriptionState>> read_subscription(PostgresSession& session,
                                                           const std::string& name) {
  LS_ASSIGN(
      const PostgresRows rows,
      session.query(
          fmt::format(
              "SELECT s.oid, s.subenabled, (SELECT w.pid FROM pg_catalog.pg_stat_subscription w "
              "WHERE w.subid = s.oid AND w.pid IS NOT NULL ORDER BY w.relid NULLS FIRST LIMIT 1), "
              "{} FROM pg_catalog.pg_subscription s WHERE s.subname = $1 AND s.subdbid = (SELECT "
              "oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
              session.version() >= 150000
                  ? "(SELECT apply_error_count FROM pg_catalog.pg_stat_subscription_stats t WHERE "
                    "t.subid = s.oid)"
                  : "0"),
          {name}));
  if (rows.size() == 0) return std::nullopt;
  SubscriptionState state;
  state.oid = static_cast<unsigned>(rows.integer(0, 0));
  state.enabled = rows.truth(0, 1);
  state.worker = static_cast<int>(rows.integer(0, 2));
  state.errors = rows.integer(0, 3);
  return state;
}

Result<Lsn> subscription_progress(PostgresSession& session, const SubscriptionState& state) {
  LS_ASSIGN(const PostgresRows rows,
            session.query("SELECT remote_lsn FROM pg_catalog.pg_replication_origin_status WHERE "
                          "external_id = $1",
                          {"pg_" + std::to_string(state.oid)}));
  if (rows.size() == 0 || !rows.cell(0, 0)) return Lsn{0};
  return parse_lsn(rows.text(0, 0));
}

Status start_subscription(PostgresSession& session, const SubscriptionPlan& plan) {
  LS_TRY(in_transaction(session, [&] {
    return create(session, plan.name, plan.publication, connection_words(plan.publisher),
                  options_of(plan, session.version()));
  }));
  LS_ASSIGN(const auto state, read_subscription(session, plan.name));
  if (!state)
    return fail("subscription-gone", "it was made, and somebody took it away",
                "subscription " + plan.name, "run again");
  // Not in the transaction that makes it: progress that is set is not undone with one.
  LS_TRY(session.query("SELECT pg_catalog.pg_replication_origin_advance($1, $2::pg_lsn)",
                       {"pg_" + std::to_string(state->oid), lsn_text(plan.from)}));
  return session.exec("ALTER SUBSCRIPTION " + quote_name(plan.name) + " ENABLE");
}

Status stop_subscription(PostgresSession& session, const std::string& name, world::Clock& clock,
                         world::Millis patience, std::stop_token stop) {
  LS_ASSIGN(auto state, read_subscription(session, name));
  if (!state) return {};
  // One whose slot was taken from it cannot be enabled, and need not be disabled.
  if (state->enabled) LS_TRY(session.exec("ALTER SUBSCRIPTION " + quote_name(name) + " DISABLE"));
  const world::Instant began = clock.now();
  world::Instant ended = began;
  while (true) {
    LS_ASSIGN(state, read_subscription(session, name));
    if (!state || state->worker == 0) return {};
    // In a long transaction, or cut off from its publisher. What it has not committed is not done.
    if (const world::Instant now = clock.now(); now - ended >= patience) {
      ended = now;
      LS_TRY(session.query("SELECT pg_catalog.pg_terminate_backend($1::int)",
                           {std::to_string(state->worker)}));
    }
    if (!clock.sleep(kLookForWorker, stop)) return fail("cancelled", "stopped", name);
  }
}

Status drop_subscription(PostgresSession& session, const std::string& name, world::Clock& clock,
                         std::stop_token stop) {
  LS_TRY(stop_subscription(session, name, clock, kDropPatience, stop));
  LS_ASSIGN(const auto state, read_subscription(session, name));
  if (!state) return {};
  const std::string quoted = quote_name(name);
  return session.exec("ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE); " +
                      "DROP SUBSCRIPTION " + quoted);
}

Result<SubscriptionProbe> probe_subscription(PostgresSession& session,
                                             const PostgresAddress& publisher,
                                             const std::string& publication) {
  SubscriptionProbe probe;
  PostgresAddress nowhere;  // a text that no server is asked by, and none refuses
  nowhere.host = "localhost";
  nowhere.password = world::Secret("none");
  LS_ASSIGN(probe.refused, attempt(session, nowhere, kNoPublication, false, false));
  const bool warns = publication.empty() && session.version() >= 150000;
  bool quiet = false;
  if (warns) {
    LS_ASSIGN(
        const std::string may,
        session.value("SELECT pg_catalog.has_parameter_privilege('log_min_messages', 'SET')"));
    quiet = may == "t";
  }
  if (!probe.refused && (quiet || !warns)) {
    LS_ASSIGN(probe.unreachable,
              attempt(session, publisher, publication.empty() ? kNoPublication : publication, true,
                      quiet));
    // A published table that is not here: somebody else's finding.
    if (probe.unreachable && probe.unreachable->code == kNoTable) probe.unreachable.reset();
  }
  LS_ASSIGN(
      const PostgresRows rows,
      session.query(
          "SELECT (SELECT count(*) FROM pg_catalog.pg_subscription WHERE subenabled), (SELECT "
          "count(*) FROM pg_catalog.pg_replication_origin), pg_catalog.has_function_privilege("
          "'pg_catalog.pg_replication_origin_advance(text,pg_lsn)'::regprocedure, 'EXECUTE') AND "
          "(rolsuper OR $1::int >= 140000) FROM pg_catalog.pg_roles WHERE rolname = current_user",
          {std::to_string(session.version())}));
  probe.subscriptions = static_cast<int>(rows.integer(0, 0));
  probe.origins = static_cast<int>(rows.integer(0, 1));
  const auto seen = session.query("SELECT FROM pg_catalog.pg_replication_origin_status LIMIT 1");
  if (!seen && seen.error().code != kNoRight) return fail(seen.error());
  probe.origin_rights = rows.truth(0, 2) && seen.has_value();
  return probe;
}

}  // namespace lakeshift::databases
