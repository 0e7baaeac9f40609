// Translates one object's document to the target cloud, explaining every decision.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/kind.h"
#include "core/model/plan.h"
#include "core/state/journal.h"
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds {

// The user's mapping file (mapping.yaml), parsed. Every table overrides what lakeshift would
// decide.
struct UserMapping {
  std::map<std::string, std::string> node_types;
  std::map<std::string, std::string> runtimes;
  std::map<std::string, std::string> storage;  // URL prefix -> URL prefix, longest match wins
  std::map<std::string, std::string>
      people;  // e-mail -> e-mail; "*@old.example" -> "*@new.example"
  std::map<std::string, std::string> groups;
  std::map<std::string, std::string> applications;       // application id -> application id
  std::map<std::string, std::string> instance_profiles;  // ARN -> ARN, or "" = drop
  std::map<std::string, std::string> registries;         // image prefix -> image prefix
  std::map<std::string, std::string> accounts;           // cloud account id -> account id
  std::map<std::string, std::string> hosts;              // workspace URL -> workspace URL
  std::map<std::string, std::string> regions;
  std::map<std::string, std::string> zones;
  std::map<std::string, std::string> conf;  // configuration key -> "keep" | "drop" | "=value"
  std::map<std::string, std::string>
      schemas;             // database.schema or schema -> catalog.schema, of SQL
  bool allow_arm = false;  // ARM node types may replace x86 ones
  // The last word on single fields: kind, natural key pattern and field path (shell patterns for
  // both), and the value as JSON text ("null" removes the field). Removes what blocked the field.
  struct FieldOverride {
    std::string kind, object, path, value_json;
  };
  std::vector<FieldOverride> fields;
};
// The format is docs/guide/mapping.md. Errors: "bad-mapping" with file and line, what was found and
// the closest valid name.
Result<UserMapping> mapping_from_yaml(std::string_view text, std::string_view file_name);

struct Blocker {
  std::string code, reason, remedy;
  std::string path;  // the field; empty: the object as a whole
};
// An edge that no field of the table names. `key` is the natural key in the source (a tree path,
// "scope/key", an ARN), or an id inside a larger text (a policy's rules), which planning replaces
// wherever it stands in the text at `path`.
struct Need {
  // Several kinds may be meant: "workspace_file|notebook".
  std::string kind, key, path;
};
struct MappedDocument {
  Json document;
  std::vector<model::Decision> decisions;
  std::vector<model::Finding> findings;
  std::vector<Blocker> blockers;  // the unmapped: the object is blocked, each with a proposal
  std::vector<Need>
      needs;  // references found inside texts ({{secrets/scope/key}}, init script paths, …)
};

struct MappingContext {
  const Cloud* from = nullptr;
  const Cloud* to = nullptr;
  Json source_platform, target_platform;    // as in the inventories
  Json source_reference, target_reference;  // node types, runtimes, zones of both sides
  UserMapping user;
  // Application ids of service principals that are on both sides already: their home folders are
  // named by them. The user's own table wins.
  std::map<std::string, std::string> applications;
};

// Source application id -> target application id, of service principals that are on both sides: by
// the ledger, else by a name that only one of the target has.
std::map<std::string, std::string> pair_applications(const model::Inventory& source,
                                                     const model::Inventory& target,
                                                     const std::vector<state::LedgerRow>& ledger);

// Const after construction; thread safe.
class Mapper {
 public:
  explicit Mapper(MappingContext context);
  ~Mapper();
  Mapper(Mapper&&) noexcept;
  // References by id are left alone: planning resolves them.
  MappedDocument map(const engine::Kind& kind, const model::Object& object) const;
  // Source text (notebook, file, script): findings with line numbers and, where a rewrite is
  // certain (storage prefix, home path, workspace URL, mapped account id), a reviewable unified
  // diff. Never applied by itself.
  struct ScannedText {
    std::vector<model::Finding> findings;
    std::string patch;        // empty: nothing is certain
    std::vector<Need> needs;  // secrets and notebooks that the text names
  };
  ScannedText scan(const engine::Kind& kind, const model::Object& object,
                   std::string_view text) const;
  // The user's map: exact (ignoring case), then "*@domain"; else unchanged.
  std::string map_person(std::string_view user_name) const;
  // Home folders (/Users/<mail>, /Repos/<mail>, with or without /Workspace) follow the identity
  // map.
  std::string map_tree_path(std::string_view path) const;
  // Longest prefix of the user's storage table; `mapped` (may be null) tells whether one matched.
  std::string map_storage(std::string_view uri, bool* mapped) const;

  struct State;  // of the implementation

 private:
  std::unique_ptr<State> state_;
};

// Node types of the target for one of the source, best first, with the distance and its
// explanation.
struct NodeMatch {
  const NodeType* type;
  double distance;
  std::string explanation;
};
std::vector<NodeMatch> match_node_type(const NodeType& wanted, std::span<const NodeType> candidates,
                                       bool allow_arm, std::size_t most = 5);

}  // namespace lakeshift::clouds
