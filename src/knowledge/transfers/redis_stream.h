// Which keys of one Redis server change, as it happens.
//
// Two ways. "psync": we ask like a replica for the stream of commands from the present position on
// and read from each the keys it writes; the position is exact, and after a broken connection the
// stream goes on where it was while the server's backlog holds it. The snapshot at its beginning is
// taken where a move begins (redis_snapshot.h): the server writes it in a process of its own,
// beside its work. Later the server is asked to send none of its data where it can (7.0), else what
// it sends is thrown away. The commands are not repeated on the other side: its clock would expire
// keys that a command of the stream still finds, and a command repeated after a kill would count
// twice. "notifications": keyspace events, for servers that refuse PSYNC. What happens while the
// connection is broken, and FLUSHALL, is not told: whoever follows this way compares everything at
// the end.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/world/executor.h"
#include "core/world/world.h"
#include "knowledge/databases/redis_nodes.h"
#include "knowledge/transfers/redis_mover.h"
#include "knowledge/transfers/redis_snapshot.h"

namespace lakeshift::transfers {

enum class RedisFollow { psync, notifications };

// In a server's stream of commands: everything before `offset` is known.
struct RedisPosition {
  std::string history;  // the server's replication id; empty: none
  std::int64_t offset = 0;
  int database = -1;  // the one selected there; -1: not known
};

// What the stream says. Called by the stream's thread; may block, which slows the stream down.
struct RedisChanges {
  std::function<void(RedisKey)> changed;
  // All of a database (-1: of all) may be different: it was flushed or swapped.
  std::function<void(int database)> upset;
  std::function<void()> functions;  // libraries of functions changed
};

// Not thread safe.
class RedisStream {
 public:
  virtual ~RedisStream() = default;
  // Begins at `from`, or now when it has no history. False: changes between `from` and now are not
  // told.
  virtual Result<bool> begin(const RedisPosition& from) = 0;
  // Begins with all that the server holds; what changes from then on is told. False: this way knows
  // no snapshot, nothing has begun. After an error: begin.
  virtual Result<bool> begin_with(const RedisSnapshotReader::Found& found, std::size_t most) {
    static_cast<void>(found);
    static_cast<void>(most);
    return false;
  }
  // Reads what comes within a short time. Errors of the session: begin again.
  virtual Status read(world::Millis limit) = 0;
  virtual RedisPosition position() const = 0;
  // Tells the server what is safe on the other side.
  virtual Status acknowledge(std::int64_t offset) = 0;
  // Where the server is now, in the terms of position().offset: what was written before the call is
  // before it. Asked over `session`; any thread may ask.
  virtual Result<std::int64_t> server_offset(databases::RedisSession& session) = 0;
};

std::unique_ptr<RedisStream> make_redis_psync(const databases::RedisAddress& node,
                                              RedisChanges changes, std::stop_token stop);
std::unique_ptr<RedisStream> make_redis_notifications(const databases::RedisAddress& node,
                                                      RedisChanges changes, std::stop_token stop);

// Which words of commands are keys that it may write; asked from the server itself (COMMAND).
class RedisKeyFinder {
 public:
  static Result<RedisKeyFinder> ask(databases::RedisSession& session);
  // The keys of a command as a replica sees it, in database `database`. Those of other databases
  // are among them (COPY, MOVE). `session`: for commands whose keys only the server finds.
  Result<std::vector<RedisKey>> keys(const databases::RedisWords& words, int database,
                                     databases::RedisSession& session) const;

 private:
  struct Rule {
    int first = 0, last = 0, step = 0;
    bool movable = false;
  };
  std::map<std::string, Rule> rules_;
};

}  // namespace lakeshift::transfers
