// Cluster policies: every rule's path and values, in the target's words. Rule types: fixed,
// allowlist, blocklist, regex, range, unlimited, forbidden; each with defaultValue, hidden,
// isOptional.
#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/strings.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;
// The mapped value; null: it has no counterpart.
using ValueMap = std::function<std::optional<std::string>(const std::string&)>;

constexpr std::string_view kValueMembers[] = {"value", "defaultValue"};

bool is_type(const Json& rule, std::string_view type) { return text_at(rule, "type") == type; }

class PolicyTranslator {
 public:
  PolicyTranslator(Translation& translation, std::string field)
      : t_(translation), state_(translation.state()), field_(std::move(field)) {}

  Json translate(const Json& rules) {
    for (const auto& [path, rule] : rules.items()) {
      if (!rule.is_object()) {
        keep(path, rule);
        continue;
      }
      one(path, rule);
    }
    default_volumes();
    return std::move(out_);
  }

 private:
  void one(const std::string& path, const Json& rule) {
    const std::string attributes = std::string(state_.from().attributes) + ".";
    if (path == "node_type_id" || path == "driver_node_type_id" ||
        contains(path, "alternate_node_type_ids"))
      return nodes(path, rule);
    if (path.starts_with(attributes)) return attribute(path, path.substr(attributes.size()), rule);
    if (path == "spark_version")
      return mapped(path, path, rule, [&](const std::string& key) { return runtime(path, key); });
    if (path.starts_with("spark_conf.")) return setting(path, path.substr(11), rule, true);
    if (path.starts_with("spark_env_vars.")) return setting(path, path.substr(15), rule, false);
    if (path.starts_with("init_scripts.")) return script(path, rule);
    if (path.starts_with("cluster_log_conf.")) return logs(path, rule);
    if (path == "instance_pool_id" || path == "driver_instance_pool_id") return pool(path, rule);
    if (path == "docker_image.url")
      return mapped(path, path, rule,
                    [&](const std::string& url) { return t_.image(where(path), url, true); });
    if (path == "docker_image.basic_auth.password") note_password(path, rule);
    if (path == "single_user_name")
      return mapped(path, path, rule,
                    [&](const std::string& name) { return t_.principal(where(path), name); });
    if (path == "enable_elastic_disk" && state_.crosses_clouds())
      return drop(path, rule, "disks are another matter on " + std::string(state_.to().title),
                  false);
    for (const Cloud* cloud : all_clouds())
      if (state_.crosses_clouds() && cloud != &state_.to() &&
          path.starts_with(std::string(cloud->attributes) + "."))
        return drop(path, rule, "it is about another cloud", false);
    keep(path, rule);
  }

  std::string where(const std::string& path) const { return field_ + ":" + path; }
  void keep(const std::string& path, Json rule) { out_[path] = std::move(rule); }

  void drop(const std::string& path, const Json& rule, const std::string& why,
            bool worth_a_finding) {
    t_.decide(where(path), "policy", rule, Json(), "dropped: " + why);
    if (worth_a_finding && !is_type(rule, "forbidden"))
      t_.find("policy-rule-dropped", Severity::warning, where(path),
              "the rule on '" + path + "' is dropped: " + why,
              "check that the policy still limits what it should", rule.dump());
  }

  // A rule of any type whose values are texts. `to_path` empty: only the values change.
  void mapped(const std::string& from_path, const std::string& to_path, const Json& rule,
              const ValueMap& map) {
    Json changed = rule;
    for (std::string_view name : kValueMembers) {
      const Json& value = member(rule, name);
      if (!value.is_string()) continue;
      auto result = map(value.get<std::string>());
      if (result)
        changed[std::string(name)] = *result;
      else if (name == "value")
        return drop(from_path, rule, "its value has no counterpart", !told_elsewhere_);
      else
        changed.erase(std::string(name));
    }
    if (const Json& values = member(rule, "values"); values.is_array()) {
      Json list = Json::array();
      for (const Json& value : values) {
        Json result = value;
        if (value.is_string()) {
          auto text = map(value.get<std::string>());
          if (!text) {
            t_.find("policy-value-dropped", Severity::warning, where(from_path),
                    value.dump() + " has no counterpart and is left out",
                    "map it in mapping.yaml if the policy must name it", value.dump());
            continue;
          }
          result = *text;
        }
        if (std::find(list.begin(), list.end(), result) == list.end()) list.push_back(result);
      }
      if (list.empty() && !values.empty() && is_type(rule, "allowlist"))
        t_.block("policy-allows-nothing", where(from_path),
                 "none of the values that '" + from_path + "' allows has a counterpart",
                 "map at least one of them in mapping.yaml: " + values.dump());
      if (list.empty() && !values.empty() && is_type(rule, "blocklist"))
        return drop(from_path, rule, "nothing that it blocks exists in the target", false);
      changed["values"] = std::move(list);
    }
    finish(from_path, to_path, rule, std::move(changed));
  }

  void finish(const std::string& from_path, const std::string& to_path, const Json& before,
              Json after) {
    if (from_path != to_path || before != after)
      t_.decide(where(from_path), "policy", before, {{to_path, after}},
                "the same rule in the target's words");
    keep(to_path, std::move(after));
  }

  // A regular expression over a closed set becomes the list of what it stands for.
  std::optional<Json> expanded(const std::string& path, const Json& rule,
                               const std::vector<std::string>& all) {
    RE2::Options quiet;
    quiet.set_log_errors(false);
    const RE2 pattern(text_at(rule, "pattern"), quiet);
    if (!pattern.ok()) {
      t_.block("policy-regex-unreadable", where(path),
               "pattern " + member(rule, "pattern").dump() + " cannot be read: " + pattern.error(),
               "write the rule as an allowlist in the source, or set the definition in "
               "mapping.yaml, fields");
      return std::nullopt;
    }
    Json list = rule;
    list["type"] = "allowlist";
    list.erase("pattern");
    list["values"] = Json::array();
    for (const std::string& each : all)
      if (RE2::FullMatch(each, pattern)) list["values"].push_back(each);
    return list;
  }

  // Without records: an expanded pattern may name hundreds.
  std::optional<std::string> quiet_node(const std::string& id) {
    MappedDocument unseen;
    engine::Kind no_kind{};
    model::Object no_object;
    NodeChoice choice = Translation(state_, no_kind, no_object, unseen).node_type("", id, false);
    if (choice.id.empty()) return std::nullopt;
    bool bare = choice.type != nullptr && choice.type->local_disk_gib <= 0 &&
                choice.type->local_disk_count <= 0;
    lacks_disk_ = lacks_disk_ || bare;
    return choice.id;
  }

  void nodes(const std::string& path, const Json& rule) {
    if (!state_.crosses_clouds() && is_type(rule, "regex") && state_.user().node_types.empty())
      return keep(path, rule);
    if (is_type(rule, "regex")) {
      auto list = expanded(path, rule, state_.source_nodes.ids());
      if (!list) return keep(path, rule);
      Json targets = Json::array();
      std::size_t lost = 0;
      for (const Json& id : (*list)["values"]) {
        auto target = quiet_node(id.get<std::string>());
        if (!target) ++lost;
        if (target && std::find(targets.begin(), targets.end(), Json(*target)) == targets.end())
          targets.push_back(*target);
      }
      if (targets.empty())
        t_.block("policy-allows-nothing", where(path),
                 "pattern " + member(rule, "pattern").dump() +
                     " stands for no node type with an equal in the target",
                 "map one in mapping.yaml, node_types");
      t_.decide(where(path), "policy", rule, Json(),
                "the pattern stands for " + std::to_string((*list)["values"].size()) +
                    " node types of the source, " + std::to_string(lost) +
                    " of them without an equal; it becomes the list of " +
                    std::to_string(targets.size()) + " equals");
      (*list)["values"] = std::move(targets);
      default_node(*list);
      return keep(path, *list);
    }
    if (is_type(rule, "blocklist"))
      t_.find("policy-blocklist-approximate", Severity::info, where(path),
              "a list of refused node types is mapped type by type",
              "check that it does not refuse types that other rules allow", rule.dump());
    mapped(path, path, rule, [&](const std::string& id) -> std::optional<std::string> {
      bool before = std::exchange(lacks_disk_, false);
      auto target = quiet_node(id);
      if (is_type(rule, "fixed")) fixed_lacks_disk_ = fixed_lacks_disk_ || lacks_disk_;
      lacks_disk_ = lacks_disk_ || before;
      if (!target && is_type(rule, "fixed"))
        t_.node_type(where(path), id, false);  // says why, and blocks
      return target ? target : is_type(rule, "fixed") ? std::optional(id) : std::nullopt;
    });
  }

  void default_node(Json& rule) {
    std::string id = text_at(rule, "defaultValue");
    if (id.empty()) return;
    if (auto target = quiet_node(id))
      rule["defaultValue"] = *target;
    else
      rule.erase("defaultValue");
  }

  std::optional<std::string> runtime(const std::string& path, const std::string& key) {
    if (key.starts_with("auto:")) return key;
    return t_.runtime(where(path), key, nullptr);
  }

  void setting(const std::string& path, const std::string& key, const Json& rule, bool is_conf) {
    auto map = [&](const std::string& value) {
      return is_conf ? t_.conf_value(where(path), key, value)
                     : t_.environment_value(where(path), key, value);
    };
    bool has_value = member(rule, "value").is_string() ||
                     member(rule, "defaultValue").is_string() || member(rule, "values").is_array();
    if (!has_value && !map("")) return;  // a rule about a key that goes away; recorded there
    told_elsewhere_ = true;              // a key that goes away has a finding of its own
    mapped(path, path, rule, map);
    told_elsewhere_ = false;
  }

  void pool(const std::string& path, const Json& rule) {
    auto refer = [&](const Json& value) {
      if (value.is_string() && !value.get_ref<const std::string&>().empty())
        t_.need("instance_pool", value.get<std::string>(), field_);
    };
    for (std::string_view name : kValueMembers) refer(member(rule, name));
    if (const Json& values = member(rule, "values"); values.is_array())
      for (const Json& value : values) refer(value);
    keep(path, rule);
  }

  void note_password(const std::string& path, const Json& rule) {
    std::string value = text_at(rule, "value");
    if (!value.empty() && !is_secret_reference(value))
      t_.find("credential-in-clear", Severity::warning, where(path),
              "the policy holds a registry password in clear",
              "put it into a secret scope, refer to it as {{secrets/<scope>/<key>}}, and renew it",
              std::string(kRedacted));
  }

  void attribute(const std::string& path, const std::string& name, const Json& rule) {
    if (!state_.crosses_clouds()) return same_cloud_attribute(path, name, rule);
    const Attribute* here = find_attribute(state_.from(), name, false);
    const Attribute* there = here == nullptr ? nullptr : find_attribute(state_.to(), here->term);
    if (here != nullptr && here->term == Term::identity) return identity(path, there, rule);
    if (there == nullptr || there->member.empty())
      return drop(path, rule,
                  "'" + name + "' has no counterpart on " + std::string(state_.to().title), true);
    std::string to_path = std::string(state_.to().attributes) + "." + std::string(there->member);
    switch (here->term) {
      case Term::availability:
        return availability(path, to_path, rule);
      case Term::spot_price:
        return spot_price(path, to_path, rule);
      case Term::zone:
        if (is_type(rule, "regex"))
          return drop(path, rule, "zones have other names in the target", true);
        return mapped(path, to_path, rule, [&](const std::string& zone) { return zone_of(zone); });
      default:
        return finish(path, to_path, rule, rule);
    }
  }

  void same_cloud_attribute(const std::string& path, const std::string& name, const Json& rule) {
    const Attribute* here = find_attribute(state_.from(), name, false);
    if (here != nullptr && here->term == Term::identity)
      return mapped(path, path, rule,
                    [&](const std::string& arn) { return t_.identity(where(path), arn); });
    if (here != nullptr && here->term == Term::zone && !is_type(rule, "regex"))
      return mapped(path, path, rule, [&](const std::string& zone) {
        return state_.user().zones.contains(zone) ? zone_of(zone) : zone;
      });
    keep(path, rule);
  }

  std::optional<std::string> zone_of(const std::string& zone) {
    auto found = state_.user().zones.find(zone);
    return found != state_.user().zones.end() ? found->second : std::string(state_.to().any_zone);
  }

  void identity(const std::string& path, const Attribute* there, const Json& rule) {
    bool names_some = member(rule, "value").is_string() || member(rule, "values").is_array();
    if (!names_some && (there == nullptr || is_type(rule, "regex")))
      return drop(path, rule,
                  "identities of machines are another matter on " + std::string(state_.to().title),
                  is_type(rule, "regex"));
    if (there == nullptr) return identity_without_counterpart(path, rule);
    std::string to_path = std::string(state_.to().attributes) + "." + std::string(there->member);
    mapped(path, to_path, rule,
           [&](const std::string& name) { return t_.identity(where(path), name); });
  }

  // Whether a pattern takes the same availabilities in the target's words as in the source's.
  bool means_the_same(const std::string& pattern) const {
    const RE2 regex(pattern);
    auto takes = [&](std::string_view word) { return RE2::FullMatch(std::string(word), regex); };
    return takes(state_.from().on_demand) == takes(state_.to().on_demand) &&
           takes(state_.from().spot) == takes(state_.to().spot) &&
           takes(state_.from().spot_with_fallback) == takes(state_.to().spot_with_fallback);
  }

  // The rule goes away; what its values gave access to must have been decided for each of them.
  void identity_without_counterpart(const std::string& path, const Json& rule) {
    auto decide_one = [&](const Json& value) {
      if (!value.is_string()) return;
      auto kept = t_.identity(where(path), value.get<std::string>());
      if (kept && state_.user().instance_profiles.contains(value.get<std::string>()))
        t_.block("cloud-identity-unmapped", where(path),
                 "mapping.yaml maps " + value.dump() + " to '" + *kept + "', but nothing on " +
                     std::string(state_.to().title) + " runs under an identity of its own",
                 "map it to \"\" and give access by storage credentials: " +
                     mapping_line("instance_profiles", value.get<std::string>(), ""));
    };
    for (std::string_view name : kValueMembers) decide_one(member(rule, name));
    if (const Json& values = member(rule, "values"); values.is_array())
      for (const Json& value : values) decide_one(value);
    drop(path, rule, "machines have no identity of their own on " + std::string(state_.to().title),
         true);
  }

  void availability(const std::string& path, const std::string& to_path, const Json& rule) {
    Json list = rule;
    if (is_type(rule, "regex")) {
      std::vector<std::string> words = {std::string(state_.from().on_demand),
                                        std::string(state_.from().spot),
                                        std::string(state_.from().spot_with_fallback)};
      auto expanded_list = expanded(path, rule, words);
      if (!expanded_list) return keep(path, rule);
      if (means_the_same(text_at(rule, "pattern"))) return finish(path, to_path, rule, rule);
      list = *expanded_list;
    }
    mapped(path, to_path, list, [&](const std::string& word) -> std::optional<std::string> {
      Availability availability{};
      if (!parse_availability(state_.from(), word, availability)) return std::nullopt;
      return std::string(availability_word(state_.to(), availability));
    });
  }

  // Units differ: only "up to the on-demand price" has an equal.
  void spot_price(const std::string& path, const std::string& to_path, const Json& rule) {
    bool from_percent = state_.from().spot_price == SpotPrice::percent_of_on_demand;
    auto uncapped = [&](const Json& value) {
      return value.is_number() &&
             (from_percent ? value.get<double>() == 100 : value.get<double>() < 0);
    };
    const Json open =
        state_.to().spot_price == SpotPrice::percent_of_on_demand ? Json(100) : Json(-1);
    Json changed = rule;
    for (std::string_view name : kValueMembers) {
      const Json& value = member(rule, name);
      if (value.is_null()) continue;
      if (uncapped(value))
        changed[std::string(name)] = open;
      else if (name == "defaultValue")
        changed.erase("defaultValue");
      else
        return drop(path, rule, "price caps are in another unit", true);
    }
    if (is_type(rule, "range") || is_type(rule, "allowlist") || is_type(rule, "blocklist") ||
        is_type(rule, "regex"))
      return drop(path, rule, "price caps are in another unit", true);
    finish(path, to_path, rule, std::move(changed));
  }

  // "init_scripts.0.abfss.destination", "init_scripts.*.s3.region".
  void script(const std::string& path, const Json& rule) {
    std::vector<std::string> parts = split(path, '.');
    if (parts.size() != 4) return keep(path, rule);
    const std::string base = parts[0] + "." + parts[1] + ".";
    bool of_source = parts[2] == state_.from().init_script_member;
    if (parts[3] != "destination")
      return state_.crosses_clouds() && of_source
                 ? drop(path, rule, "it goes with the destination", false)
                 : keep(path, rule);
    std::string new_member = of_source && state_.crosses_clouds()
                                 ? std::string(state_.to().init_script_member)
                                 : parts[2];
    auto place = [&](const std::string& location) -> std::optional<std::string> {
      if (parts[2] == "workspace") {
        t_.need_file(location, where(path));
        return t_.tree_path(where(path), location);
      }
      std::string result = t_.storage(where(path), location, Use::must_work);
      if (result.starts_with("/Volumes/")) new_member = "volumes";
      if (const Cloud* cloud = cloud_of_storage(result)) new_member = cloud->init_script_member;
      return result;
    };
    Json changed = rule;
    if (const Json& value = member(rule, "value"); value.is_string())
      changed["value"] = *place(value.get<std::string>());
    bool region = state_.crosses_clouds() && state_.to().storage_needs_region &&
                  new_member == state_.to().init_script_member &&
                  member(rule, "value").is_string() && !state_.target_region.empty();
    if (region)
      keep(base + new_member + ".region",
           {{"type", "fixed"}, {"value", state_.target_region}, {"hidden", true}});
    const std::string to_path = base + new_member + ".destination";
    mapped_lists(path, to_path, rule, std::move(changed), place);
  }

  void mapped_lists(const std::string& path, const std::string& to_path, const Json& before,
                    Json changed, const ValueMap& map) {
    if (const Json& value = member(before, "defaultValue"); value.is_string())
      changed["defaultValue"] = *map(value.get<std::string>());
    if (auto values = changed.find("values"); values != changed.end() && values->is_array())
      for (Json& value : *values)
        if (value.is_string()) value = *map(value.get<std::string>());
    if (is_type(before, "regex") && !find_storage_urls(text_at(before, "pattern")).empty())
      t_.find("policy-regex-on-storage", Severity::warning, where(path),
              "the pattern names storage of the source",
              "rewrite the pattern for the target's storage", text_at(before, "pattern"));
    finish(path, to_path, before, std::move(changed));
  }

  // cluster_log_conf.{type,path,region}: the type follows the path.
  void logs(const std::string& path, const Json& rule) {
    if (path == "cluster_log_conf.region" && state_.crosses_clouds())
      return drop(path, rule, "it goes with the destination", false);
    if (path == "cluster_log_conf.type") {
      bool own = text_at(rule, "value") == "S3" && state_.crosses_clouds();
      if (!own) {
        if (!out_.contains(path)) keep(path, rule);
        return;
      }
      if (!out_.contains(path))
        drop(path, rule, "logs cannot go to that storage from the target", true);
      return;
    }
    if (path != "cluster_log_conf.path") return keep(path, rule);
    mapped(path, path, rule, [&](const std::string& place) {
      std::string location = t_.storage(where(path), place, Use::must_work);
      if (location != place && is_type(rule, "fixed")) {
        const Cloud* cloud = cloud_of_storage(location);
        std::string type = location.starts_with("/Volumes/") ? "VOLUMES"
                           : cloud != nullptr                ? "S3"
                                                             : "DBFS";
        if (cloud != nullptr && cloud->log_member.empty())
          t_.block_log(where(path), place, location);
        keep("cluster_log_conf.type", {{"type", "fixed"}, {"value", type}});
      }
      return std::optional(location);
    });
  }

  // Clusters that people make under this policy need a volume too. Where the policy itself sets the
  // node type, the clusters do not say what they run on, so that it must set the volume as well.
  void default_volumes() {
    if (!(lacks_disk_ || fixed_lacks_disk_) || !state_.crosses_clouds() ||
        !state_.to().needs_volumes)
      return;
    const std::pair<Term, Json> defaults[] = {{Term::volume_type, std::string(state_.to().ssd)},
                                              {Term::volume_count, 1},
                                              {Term::volume_size, 100}};
    for (const auto& [term, value] : defaults) {
      const std::string path = std::string(state_.to().attributes) + "." +
                               std::string(find_attribute(state_.to(), term)->member);
      if (fixed_lacks_disk_)
        keep(path, {{"type", "fixed"}, {"value", value}});
      else
        keep(path, {{"type", "unlimited"}, {"defaultValue", value}, {"isOptional", true}});
      t_.decide(where(path), "disks", Json(), value,
                "the policy allows node types without local disk, which need at least one volume");
    }
  }

  Translation& t_;
  const Mapper::State& state_;
  std::string field_;
  Json out_ = Json::object();
  bool lacks_disk_ = false;        // some node type that the policy allows has no local disk
  bool fixed_lacks_disk_ = false;  // the one that it sets
  bool told_elsewhere_ = false;
};

}  // namespace

std::string Translation::policy(const std::string& path, const std::string& definition) {
  auto rules = parse_json(definition, path);
  if (!rules || !rules->is_object()) {
    block("policy-not-json", path, "the policy's rules are not a JSON object",
          "correct the policy in the source");
    return definition;
  }
  Json mapped = PolicyTranslator(*this, path).translate(*rules);
  return mapped == *rules ? definition : dump_json(mapped);
}

}  // namespace lakeshift::clouds
