#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "stages/plan_names.h"
#include "stages/plan_references.h"

namespace lakeshift::stages {
namespace {

using model::Field;
using model::Meaning;
using Pointer = Json::json_pointer;

bool is_principal_kind(const std::string& kind) {
  return std::find(kPrincipalKinds.begin(), kPrincipalKinds.end(), kind) != kPrincipalKinds.end();
}

bool means_principal(const Field& field) {
  if (field.meaning == Meaning::principal || field.meaning == Meaning::application) return true;
  const auto kinds = split(field.target, '|');
  return !field.target.empty() && std::all_of(kinds.begin(), kinds.end(), is_principal_kind);
}

// Walks as model::walk_fields does, but knows which list of principals a value stands in.
class Collector {
 public:
  explicit Collector(std::vector<Reference>& found) : found_(found) {}

  void object(const Json& value, std::span<const Field> fields, const Pointer& at,
              const std::string& path, const std::optional<Pointer>& entry) {
    if (!value.is_object()) return;
    for (const auto& [name, inner] : value.items()) {
      const Field* field = model::field_of(fields, name);
      if (field == nullptr || field->role == model::Role::read_only) continue;
      one(inner, *field, at / name, path.empty() ? name : path + "." + name, entry,
          field->unordered);
    }
  }

 private:
  void one(const Json& value, const Field& field, const Pointer& at, const std::string& path,
           const std::optional<Pointer>& entry, bool is_set) {
    if (value.is_array()) {
      const Field* element = model::element_of(field.fields);
      for (std::size_t i = 0; i < value.size(); ++i) {
        const Pointer place = at / i;
        const std::string text = path + "[" + std::to_string(i) + "]";
        const std::optional<Pointer> inner = is_set ? std::optional(place) : entry;
        if (element != nullptr || field.fields.empty())
          one(value[i], element != nullptr ? *element : field, place, text, inner, false);
        else
          object(value[i], field.fields, place, text, inner);
      }
      return;
    }
    if (value.is_object()) return object(value, field.fields, at, path, entry);
    scalar(value, field, at, path, entry);
  }

  void scalar(const Json& value, const Field& field, const Pointer& at, const std::string& path,
              const std::optional<Pointer>& entry) {
    Reference reference;
    switch (field.meaning) {
      case Meaning::reference:
        reference.by = field.target_field.empty() ? Reference::By::id : Reference::By::member;
        break;
      case Meaning::application:
        reference.by = Reference::By::member;
        break;
      case Meaning::principal:
        reference.by = Reference::By::any_name;
        break;
      case Meaning::tree_path:
        reference.by = Reference::By::tree_path;
        break;
      default:
        reference.by = Reference::By::key;
    }
    const bool names_kind = !field.target.empty() || reference.by == Reference::By::member ||
                            reference.by == Reference::By::any_name;
    reference.text = scalar_text(value);
    if (!names_kind || reference.text.empty() || reference.text == "null") return;
    reference.kinds = field.target.empty() ? "service_principal" : std::string(field.target);
    reference.member =
        field.target_field.empty() ? "applicationId" : std::string(field.target_field);
    reference.place = at;
    reference.path = path;
    if (entry && means_principal(field)) reference.entry = entry;
    found_.push_back(std::move(reference));
  }

  std::vector<Reference>& found_;
};

}  // namespace

std::vector<Reference> references_in(const Json& document, std::span<const Field> fields) {
  std::vector<Reference> found;
  Collector(found).object(document, fields, Pointer(), "", std::nullopt);
  return found;
}

}  // namespace lakeshift::stages
