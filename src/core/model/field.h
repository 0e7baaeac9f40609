// Field tables: what each field of a kind's document is, and so what discover keeps, plan sends and
// verify compares.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace lakeshift::model {

enum class Role : unsigned char {
  settable,     // create and update send it, verify compares it
  create_only,  // settable at creation only: a difference later means replacement, which a person
                // decides
  read_only,    // the platform generates it: dropped
  write_only,   // never returned: sent when the user supplies it, not compared
  secret,  // a value that is never in artefacts: documents hold a reference to it, or nothing. Two
           // references are compared; values by keyed hash, where the platform returns them
  observed,  // read and compared, but set by calls of its own (the kind's plan hook)
};

// What a value means to a reader in another cloud. `none` is copied as it is. The mapper
// (knowledge/clouds) has one translation for each of the others; adding a meaning is adding an
// enumerator and its translation.
enum class Meaning : unsigned char {
  none,
  reference,      // id (or named field) of an object of kind `target`
  reference_key,  // natural key of an object of kind `target` (a name, a path, an ARN)
  person,         // user name (e-mail)
  group,          // group name
  application,    // service principal's application id
  principal,      // any of the three, as text
  node_type,
  runtime,
  compute,       // an object that holds node types, cloud attributes, disks: translated as a whole
  pool_compute,  // the same for instance pools
  policy_rules,  // JSON text of a cluster policy
  storage_uri,
  image,        // container image
  conf,         // map of configuration keys that may hold storage credentials and URIs
  environment,  // map of environment variables
  tree_path,    // path in the workspace tree (home folders follow the identity map)
  free_text,    // may hold any of the above: scanned for findings, storage URLs rewritten by prefix
  cloud_identity,  // instance profile ARN, cloud service account
  region,
};

struct Field {
  std::string_view
      name;  // member name; "" for the elements of an array; "*" for all values of a map
  Role role = Role::settable;
  Meaning meaning = Meaning::none;
  std::string_view target = {};  // kind, for references
  std::span<const Field> fields =
      {};  // of an object, of the object elements of an array, or of a map's values
  std::string_view default_json =
      {};                  // what an absent member means ("" = absence is a value of its own)
  bool unordered = false;  // an array that is a set: compared without order
  std::string_view target_field =
      {};              // member of the referred object the value equals; "" = its id
  bool array = false;  // `fields` describe the elements of an array (only list_patterns needs to be
                       // told; implied by `unordered`, a "" sub-field or default_json "[]")
};

// A node met on a walk. `path` like "tasks[2].notebook_task.notebook_path"; `pattern` the same with
// "[]" for "[2]".
struct Visit {
  const Field* field;  // null: the table does not know this member
  std::string path;
  std::string pattern;
};

// Calls `visit` for every member of `document` that the table describes down to its leaves (members
// without sub-fields, or any member the table does not know), parents before children. Members
// whose name starts with '$' are described by the table like any other. Arrays of objects are
// walked element by element.
void walk_fields(const Json& document, std::span<const Field> fields,
                 const std::function<void(const Visit&, const Json&)>& visit);
// The same with values that may be changed in place. Returning false from `visit` skips the
// children.
void edit_fields(Json& document, std::span<const Field> fields,
                 const std::function<bool(const Visit&, Json&)>& visit);

// Every pattern of the table ("tasks[].notebook_task.notebook_path"), leaves only. Recursive tables
// (a task inside a for-each task) are entered once per level, at most `depth` times.
void list_patterns(std::span<const Field> fields,
                   const std::function<void(const std::string&, const Field&)>& each,
                   int depth = 2);

// Sub-tables: a sub-field "" describes each element of an array (path "emails[0]", pattern
// "emails[]"), so arrays of texts can carry a meaning per element; a sub-field "*" describes every
// member of a map that has no entry of its own (pattern "custom_tags.*"). An array or a map without
// sub-fields is one leaf.
//
// A copy with only the members that may be sent at creation / by an update, or that verify
// compares.
Json keep_for_create(const Json& document, std::span<const Field> fields);
Json keep_for_update(const Json& document, std::span<const Field> fields);
Json keep_for_compare(const Json& document, std::span<const Field> fields);

// The entry for a member of an object described by `fields` (its own, else "*"); null when there is
// none.
const Field* field_of(std::span<const Field> fields, std::string_view member_name);
// The entry that describes array elements as a whole (""); null when there is none.
const Field* element_of(std::span<const Field> fields);

}  // namespace lakeshift::model
