#include "tests/servers/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tests/servers/free_port.h"

namespace lakeshift::servers {
namespace {

using databases::PostgresSession;
using databases::quote_literal;
using databases::quote_name;

const passwd* server_user() {
  if (::getuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

// A child in a group of its own, as the server's user, that does not outlive us.
pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
  const passwd* user = server_user();
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setpgid(0, 0);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(words[0], words.data());
  ::_exit(127);
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
T must(Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error().to_text());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace

std::string PostgresServer::program(int major, const std::string& name) {
  const std::string debian = "/usr/lib/postgresql/" + std::to_string(major) + "/bin/" + name;
  if (std::filesystem::exists(debian)) return debian;
  return std::string(LAKESHIFT_SOURCE_DIR) + "/.deps/postgres/" + std::to_string(major) + "/bin/" +
         name;
}

bool PostgresServer::installed(int major) {
  return std::filesystem::exists(program(major, "initdb"));
}

PostgresServer& PostgresServer::shared(int major) {
  static std::map<int, std::unique_ptr<PostgresServer>> servers;
  auto& server = servers[major];
  if (!server) server = std::make_unique<PostgresServer>(Options{.major = major});
  return *server;
}

PostgresServer::PostgresServer(Options options) : options_(std::move(options)), port_(free_port()) {
  std::string pattern = "/tmp/lakeshift-pg-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder in /tmp");
  folder_ = pattern;
  if (const passwd* user = server_user())
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("cannot give " + folder_ + " to the server's user");
  const std::string log = folder_ + "/log";
  int status = 0;
  ::waitpid(
      spawn({program(options_.major, "initdb"), "-D", folder_ + "/data", "-U", "postgres", "-A",
             "trust", "--no-sync", "-E", options_.encoding, "--locale=" + options_.locale},
            log),
      &status, 0);
  if (status != 0) throw std::runtime_error("initdb: " + read(log));
  if (!options_.hba.empty()) {
    std::string text;
    for (const std::string& line : options_.hba) text += line + "\n";
    write("pg_hba.conf", text);
  }
  std::map<std::string, std::string> settings = {{"port", std::to_string(port_)},
                                                 {"listen_addresses", "127.0.0.1"},
                                                 {"unix_socket_directories", folder_},
                                                 {"wal_level", "logical"},
                                                 {"max_wal_senders", "20"},
                                                 {"max_replication_slots", "20"},
                                                 {"max_connections", "60"},
                                                 {"fsync", "off"},
                                                 {"full_page_writes", "off"},
                                                 {"shared_buffers", "64MB"},
                                                 {"max_prepared_transactions", "4"},
                                                 {"timezone", "UTC"},
                                                 {"log_min_messages", "warning"}};
  for (const auto& [name, value] : options_.settings) settings[name] = value;
  configure(settings);
  start();
}

PostgresServer::~PostgresServer() {
  if (postmaster_ != 0) crash();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ + "/data/" + name, std::ios::trunc) << text;
}

void PostgresServer::configure(const std::map<std::string, std::string>& settings) {
  std::ofstream file(folder_ + "/data/postgresql.conf", std::ios::app);
  for (const auto& [name, value] : settings) file << name << " = " << quote_literal(value) << "\n";
}

void PostgresServer::start() {
  postmaster_ =
      spawn({program(options_.major, "postgres"), "-D", folder_ + "/data"}, folder_ + "/log");
  for (int attempt = 0; attempt < 3000; ++attempt) {
    auto session = PostgresSession::connect(address("postgres"), {});
    if (session) return;
    int status = 0;
    if (::waitpid(postmaster_, &status, WNOHANG) == postmaster_) {
      postmaster_ = 0;
      throw std::runtime_error("the server ended: " + read(folder_ + "/log"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the server does not answer: " + read(folder_ + "/log"));
}

void PostgresServer::stop() {
  ::kill(postmaster_, SIGINT);
  int status = 0;
  ::waitpid(postmaster_, &status, 0);
  postmaster_ = 0;
}

// The whole server at one instant. No process of it is left when this returns: a start refuses
// while one holds the shared memory.
void PostgresServer::crash() {
  const auto process = [](pid_t pid) { return "/proc/" + std::to_string(pid); };
  ::kill(postmaster_, SIGSTOP);  // makes no new children
  std::ifstream listed(process(postmaster_) + "/task/" + std::to_string(postmaster_) + "/children");
  const std::vector<pid_t> children{std::istream_iterator<pid_t>(listed), {}};
  for (const pid_t child : children) ::kill(child, SIGKILL);
  ::kill(postmaster_, SIGKILL);
  int status = 0;
  ::waitpid(postmaster_, &status, 0);
  postmaster_ = 0;
  for (const pid_t child : children) {
    std::error_code gone;
    for (int attempt = 0; attempt < 2000 && std::filesystem::read_symlink(
                                                process(child) + "/cwd", gone) == folder_ + "/data";
         ++attempt)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::unlink((folder_ + "/data/postmaster.pid").c_str());
}

databases::PostgresAddress PostgresServer::address(const std::string& database,
                                                   const std::string& user) const {
  databases::PostgresAddress address;
  address.host = "127.0.0.1";
  address.port = std::to_string(port_);
  address.database = database;
  address.user = user;
  return address;
}

std::unique_ptr<PostgresSession> PostgresServer::connect(const std::string& database,
                                                         const std::string& user) const {
  return must(PostgresSession::connect(address(database, user), {}), "connect");
}

void PostgresServer::run(const std::string& database, const std::string& sql) const {
  must(connect(database)->exec(sql), sql.substr(0, 200));
}

std::string PostgresServer::value(const std::string& database, const std::string& sql) const {
  return must(connect(database)->value(sql), sql.substr(0, 200));
}

std::string PostgresServer::fresh_database(const std::string& name,
                                           const std::string& options) const {
  run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " +
                      quote_literal(name));
  run("postgres", "DROP DATABASE IF EXISTS " + quote_name(name));
  run("postgres", "CREATE DATABASE " + quote_name(name) + " TEMPLATE template0 " + options);
  return name;
}

std::string PostgresServer::every_type(bool with_icu) {
  const std::string name = with_icu ? "every_type_icu" : "every_type",
                    folder = std::string(LAKESHIFT_SOURCE_DIR) + "/tests/servers/";
  bool& made = has_every_type_[with_icu ? 1 : 0];
  if (made) return name;
  run(fresh_database(name), read(folder + "every_type.sql"));
  if (with_icu) run(name, read(folder + "every_type_icu.sql"));
  made = true;
  return name;
}

}  // namespace lakeshift::servers
