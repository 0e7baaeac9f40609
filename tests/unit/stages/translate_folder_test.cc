#include "stages/translate_folder.h"

#include <gtest/gtest.h>

#include "stages/translate_order.h"
#include "stages/translate_redact.h"

namespace lakeshift::stages {
namespace {

using Indexes = std::vector<std::size_t>;

SqlOrder order_of(const std::vector<std::string>& texts) {
  std::vector<SqlFacts> facts;
  for (const std::string& text : texts) facts.push_back(scan_sql(text));
  std::vector<const SqlFacts*> files;
  for (const SqlFacts& one : facts) files.push_back(&one);
  return order_files(files);
}

TEST(SqlOrder, CreatorsComeBeforeUsers) {
  const SqlOrder order = order_of({"select * from v", "create view s.v as select * from s.t",
                                   "create table s.t (a int)", "select 1"});
  EXPECT_EQ(order.levels, (std::vector<Indexes>{{2, 3}, {1}, {0}}));
  EXPECT_EQ(order.needs, (std::vector<Indexes>{{1}, {2}, {}, {}}));
  EXPECT_TRUE(order.cycles.empty());
}

TEST(SqlOrder, ACycleIsNamedAndTakesNobodyAlong) {
  const SqlOrder order =
      order_of({"create view a as select * from b", "create view b as select * from a",
                "create table c (x int)", "select * from a, c"});
  EXPECT_EQ(order.cycles, (std::vector<Indexes>{{0, 1}}));
  EXPECT_EQ(order.levels, (std::vector<Indexes>{{0, 1, 2}, {3}}));
}

TEST(SqlOrder, NamesInsideAreNoNeeds) {
  const SqlOrder order =
      order_of({"create table t (a int)", "with t as (select 1 as a) select * from t",
                "create temp table t as select 1 as a; select * from t", "create table #x (b int)",
                "insert into #x select 1"});
  for (const Indexes& needs : order.needs) EXPECT_TRUE(needs.empty());
}

TEST(SqlOrder, AnAmbiguousShortNameIsNobodys) {
  const SqlOrder order = order_of({"create table a.t (x int)", "create table b.t (x int)",
                                   "select * from t", "select * from db.b.t"});
  EXPECT_EQ(order.needs, (std::vector<Indexes>{{}, {}, {}, {1}}));
}

TEST(SqlFacts, SurviveTheCache) {
  const SqlFacts facts = scan_sql(
      "create table s.t (a int identity(1,1), b decimal(10,2) not null default 1, primary key (a));"
      "alter table s.u add column c varchar(7); alter table s.u drop column d;"
      "create function f_x (integer) returns bigint stable as $$ select $1 $$ language sql;"
      "select f_x(a) from s.v");
  EXPECT_EQ(facts.uses, (std::set<std::string>{"s.u", "s.v"}));
  ASSERT_EQ(facts.alterations.size(), 2U);
  EXPECT_EQ(facts.alterations[1].changed, (std::vector<std::string>{"d"}));
  EXPECT_EQ(describe(facts_from(describe(facts))), describe(facts));
  ASSERT_EQ(facts.creates.size(), 1U);
  EXPECT_EQ(facts.creates[0].columns[1].type, sql::decimal_of(10, 2));
  EXPECT_TRUE(facts.creates[0].columns[0].identity);
}

TEST(SqlFile, AnswersOfTheCatalogBelowDecideWhetherItIsTheSame) {
  sql::Catalog below;
  below.put({"s.t", {{"a", sql::type_of(sql::Base::integer)}}});
  const SqlFileTranslation done = translate_file("select a / 2 from s.t, s.u", below, {});
  EXPECT_NE(done.output.find("DIV 2"), std::string::npos) << done.output;
  EXPECT_TRUE(answers_alike(done.asked, below));
  below.put({"s.w", {}});
  EXPECT_TRUE(answers_alike(done.asked, below)) << "nobody asked for it";
  below.put({"s.u", {}});
  EXPECT_FALSE(answers_alike(done.asked, below)) << "it was not there before";
}

TEST(SqlFile, SaysWhetherSomebodyChangedIt) {
  const std::string text = translate_file("select 1; -- c\n", {}, {}).output;
  EXPECT_EQ(authorship_of(text), Authorship::ours);
  EXPECT_EQ(authorship_of(text + " "), Authorship::edited);
  EXPECT_EQ(authorship_of(text.substr(0, 50)), Authorship::edited);
  EXPECT_EQ(authorship_of("select 1;"), Authorship::foreign);
}

TEST(SqlFile, EveryStatementIsCountedOnce) {
  const SqlFileTranslation done = translate_file(
      "-- head\nselect 1;\n;\nselec 2;\nselect no_such(1); -- t\n/* end */\n", {}, {});
  EXPECT_EQ(done.counts.translated, 1U);
  EXPECT_EQ(done.counts.unparsed, 1U);
  EXPECT_EQ(done.counts.refused, 1U);
  EXPECT_EQ(done.counts.empty, 2U);
  EXPECT_NE(done.output.find("/* end */"), std::string::npos);
  EXPECT_EQ(done.counts.minutes, 24U);
}

TEST(SqlRedaction, KeepsSecretsOut) {
  for (const std::string_view text :
       {"copy t from 's3://b' credentials 'aws_iam_role=x;aws_secret_access_key=hush' csv",
        "copy t from 's3://b' access_key_id 'hush' secret_access_key 'hush' session_token 'hush'",
        "create user u password 'hush'", "alter user u password  'hush' valid until '2030-01-01'",
        "unload ('select 1') to 's3://b' credentials as 'hush'"}) {
    const std::string shown = redact_sql(text);
    EXPECT_EQ(shown.find("hush"), std::string::npos) << shown;
    EXPECT_NE(shown.find("(redacted)"), std::string::npos) << shown;
  }
  EXPECT_EQ(redact_sql("select password, 'x' as y from users"),
            "select password, 'x' as y from users");
  EXPECT_EQ(redact_sql("select 'x'"), "select 'x'");
}

}  // namespace
}  // namespace lakeshift::stages
