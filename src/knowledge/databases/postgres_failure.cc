#include "knowledge/databases/postgres_failure.h"

#include <algorithm>
#include <iterator>

namespace lakeshift::databases {
namespace {

// The longest prefix of the SQLSTATE wins.
// https://www.postgresql.org/docs/17/errcodes-appendix.html (seen 2026-11-28)
struct Meaning {
  std::string_view state;
  Retry retry;
  bool lost;
  std::string_view remedy;
};
constexpr Meaning kMeanings[] = {
    {"08", Retry::later, true,
     "look whether the server runs and is reachable from here; the same command goes on from where "
     "it was"},
    {"0A", Retry::never, false, "this server's version or kind cannot do that"},
    {"22", Retry::never, false, "look at the value named"},
    {"23", Retry::never, false, "look at the row named: something else wrote to this table"},
    {"25006", Retry::never, false,
     "this session is read-only: connect to the primary, or lift default_transaction_read_only"},
    {"28", Retry::never, false,
     "check user and password, and that pg_hba.conf or the firewall lets this host in"},
    {"3D000", Retry::never, false, "create the database, or correct its name"},
    {"40", Retry::later, false, "the same command goes on from where it was"},
    {"42501", Retry::never, false, "grant this right to the user of the connection"},
    {"42704", Retry::never, false, "create what is missing, or leave out what needs it"},
    {"42P01", Retry::never, false, "create the table, or leave out what needs it"},
    {"42710", Retry::never, false, "it exists already: drop it, or leave it out"},
    {"42P07", Retry::never, false, "it exists already: drop it, or leave it out"},
    {"53100", Retry::never, false, "the server's disk is full: enlarge it, then run again"},
    {"53200", Retry::later, false, "the server is out of memory: lower work_mem or parallelism"},
    {"53300", Retry::later, false, "raise max_connections or lower the number of connections"},
    {"53400", Retry::later, false, "raise the limit named"},
    {"55000", Retry::never, false, "the thing named is not in the state that this needs"},
    {"55006", Retry::later, false, "something else uses it: end that, or wait"},
    {"55P03", Retry::later, false, "another session holds the lock: end it, or wait"},
    {"57014", Retry::never, false, "the statement was cancelled or ran into its time limit"},
    {"57P", Retry::later, true, "wait until the server accepts connections, then run again"},
    {"58", Retry::never, false, "look at the server's log: its files are damaged or missing"},
    {"XX001", Retry::never, false, "the source's data is damaged: look at the server's log"},
    {"XX002", Retry::never, false, "an index of the source is damaged: REINDEX it"},
};

const Meaning* meaning_of(std::string_view state) {
  const Meaning* best = nullptr;
  for (const Meaning& meaning : kMeanings)
    if (state.starts_with(meaning.state) &&
        (best == nullptr || best->state.size() < meaning.state.size()))
      best = &meaning;
  return best;
}

}  // namespace

Error postgres_error(std::string_view sqlstate, std::string message, std::string about) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  Error error;
  error.code = sqlstate;
  error.message = std::move(message);
  error.about = std::move(about);
  if (const Meaning* meaning = meaning_of(sqlstate)) {
    error.retry = meaning->retry;
    error.remedy = meaning->remedy;
  } else {
    error.remedy = "look up SQLSTATE " + error.code + " in the manual of PostgreSQL";
  }
  return error;
}

bool lost_connection(const Error& error) {
  const Meaning* meaning = error.code.size() == 5 ? meaning_of(error.code) : nullptr;
  return meaning != nullptr && meaning->lost;
}

}  // namespace lakeshift::databases
