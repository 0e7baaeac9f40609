// Real PostgreSQL servers for tests: each has its own folder and port, runs as a user who is not
// root, and dies with the test program.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::servers {

class PostgresServer {
 public:
  struct Options {
    int major = 15;                                 // Debian's, or one of deps/postgres.txt
    std::map<std::string, std::string> settings{};  // of postgresql.conf
    std::vector<std::string> hba{};  // lines of pg_hba.conf; none: everybody is trusted
    std::string locale = "C.UTF-8";
    std::string encoding = "UTF8";
  };
  explicit PostgresServer(Options options);  // initdb and start(); throws what went wrong
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // One per major version for the whole program, wal_level=logical: for tests that only need
  // databases of their own.
  static PostgresServer& shared(int major = 15);
  static bool installed(int major);
  static std::string program(int major, const std::string& name);  // its path

  void start();
  void stop();   // fast: sessions are ended
  void crash();  // kill -9 of all its processes
  void configure(const std::map<std::string, std::string>& settings);  // then stop() and start()
  int port() const { return port_; }
  int major() const { return options_.major; }
  const std::string& folder() const { return folder_; }

  databases::PostgresAddress address(const std::string& database,
                                     const std::string& user = "postgres") const;
  std::unique_ptr<databases::PostgresSession> connect(const std::string& database,
                                                      const std::string& user = "postgres") const;
  // Runs statements as superuser; throws what the server says.
  void run(const std::string& database, const std::string& sql) const;
  std::string value(const std::string& database, const std::string& sql) const;
  // A new, empty database (dropped first when it is there): its name.
  std::string fresh_database(const std::string& name, const std::string& options = "") const;

 private:
  void write(const std::string& name, const std::string& text) const;
  Options options_;
  std::string folder_;
  int port_ = 0;
  pid_t postmaster_ = 0;
};

}  // namespace lakeshift::servers
