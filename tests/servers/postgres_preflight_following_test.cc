// What stands in the way of following by subscription, planted one by one on real servers.
#include <gtest/gtest.h>

#include "knowledge/databases/postgres_preflight.h"
#include "tests/servers/postgres_server.h"

namespace lakeshift::databases {
namespace {

using servers::PostgresServer;

// Two databases of one server that follow each other.
struct FollowingPair {
  PostgresServer& server;
  std::string user = "postgres";
  PreflightOptions options{};

  explicit FollowingPair(PostgresServer& of) : server(of) {
    options.dump_version = 170010;
    server.fresh_database("following_from");
    server.fresh_database("following_to");
    meet();
  }
  PostgresAddress address(const std::string& database) const {
    PostgresAddress made = server.address(database, user);
    made.password = world::Secret("secret of " + user);
    return made;
  }
  // One who is no superuser and may log in already.
  void become_follower() {
    user = "follower";
    meet();
    server.run("postgres",
               "GRANT CREATE ON DATABASE following_to TO follower; GRANT CREATE ON DATABASE "
               "following_from TO follower");
  }
  void meet() { options.doors = {address("following_from"), address("following_to")}; }
  Preflight look() const {
    auto here = PostgresSession::connect(address("following_from"), {});
    auto there = PostgresSession::connect(address("following_to"), {});
    if (!here || !there) throw std::runtime_error((here ? there : here).error().to_text());
    auto preflight = run_preflight(**here, **there, options);
    if (!preflight) throw std::runtime_error(preflight.error().to_text());
    return *std::move(preflight);
  }
  void follow(const Obstacle& obstacle) const {
    server.run(obstacle.side == "source" ? "following_from" : "following_to", obstacle.sql);
  }
};

std::string codes_of(const Preflight& preflight) {
  std::string text;
  for (const Obstacle& obstacle : preflight.obstacles)
    text += obstacle.code + " " + obstacle.side + " " + obstacle.key + "\n";
  return text;
}

TEST(PostgresPreflightFollowing, Nothing_stands_in_the_way_and_nothing_is_left_of_the_attempt) {
  const FollowingPair pair(PostgresServer::shared());
  EXPECT_EQ(codes_of(pair.look()), "");
  EXPECT_EQ(pair.server.value("postgres",
                              "SELECT (SELECT count(*) FROM pg_subscription) + (SELECT count(*) "
                              "FROM pg_replication_origin)"),
            "0");
}

TEST(PostgresPreflightFollowing, A_server_that_does_not_reach_the_other) {
  FollowingPair pair(PostgresServer::shared());
  pair.options.doors->source_for_target.port = "1";
  EXPECT_EQ(codes_of(pair.look()), "pg-subscription-unreachable target following_to\n");
  pair.meet();
  pair.options.doors->target_for_source.database = "nowhere";
  const Preflight before = pair.look();
  EXPECT_EQ(codes_of(before), "pg-subscription-unreachable source following_from\n");
  EXPECT_NE(before.obstacles.front().reason.find("\"nowhere\" does not exist"), std::string::npos)
      << before.obstacles.front().reason;
  EXPECT_NE(before.obstacles.front().remedy.find("target_for_source"), std::string::npos);
  EXPECT_EQ(before.obstacles.front().reason.find("secret of"), std::string::npos);
  pair.options.reverse = false;
  EXPECT_EQ(codes_of(pair.look()), "") << "there is no way back to be followed";
}

// A user who is no superuser: from version 16 on the rights can be given.
TEST(PostgresPreflightFollowing, Rights_of_a_user_who_is_no_superuser) {
  ASSERT_TRUE(PostgresServer::installed(16));
  PostgresServer server({.major = 16,
                         .settings = {{"wal_level", "logical"}},
                         .hba = {"local all all trust", "host all postgres 127.0.0.1/32 trust",
                                 "host all follower 127.0.0.1/32 scram-sha-256"}});
  server.run("postgres",
             "CREATE ROLE follower LOGIN REPLICATION CREATEROLE PASSWORD 'secret of follower'; "
             "GRANT SET ON PARAMETER session_replication_role TO follower");
  FollowingPair pair(server);
  pair.become_follower();
  const Preflight before = pair.look();
  EXPECT_EQ(codes_of(before),
            "pg-origin-right source follower\npg-origin-right target follower\n"
            "pg-subscription-right source follower\npg-subscription-right target follower\n");
  for (const Obstacle& obstacle : before.obstacles) pair.follow(obstacle);
  EXPECT_EQ(codes_of(pair.look()), "");
}

TEST(PostgresPreflightFollowing, Before_version_16_it_takes_a_superuser) {
  PostgresServer& server = PostgresServer::shared();
  server.run("postgres",
             "DROP ROLE IF EXISTS follower; CREATE ROLE follower LOGIN REPLICATION CREATEROLE; "
             "GRANT SET ON PARAMETER session_replication_role TO follower");
  FollowingPair pair(server);
  pair.become_follower();
  const Preflight before = pair.look();
  for (const Obstacle& obstacle : before.obstacles) {
    if (obstacle.code != "pg-subscription-right") continue;
    EXPECT_NE(obstacle.remedy.find("follow: stream"), std::string::npos);
  }
  EXPECT_NE(codes_of(before).find("pg-subscription-right target follower"), std::string::npos);
  server.run("postgres", "ALTER ROLE follower SUPERUSER");
  EXPECT_EQ(codes_of(pair.look()), "");
  server.fresh_database("following_from");
  server.fresh_database("following_to");
  server.run("postgres",
             "REVOKE SET ON PARAMETER session_replication_role FROM follower; DROP ROLE follower");
}

// Each followed by a restart, as the remedy says.
TEST(PostgresPreflightFollowing, Settings_of_the_following_server) {
  const std::map<std::string, std::string> sound = {{"wal_level", "logical"},
                                                    {"max_logical_replication_workers", "4"},
                                                    {"max_worker_processes", "8"},
                                                    {"max_replication_slots", "10"}};
  const std::map<std::string, std::map<std::string, std::string>> plants = {
      {"pg-apply-workers", {{"max_logical_replication_workers", "0"}}},
      {"pg-worker-processes", {{"max_worker_processes", "1"}}},
      {"pg-origins-full", {{"max_replication_slots", "3"}}}};
  PostgresServer server({.settings = sound});
  server.run("postgres",
             "SELECT pg_replication_origin_create('planted ' || i) FROM generate_series(1, 3) i");
  for (const auto& [code, settings] : plants) {
    server.run("postgres", "ALTER SYSTEM RESET ALL");
    server.stop();
    server.configure(sound);
    server.configure(settings);
    server.start();
    FollowingPair pair(server);
    pair.options.reverse = false;
    const Preflight before = pair.look();
    ASSERT_EQ(before.obstacles.size(), 1U) << codes_of(before);
    EXPECT_EQ(before.obstacles.front().code, code);
    ASSERT_TRUE(before.obstacles.front().restart);
    pair.follow(before.obstacles.front());
    server.stop();
    server.start();
    EXPECT_EQ(codes_of(pair.look()), "") << code;
  }
}

}  // namespace
}  // namespace lakeshift::databases
