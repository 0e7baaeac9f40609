// mapping.yaml: the user's decisions. The format is docs/guide/mapping.md.
#include <yaml-cpp/yaml.h>

#include <array>
#include <set>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"

namespace lakeshift::clouds {
namespace {

using Table = std::map<std::string, std::string>;

struct Section {
  std::string_view name;
  Table UserMapping::*table;
};

constexpr std::array<Section, 14> kSections = {{
    {"node_types", &UserMapping::node_types},
    {"runtimes", &UserMapping::runtimes},
    {"storage", &UserMapping::storage},
    {"people", &UserMapping::people},
    {"groups", &UserMapping::groups},
    {"applications", &UserMapping::applications},
    {"instance_profiles", &UserMapping::instance_profiles},
    {"registries", &UserMapping::registries},
    {"accounts", &UserMapping::accounts},
    {"hosts", &UserMapping::hosts},
    {"regions", &UserMapping::regions},
    {"zones", &UserMapping::zones},
    {"conf", &UserMapping::conf},
    {"schemas", &UserMapping::schemas},
}};

std::vector<std::string> section_names() {
  std::vector<std::string> names = {"allow_arm", "fields"};
  for (const Section& section : kSections) names.emplace_back(section.name);
  return names;
}

class MappingReader {
 public:
  explicit MappingReader(std::string_view file_name) : file_name_(file_name) {}

  Result<UserMapping> read(const YAML::Node& root) {
    if (root.IsNull()) return UserMapping{};
    if (!root.IsMap())
      return wrong(root.Mark(), "a mapping file is a map of sections",
                   "begin with a section such as 'storage:'");
    std::set<std::string> seen;
    for (const auto& entry : root) {
      if (!entry.first.IsScalar())
        return wrong(entry.first.Mark(), "a section's name is a plain text", "remove the brackets");
      std::string name = entry.first.Scalar();
      if (!seen.insert(name).second)
        return wrong(entry.first.Mark(), "section '" + name + "' is there twice", "join them");
      LS_TRY(section(name, entry.first, entry.second));
    }
    return std::move(mapping_);
  }

  tl::unexpected<Error> wrong(const YAML::Mark& mark, std::string message,
                              std::string remedy) const {
    std::string about = file_name_;
    if (mark.line >= 0) about += ", line " + std::to_string(mark.line + 1);
    return fail("bad-mapping", std::move(message), std::move(about), std::move(remedy));
  }

 private:
  Status section(const std::string& name, const YAML::Node& key, const YAML::Node& value) {
    if (name == "allow_arm") {
      std::string word = value.IsScalar() ? to_lower(value.Scalar()) : "";
      if (word != "true" && word != "false")
        return wrong(value.Mark(), "allow_arm is '" + word + "'", "write true or false");
      mapping_.allow_arm = word == "true";
      return {};
    }
    if (name == "fields") return fields(value);
    for (const Section& each : kSections)
      if (each.name == name) return table(name, value, mapping_.*each.table);
    std::string near = closest(name, section_names());
    return wrong(key.Mark(), "there is no section '" + name + "'",
                 near.empty() ? "the sections are " + join(section_names(), ", ")
                              : "did you mean '" + near + "'?");
  }

  Status table(const std::string& section_name, const YAML::Node& value, Table& table) {
    if (value.IsNull()) return {};
    if (!value.IsMap())
      return wrong(value.Mark(), "section '" + section_name + "' is no map",
                   "write lines of the form  old: new");
    for (const auto& entry : value) {
      if (!entry.first.IsScalar() || !(entry.second.IsScalar() || entry.second.IsNull()))
        return wrong(entry.first.Mark(), "an entry of '" + section_name + "' is no pair of texts",
                     "write it as  old: new");
      std::string from = entry.first.Scalar(),
                  to = entry.second.IsNull() ? "" : entry.second.Scalar();
      LS_TRY(check_entry(section_name, from, to, entry.first.Mark()));
      if (!table.emplace(from, to).second)
        return wrong(entry.first.Mark(),
                     "'" + from + "' is in '" + section_name + "' twice, as '" + table[from] +
                         "' and '" + to + "'",
                     "keep one of them");
    }
    return {};
  }

  Status check_entry(const std::string& section_name, const std::string& from,
                     const std::string& to, const YAML::Mark& mark) const {
    if (from.empty())
      return wrong(mark, "an entry of '" + section_name + "' has no name",
                   "write the old value before the colon");
    if (to.empty() && section_name != "instance_profiles")
      return wrong(mark, "'" + from + "' in '" + section_name + "' has no new value",
                   "write it after the colon");
    if (section_name == "people" && from.starts_with('*') &&
        (!from.starts_with("*@") || !to.starts_with("*@")))
      return wrong(mark, "'" + from + "' to '" + to + "' is no domain pattern",
                   "write \"*@old.example\": \"*@new.example\"");
    if (section_name == "conf" && to != "keep" && to != "drop" && !to.starts_with('='))
      return wrong(mark, "configuration key '" + from + "' has '" + to + "'",
                   "write keep, drop, or =value");
    bool is_location = from.starts_with('/') || contains(from, ":/");
    if (section_name == "storage" && !is_location)
      return wrong(mark, "'" + from + "' is no location",
                   "write an URL with its scheme (s3://bucket), dbfs:/path or /path");
    return {};
  }

  Status fields(const YAML::Node& list) {
    if (list.IsNull()) return {};
    if (!list.IsSequence())
      return wrong(list.Mark(), "section 'fields' is no list",
                   "write entries that begin with '- kind:'");
    const std::vector<std::string> names = {"kind", "object", "path", "value"};
    for (const YAML::Node& item : list) {
      if (!item.IsMap())
        return wrong(item.Mark(), "an entry of 'fields' is no map",
                     "write kind, object, path and value");
      UserMapping::FieldOverride field;
      std::set<std::string> given;
      for (const auto& entry : item) {
        std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
        given.insert(name);
        if (name == "value") {
          field.value_json = dump_json(to_json_value(entry.second));
        } else if (std::string* text = name == "kind"     ? &field.kind
                                       : name == "object" ? &field.object
                                       : name == "path"   ? &field.path
                                                          : nullptr) {
          if (!entry.second.IsScalar())
            return wrong(entry.second.Mark(), "'" + name + "' is no text", "write one value");
          *text = entry.second.Scalar();
        } else {
          std::string near = closest(name, names);
          return wrong(
              entry.first.Mark(), "there is no '" + name + "' in an entry of 'fields'",
              near.empty() ? "write kind, object, path and value" : "did you mean '" + near + "'?");
        }
      }
      for (const std::string& name : names)
        if (!given.contains(name))
          return wrong(item.Mark(), "an entry of 'fields' has no '" + name + "'",
                       "write kind, object, path and value");
      mapping_.fields.push_back(std::move(field));
    }
    return {};
  }

  // Plain scalars are what JSON would read; quoted ones are texts.
  static Json to_json_value(const YAML::Node& node) {
    if (node.IsMap()) {
      Json object = Json::object();
      for (const auto& entry : node) object[entry.first.Scalar()] = to_json_value(entry.second);
      return object;
    }
    if (node.IsSequence()) {
      Json array = Json::array();
      for (const YAML::Node& item : node) array.push_back(to_json_value(item));
      return array;
    }
    if (node.IsNull()) return nullptr;
    if (node.Tag() != "!")
      if (auto parsed = parse_json(node.Scalar(), "value"); parsed && parsed->is_primitive())
        return *parsed;
    return node.Scalar();
  }

  std::string file_name_;
  UserMapping mapping_;
};

}  // namespace

Result<UserMapping> mapping_from_yaml(std::string_view text, std::string_view file_name) {
  MappingReader reader(file_name);
  try {
    return reader.read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    return reader.wrong(error.mark, "not yaml: " + error.msg,
                        "texts with ':', '#', '*' or '{' need quotes");
  }
}

}  // namespace lakeshift::clouds
