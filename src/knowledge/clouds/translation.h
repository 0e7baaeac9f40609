// One object being translated. Private to this folder: mapper.cc walks the document, each
// translate_*.cc knows some of the meanings.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "knowledge/clouds/mapper.h"
#include "knowledge/clouds/node_catalogue.h"
#include "knowledge/clouds/runtime.h"
#include "knowledge/clouds/storage_map.h"

namespace lakeshift::clouds {

struct Mapper::State {
  explicit State(MappingContext given);
  MappingContext context;
  NodeCatalogue source_nodes, target_nodes;
  RuntimeCatalogue runtimes;
  StorageMap storage;
  std::vector<std::string> target_zones;
  std::string target_region;  // empty: not known
  std::map<std::string, std::string>
      hosts;  // lower-case host -> host, the user's and the two workspaces'

  const Cloud& from() const { return *context.from; }
  const Cloud& to() const { return *context.to; }
  const UserMapping& user() const { return context.user; }
  std::string map_person(std::string_view user_name) const;
  std::string map_tree_path(std::string_view path) const;
  // Account ids of the user's table, wherever they stand as whole words in a text.
  std::string map_accounts(std::string_view text) const;
  bool crosses_clouds() const { return context.from != context.to; }
};

// What a translated value must be able to do.
enum class Use {
  must_work,  // the object fails without it: the unmapped blocks
  in_text,    // part of a text: the unmapped is a finding
};

struct NodeChoice {
  std::string id;  // empty: blocked
  const NodeType* type =
      nullptr;  // specification of the chosen type; null when nothing is known about it
  std::string explanation;
};

class Translation {
 public:
  Translation(const Mapper::State& state, const engine::Kind& kind, const model::Object& object,
              MappedDocument& out)
      : state_(state), kind_(kind), object_(object), out_(out) {}

  void run();  // the whole document

  // Records. Values of credentials never get into them: callers pass redacted texts.
  void decide(std::string path, std::string rule, Json before, Json after, std::string explanation);
  void find(std::string code, model::Severity severity, std::string where, std::string cause,
            std::string remedy, std::string evidence = {});
  void block(std::string code, std::string path, std::string reason, std::string remedy);
  void need(std::string kind, std::string key, std::string path);
  void need_file(std::string_view tree_path, std::string path);

  // Single values: translate_identity.cc
  std::string person(const std::string& path, const std::string& value);
  std::string group(const std::string& path, const std::string& value);
  std::string application(const std::string& path, const std::string& value);
  std::string principal(const std::string& path, const std::string& value);
  std::string tree_path(const std::string& path, const std::string& value);
  std::string region(const std::string& path, const std::string& value);
  // Null: dropped by the user, or blocked.
  std::optional<std::string> identity(const std::string& path, const std::string& value);

  // translate_storage.cc
  std::string storage(const std::string& path, const std::string& value, Use use);
  std::string text(const std::string& path, const std::string& value);
  std::string image(const std::string& path, const std::string& value, bool has_login);

  // translate_conf.cc; `path` is the map's path.
  void conf(const std::string& path, Json& map);
  void environment(const std::string& path, Json& map);
  // What happens to one configuration key: null = removed.
  std::optional<std::string> conf_value(const std::string& path, const std::string& key,
                                        const std::string& value);
  std::optional<std::string> environment_value(const std::string& path, const std::string& key,
                                               const std::string& value);

  // translate_compute.cc: `prefix` is "" or the block's path and a dot.
  void compute(const std::string& prefix, Json& block);
  void pool(const std::string& prefix, Json& block);
  NodeChoice node_type(const std::string& path, const std::string& id, bool photon);
  std::string runtime(const std::string& path, const std::string& key, const NodeType* node);

  // translate_attributes.cc
  void attributes(const std::string& prefix, Json& block, bool pool,
                  const std::vector<const NodeType*>& nodes);
  void pool_disks(const std::string& prefix, Json& block,
                  const std::vector<const NodeType*>& nodes);

  // translate_destinations.cc
  void log_destination(const std::string& prefix, Json& block);
  void init_scripts(const std::string& prefix, Json& block);
  // Tells that logs cannot be written there.
  void block_log(const std::string& path, const std::string& place, const std::string& location);
  void tags(const std::string& path, Json& map);

  // translate_policy.cc
  std::string policy(const std::string& path, const std::string& definition);

  const Mapper::State& state() const { return state_; }
  MappedDocument& out() { return out_; }

 private:
  void warn_about_node(const std::string& path, const NodeType* wanted, const NodeChoice& choice);
  void warn_about_disk(const std::string& path, const NodeType* before, const NodeType* after,
                       const Json& block);
  void alternates(const std::string& prefix, Json& block, std::string_view name,
                  const std::string& main);
  void drop_what_pools_decide(const std::string& prefix, Json& block);
  void keep_identity_only(const std::string& prefix, Json& block, Json& source);
  void same_cloud_attributes(const std::string& path, Json& block, bool pool);
  void shared_parts(const std::string& prefix, Json& block);
  void note_login(const std::string& path, std::string_view name, const std::string& value);
  void finish(const std::string& prefix, std::initializer_list<std::string_view> names);
  bool visit(const model::Visit& at, Json& value);
  bool visit_array(const std::string& path, model::Meaning meaning, Json& array);
  void one_value(const std::string& path, model::Meaning meaning, Json& value);
  void erase_dropped();
  void apply_overrides();

  const Mapper::State& state_;
  const engine::Kind& kind_;
  const model::Object& object_;
  MappedDocument& out_;
  std::set<std::string> warned_nodes_;
  std::vector<std::string> dropped_;  // paths of values that go away
  std::vector<std::string> done_;     // paths that a block's translation has dealt with
};

// What stands for a credential in every record.
inline constexpr std::string_view kRedacted = "(redacted)";
bool is_secret_reference(std::string_view value);  // {{secrets/scope/key}} and nothing else
// Names whose value is a credential: …secret…, …password…, account keys, tokens.
bool names_a_credential(std::string_view key);

// A line of mapping.yaml, for remedies: node_types: {"a": "b"}
std::string mapping_line(std::string_view section, std::string_view from, std::string_view to);

}  // namespace lakeshift::clouds
