// Two databases on real servers, a publication, and the move of one into the other in this process
// or in a child that can be killed.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/transfers/postgres_apply.h"
#include "knowledge/transfers/postgres_copy.h"
#include "tests/servers/postgres_server.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::servers {

struct MovedDatabase {
  MovedDatabase(PostgresServer& from, PostgresServer& to, const std::string& name,
                const std::string& schema)
      : from_server(from), to_server(to) {
    drop_slots(from, name + "_src");
    drop_slots(to, name + "_dst");
    source = from.fresh_database(name + "_src");
    target = to.fresh_database(name + "_dst");
    at_source(schema);
    at_target(schema);
    from.run(source, "CREATE PUBLICATION moved FOR ALL TABLES");
    slot = "ls_" + name;
  }
  ~MovedDatabase() {
    try {
      drop_slots(from_server, source);
      drop_slots(to_server, target);
    } catch (const std::exception&) {  // the server may have been killed by the test
    }
  }
  // Sessions of lakeshift have an empty search_path; people's have not.
  void at_source(const std::string& sql) const { from_server.run(source, kPath + sql); }
  void at_target(const std::string& sql) const { to_server.run(target, kPath + sql); }
  std::string source_value(const std::string& sql) const { return from_server.value(source, sql); }
  std::string target_value(const std::string& sql) const { return to_server.value(target, sql); }
  static void drop_slots(PostgresServer& server, const std::string& database) {
    server.run("postgres",
               "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND "
               "database = " +
                   databases::quote_literal(database));
    server.run("postgres",
               "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE "
               "database = " +
                   databases::quote_literal(database));
  }
  std::vector<transfers::TableName> tables() const {
    std::vector<transfers::TableName> found;
    const auto rows = from_server.connect(source)->query(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', "
        "'lakeshift') "
        "ORDER BY 1, 2");
    for (int row = 0; row < rows->size(); ++row)
      found.emplace_back(rows->text(row, 0), rows->text(row, 1));
    return found;
  }
  transfers::CopyOptions copy_options() const {
    transfers::CopyOptions options;
    options.slot = slot;
    options.tables = tables();
    options.part_bytes = 1 << 20;
    return options;
  }
  transfers::ApplyOptions apply_options() const {
    transfers::ApplyOptions options;
    options.slot = slot;
    options.publication = "moved";
    return options;
  }
  Result<transfers::CopyState> copy() { return copy(copy_options()); }
  Result<transfers::CopyState> copy(const transfers::CopyOptions& options) {
    world::Run run = world_run();
    return transfers::copy_tables(from_server.address(source), to_server.address(target), options,
                                  run);
  }
  // Applies until all that the source holds now is in the target.
  Result<transfers::ApplyState> catch_up() { return catch_up(apply_options()); }
  Result<transfers::ApplyState> catch_up(transfers::ApplyOptions options) {
    const std::atomic<databases::Lsn> until =
        *databases::parse_lsn(from_server.value(source, "SELECT pg_current_wal_insert_lsn()"));
    options.until = &until;
    world::Run run = world_run();
    return transfers::apply_changes(from_server.address(source), to_server.address(target), options,
                                    run);
  }
  std::string warnings() const {
    std::string text;
    for (const world::Event& event : fake.events.events()) text += event.text + "\n";
    return text;
  }
  // Rows of a table on both sides as text, in an order of bytes, by psql's own words.
  std::string rows(bool of_target, const std::string& table) const {
    const std::string sql =
        "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "
        "\"C\"), '') FROM " +
        table + " t";
    return of_target ? to_server.value(target, sql) : from_server.value(source, sql);
  }
  world::Run world_run() { return world::Run{real, fake.events, fake.stop.get_token()}; }

  inline static const std::string kPath = "SET search_path = public; ";
  PostgresServer& from_server;
  PostgresServer& to_server;
  std::string source, target, slot;
  // The real clock; the rest is never used.
  fakes::FakeWorld fake;
  world::SystemClock clock;
  world::World real{clock, fake.http, fake.files, *fake.random, *fake.environment};
};

// Runs `work` in a child process, which can be killed at any instant.
class Child {
 public:
  explicit Child(const std::function<int()>& work) {
    pid_ = ::fork();
    if (pid_ == 0) ::_exit(work());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) kill_now();
  }
  bool running() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ > 0;
  }
  void kill_now() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    pid_ = 0;
  }
  int wait() {  // its exit code
    if (pid_ > 0) ::waitpid(pid_, &status_, 0);
    pid_ = 0;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t pid_ = 0;
  int status_ = 0;
};

}  // namespace lakeshift::servers
