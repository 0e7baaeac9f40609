// The walk over one document: which translation each field's meaning asks for.
#include "knowledge/clouds/translation.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::clouds {
namespace {

using model::Meaning;

bool lies_in(std::string_view path, std::string_view done) {
  if (!path.starts_with(done)) return false;
  return path.size() == done.size() || path[done.size()] == '.' || path[done.size()] == '[';
}

const model::Field* whole_document(const engine::Kind& kind) {
  for (const model::Field& field : kind.fields)
    if (field.name == "$self") return &field;
  return nullptr;
}

}  // namespace

void Translation::run() {
  if (!object_.document.is_object()) return;
  if (const model::Field* self = whole_document(kind_)) {
    if (self->meaning == Meaning::compute) compute("", out_.document);
    if (self->meaning == Meaning::pool_compute) pool("", out_.document);
  }
  model::edit_fields(out_.document, kind_.fields,
                     [&](const model::Visit& at, Json& value) { return visit(at, value); });
  erase_dropped();
  apply_overrides();
}

bool Translation::visit(const model::Visit& at, Json& value) {
  if (at.field == nullptr || value.is_null()) return true;
  if (std::any_of(done_.begin(), done_.end(),
                  [&](const std::string& done) { return lies_in(at.path, done); }))
    return false;
  switch (at.field->meaning) {
    case Meaning::none:
      return true;
    case Meaning::compute:
      if (value.is_object()) compute(at.path + ".", value);
      return true;  // references and people inside have fields of their own
    case Meaning::pool_compute:
      if (value.is_object()) pool(at.path + ".", value);
      return true;
    case Meaning::conf:
      if (value.is_object()) conf(at.path, value);
      return false;
    case Meaning::environment:
      if (value.is_object()) environment(at.path, value);
      return false;
    default:
      break;
  }
  if (value.is_array() && at.field->fields.empty())
    return visit_array(at.path, at.field->meaning, value);
  if (value.is_object() && at.field->fields.empty()) {
    for (auto entry = value.begin(); entry != value.end(); ++entry)
      one_value(at.path + "." + entry.key(), at.field->meaning, entry.value());
    return false;
  }
  one_value(at.path, at.field->meaning, value);
  return true;
}

bool Translation::visit_array(const std::string& path, Meaning meaning, Json& array) {
  for (std::size_t i = 0; i < array.size(); ++i)
    one_value(path + "[" + std::to_string(i) + "]", meaning, array[i]);
  return false;
}

void Translation::one_value(const std::string& path, Meaning meaning, Json& value) {
  if (!value.is_string()) return;
  const std::string before = value.get<std::string>();
  if (before.empty()) return;
  switch (meaning) {
    case Meaning::person:
      value = person(path, before);
      break;
    case Meaning::group:
      value = group(path, before);
      break;
    case Meaning::application:
      value = application(path, before);
      break;
    case Meaning::principal:
      value = principal(path, before);
      break;
    case Meaning::node_type:
      if (NodeChoice choice = node_type(path, before, false); !choice.id.empty()) value = choice.id;
      break;
    case Meaning::runtime:
      value = runtime(path, before, nullptr);
      break;
    case Meaning::policy_rules:
      value = policy(path, before);
      break;
    case Meaning::storage_uri:
      value = storage(path, before, Use::must_work);
      break;
    case Meaning::image:
      value = image(path, before, false);
      break;
    case Meaning::tree_path:
      value =
          before.starts_with('/') ? tree_path(path, before) : storage(path, before, Use::must_work);
      break;
    case Meaning::free_text:
      value = text(path, before);
      break;
    case Meaning::cloud_identity:
      if (auto mapped = identity(path, before))
        value = *mapped;
      else
        dropped_.push_back(path);
      break;
    case Meaning::region:
      value = region(path, before);
      break;
    default:
      break;
  }
}

void Translation::decide(std::string path, std::string rule, Json before, Json after,
                         std::string explanation) {
  out_.decisions.push_back({std::move(path), std::move(rule), std::move(before), std::move(after),
                            std::move(explanation)});
}

void Translation::find(std::string code, model::Severity severity, std::string where,
                       std::string cause, std::string remedy, std::string evidence) {
  model::Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.kind = kind_.name;
  finding.key = object_.key;
  finding.where = std::move(where);
  finding.cause = std::move(cause);
  finding.remedy = std::move(remedy);
  finding.evidence = std::move(evidence);
  out_.findings.push_back(std::move(finding));
}

void Translation::block(std::string code, std::string path, std::string reason,
                        std::string remedy) {
  out_.blockers.push_back({std::move(code), std::move(reason), std::move(remedy), std::move(path)});
}

void Translation::need(std::string kind, std::string key, std::string path) {
  for (const Need& known : out_.needs)
    if (known.kind == kind && known.key == key && known.path == path) return;
  out_.needs.push_back({std::move(kind), std::move(key), std::move(path)});
}

// Keys of tree objects are without the /Workspace that some fields write.
void Translation::need_file(std::string_view tree_path, std::string path) {
  if (tree_path.starts_with("/Workspace/")) tree_path.remove_prefix(10);
  need("workspace_file|notebook", std::string(tree_path), std::move(path));
}

namespace {

// "tasks[0].new_cluster" -> "/tasks/0/new_cluster".
Json::json_pointer pointer_to(const std::string& path) {
  std::string steps = replace_all(replace_all(path, "~", "~0"), "/", "~1");
  steps = replace_all(replace_all(steps, "[", "."), "]", "");
  return Json::json_pointer("/" + replace_all(steps, ".", "/"));
}

// The last step that a dropped value takes with it: an array element that holds little else, or the
// member itself.
std::string dropped_with(const std::string& path) {
  std::size_t element = path.rfind(']');
  if (element == std::string::npos ||
      path.find('.', path.find('.', element) + 1) != std::string::npos)
    return path;
  return path.find('.', element) == path.rfind('.') ? path.substr(0, element + 1) : path;
}

void erase_at(Json& document, const std::string& path) {
  try {
    const Json::json_pointer at = pointer_to(path);
    if (!document.contains(at)) return;
    Json& holder = document[at.parent_pointer()];
    if (holder.is_array())
      holder.erase(std::stoul(at.back()));
    else
      holder.erase(at.back());
  } catch (const std::exception&) {
    return;  // the path names nothing in this document
  }
}

}  // namespace

// Backwards: erasing an element moves those behind it.
void Translation::erase_dropped() {
  for (auto path = dropped_.rbegin(); path != dropped_.rend(); ++path)
    erase_at(out_.document, dropped_with(*path));
}

// The user's word on single fields, after everything else. Paths may name array elements:
// "tasks[0].timeout_seconds".
void Translation::apply_overrides() {
  for (const UserMapping::FieldOverride& each : state_.user().fields) {
    if (each.kind != kind_.name || !matches_glob(object_.key, each.object)) continue;
    auto value = parse_json(each.value_json, "mapping of " + each.path);
    if (!value) continue;  // mapping_from_yaml has checked it
    Json before;
    try {
      Json::json_pointer at = pointer_to(each.path);
      if (out_.document.contains(at)) before = out_.document[at];
      if (!value->is_null()) out_.document[at] = *value;
    } catch (const std::exception&) {
      find("override-without-place", model::Severity::warning, each.path,
           "mapping.yaml sets a field that this object cannot have",
           "correct the path in mapping.yaml", each.path);
      continue;
    }
    if (value->is_null()) erase_at(out_.document, each.path);
    std::erase_if(out_.blockers,
                  [&](const Blocker& blocker) { return lies_in(blocker.path, each.path); });
    decide(each.path, "override", before, *value, "mapping.yaml, fields");
  }
}

bool is_secret_reference(std::string_view value) {
  return value.starts_with("{{secrets/") && value.ends_with("}}");
}

bool names_a_credential(std::string_view key) {
  std::string lower = to_lower(key);
  for (std::string_view word :
       {"secret",          "password",   "passwd",       "account.key",   "access.key",
        "accesskey",       "access_key", "account_key",  "session.token", "session_token",
        "sas.fixed.token", "sas.token",  "api_key",      "apikey",        "private.key",
        "private_key",     "auth_token", "access_token", "_token",        "_key_id",
        "fs.azure.sas."})
    if (contains(lower, word)) return !contains(lower, "endpoint") && !contains(lower, "provider");
  return false;
}

std::string mapping_line(std::string_view section, std::string_view from, std::string_view to) {
  return std::string(section) + ": {\"" + std::string(from) + "\": \"" + std::string(to) + "\"}";
}

}  // namespace lakeshift::clouds
