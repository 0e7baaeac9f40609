#include <gtest/gtest.h>

#include "knowledge/transfers/postgres_schema.h"

namespace lakeshift::transfers {
namespace {

SchemaScript script_of(std::vector<SchemaStep> before, std::vector<SchemaStep> after) {
  SchemaScript script;
  script.before_data = std::move(before);
  script.after_data = std::move(after);
  return script;
}

TEST(PostgresSchemaChanges, New_changed_and_gone_are_named_rights_and_order_are_not) {
  const SchemaStep table{"TABLE", "s.t", "CREATE TABLE s.t (a integer)"};
  const SchemaStep wider{"TABLE", "s.t", "CREATE TABLE s.t (a bigint)"};
  const SchemaStep owner{"TABLE", "s.t", "ALTER TABLE s.t OWNER TO ana"};
  const SchemaStep view{"VIEW", "s.v", "CREATE VIEW s.v AS SELECT 1"};
  const SchemaStep index{"INDEX", "s.i", "CREATE INDEX i ON s.t USING btree (a)"};
  const SchemaStep grant{"ACL", "s.t", "GRANT INSERT ON TABLE s.t TO app"};
  const SchemaStep role{"ROLE", "app", "CREATE ROLE app"};
  const SchemaStep comment{"COMMENT", "ROLE app", "COMMENT ON ROLE app IS 'x'"};
  const SchemaStep setting{"", "", "SET check_function_bodies = false", true};
  const SchemaScript before = script_of({role, comment, setting, table, owner, view}, {grant});
  EXPECT_TRUE(changed_definitions(before, script_of({view, owner, table}, {})).empty());
  EXPECT_EQ(changed_definitions(before, script_of({wider, owner, setting}, {index, grant})),
            (std::vector<std::string>{"new INDEX s.i", "changed TABLE s.t", "gone VIEW s.v"}));
}

}  // namespace
}  // namespace lakeshift::transfers
