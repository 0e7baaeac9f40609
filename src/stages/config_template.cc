#include "stages/config.h"

namespace lakeshift::stages {

std::string config_template(std::string_view from_profile, std::string_view to_profile) {
  std::string text =
      R"(# What lakeshift moves, and where to. Every command run in this folder reads this file.

# The workspaces, each with a name of your choice. Access comes from a profile of ~/.databrickscfg, or from 'host' and
# the environment: LAKESHIFT_OLD_TOKEN, LAKESHIFT_OLD_CLIENT_ID, ... for the connection 'old'. No secret belongs here.
connections:
  old:
    profile: )";
  text += from_profile;
  text += R"(
    # host: https://adb-1234567890123456.7.azuredatabricks.net
    # cloud: azure            # found out when left out
    # account_id: 00000000-0000-0000-0000-000000000000
    # rate_limits: documented # start from the vendor's limits; learned: start without, and heed refusals
  new:
    profile: )";
  text += to_profile;
  text += R"(

# What moves where. Several routes may end in one workspace.
routes:
  - from: old
    to: new
    # select:                 # "kind", "kind/name-pattern", "*/name-pattern", "tag:name=value"; all when left out
    #   include: ["*"]
    #   exclude: ["job/tmp-*", "notebook//Users/*/scratch/*"]
    # on_clash: adopt         # an object of the same name is there already: adopt | block | rename
    # prefix: old-            # with rename: put before the names that clash

# Decisions of yours that override lakeshift's: node types, storage prefixes, people, accounts, ...
# mapping_file: mapping.yaml

# Where secret values come from: api (the source's API), file (secrets_file), cluster (a run in the source).
# secrets_from: api
# secrets_file: ../secrets.yaml
# secrets_cluster: 1120-093000-abcdefgh   # with cluster: else one is made for it and removed again

# Objects that move together; each command takes --wave NAME. A wave brings what its objects need.
# waves:
#   finance: ["job/finance-*", "tag:team=finance"]

# What 'lakeshift accept' tries the target with, and whether cutover asks it first.
# accept:
#   warehouse: 1234567890abcdef
#   databases: ["db.internal:5432"]
#   buckets: ["s3://raw/"]
# gates: [accept]

# Live moves of PostgreSQL databases, and of Redis (redis://, rediss://; lakeshift move --help). Passwords: LAKESHIFT_SHOP_SOURCE_PASSWORD, ..._TARGET_PASSWORD.
# moves:
#   shop:
#     source: postgresql://old.example.com/shop?user=mover&sslmode=verify-full
#     target: postgresql://new.example.com/shop?user=mover&sslmode=verify-full
#     applications: [shop_app]   # roles that write; they are fenced at the switch
#     pause_budget_ms: 5000      # past it a switch goes back by itself

# Calls in flight over everything, 1 to 64.
# parallel: 8

# Allows the few effects on the source that some steps need, such as a run that reads secrets.
# allow_source_runs: false
)";
  return text;
}

}  // namespace lakeshift::stages
