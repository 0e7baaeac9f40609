// The cloud's own block of a cluster or pool (azure_attributes, …), through the shared terms; and
// the disks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "knowledge/clouds/node_match.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

constexpr int kDefaultVolumeGib = 100;
constexpr int kLocalSsdGib = 375;  // one local SSD of GcpAttributes.local_ssd_count
constexpr int kMostVolumes = 10;   // AwsAttributes.ebs_volume_count

std::string_view member_name(const Attribute& attribute, bool pool) {
  return pool ? attribute.pool_member : attribute.member;
}

bool has_local_disk(const NodeType& type) {
  return type.local_disk_gib > 0 || type.local_disk_count > 0;
}

// Translates one block; a term at a time.
class AttributeBlock {
 public:
  AttributeBlock(Translation& translation, std::string path, const Json& source, bool pool,
                 const std::vector<const NodeType*>& nodes)
      : t_(translation),
        state_(translation.state()),
        path_(std::move(path)),
        source_(source),
        pool_(pool),
        nodes_(nodes) {}

  Json translate(bool has_policy) {
    for (const auto& [name, value] : source_.items()) {
      if (value.is_null()) continue;
      const Attribute* attribute = find_attribute(state_.from(), name, pool_);
      if (attribute != nullptr && known_elsewhere(attribute->term, name, value)) continue;
      drop(name, attribute, value);
    }
    availability(has_policy);
    spot_price();
    zone();
    volumes();
    return std::move(target_);
  }

 private:
  // True when a step below (or this one) answers for the member.
  bool known_elsewhere(Term term, const std::string& name, const Json& value) {
    switch (term) {
      case Term::availability:
      case Term::legacy_spot:
      case Term::spot_price:
      case Term::zone:
      case Term::volume_type:
      case Term::volume_count:
      case Term::volume_size:
      case Term::volume_iops:
      case Term::volume_throughput:
      case Term::local_disk_count:
        return true;
      case Term::first_on_demand:
        return put(term, value);
      case Term::identity:
        identity(name, value);
        return true;
      default:
        return false;
    }
  }

  const Json& source_value(Term term) const {
    const Attribute* attribute = find_attribute(state_.from(), term);
    return attribute == nullptr ? member(Json(), "")
                                : member(source_, member_name(*attribute, pool_));
  }

  bool put(Term term, Json value) {
    const Attribute* attribute = find_attribute(state_.to(), term);
    if (attribute == nullptr || member_name(*attribute, pool_).empty()) return false;
    target_[std::string(member_name(*attribute, pool_))] = std::move(value);
    return true;
  }

  std::string target_path(Term term) const {
    const Attribute* attribute = find_attribute(state_.to(), term);
    std::string name(attribute == nullptr ? std::string_view() : member_name(*attribute, pool_));
    return path_ + std::string(state_.to().attributes) + "." + name;
  }

  std::string source_path(std::string_view name) const {
    return path_ + std::string(state_.from().attributes) + "." + std::string(name);
  }

  void drop(const std::string& name, const Attribute* attribute, const Json& value) {
    bool shows =
        attribute == nullptr || attribute->term != Term::log_agent;  // it holds the agent's key
    Json shown = shows ? value : Json(std::string(kRedacted));
    t_.decide(source_path(name), "attribute", shown, Json(),
              "no counterpart on " + std::string(state_.to().title));
    std::string remedy =
        "check whether the workload needs it; if so, set what the target offers instead by hand";
    std::string code = "attribute-dropped";
    if (attribute != nullptr && attribute->term == Term::log_agent) {
      code = "monitoring-gap";
      remedy = "set up the target's own log collection before the cutover";
    } else if (attribute != nullptr && attribute->term == Term::capacity_reservation) {
      code = "capacity-reservation-dropped";
      remedy = "reserve capacity in the target's account if start times matter";
    } else if (attribute != nullptr && attribute->term == Term::confidential) {
      code = "confidential-compute-dropped";
      remedy = "clear with whoever asked for confidential computing before moving this object";
    }
    t_.find(code, Severity::warning, source_path(name),
            "'" + name + "' has no counterpart on " + std::string(state_.to().title), remedy,
            shown.dump());
  }

  void identity(const std::string& name, const Json& value) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) return;
    auto mapped = t_.identity(source_path(name), value.get<std::string>());
    if (mapped && mapped != value.get<std::string>() && !put(Term::identity, *mapped))
      t_.block("cloud-identity-unmapped", source_path(name),
               "mapping.yaml maps '" + value.get<std::string>() + "' to '" + *mapped +
                   "', but nothing on " + std::string(state_.to().title) +
                   " runs under an identity of its own",
               "map it to \"\" and give access by storage credentials: " +
                   mapping_line("instance_profiles", value.get<std::string>(), ""));
  }

  Availability source_availability(bool& said) {
    Availability found =
        pool_ ? state_.from().default_pool_availability : state_.from().default_availability;
    const Json& word = source_value(Term::availability);
    if (word.is_string()) {
      said = true;
      if (!parse_availability(state_.from(), word.get<std::string>(), found))
        t_.block("availability-unknown", source_path("availability"),
                 "availability " + word.dump() + " is not known",
                 "correct it in the source, or set it in mapping.yaml, fields");
    } else if (const Json& old = source_value(Term::legacy_spot);
               old.is_boolean() && old.get<bool>()) {
      said = true;
      found = Availability::spot;
    }
    return found;
  }

  // What the target would assume is not what the source assumed: the availability is always written
  // down, unless a policy may supply it.
  void availability(bool has_policy) {
    bool said = false;
    Availability wanted = source_availability(said);
    if (!said && has_policy) return;
    const Json before = said ? source_value(Term::availability) : Json();
    Availability given = wanted;
    if (pool_ && wanted == Availability::spot_with_fallback && !state_.to().pools_fall_back) {
      given = Availability::on_demand;
      t_.find("pool-availability-narrowed", Severity::warning, target_path(Term::availability),
              "pools of " + std::string(state_.to().title) +
                  " cannot fall back from spot to on-demand; on-demand is used",
              "choose " + std::string(state_.to().spot) +
                  " in mapping.yaml, fields, if interruptions are acceptable",
              before.dump());
    }
    std::string word(availability_word(state_.to(), given));
    put(Term::availability, word);
    t_.decide(target_path(Term::availability), "availability", before, word,
              said ? "the same on " + std::string(state_.to().title)
                   : "written down: it is the default of " + std::string(state_.from().title) +
                         ", not of the target");
  }

  void spot_price() {
    const Json& cap = source_value(Term::spot_price);
    if (!cap.is_number()) return;
    double value = cap.get<double>();
    bool percent = state_.from().spot_price == SpotPrice::percent_of_on_demand;
    bool uncapped = percent ? value == 100 : value < 0;
    if (state_.to().spot_price == SpotPrice::none) {
      if (!uncapped) note_price(cap, Json(), "the target knows no price cap");
      return;
    }
    bool to_percent = state_.to().spot_price == SpotPrice::percent_of_on_demand;
    Json converted = to_percent ? Json(100) : Json(-1);
    if (uncapped || percent == to_percent) {
      put(Term::spot_price, percent == to_percent ? cap : converted);
      t_.decide(target_path(Term::spot_price), "spot-price", cap,
                percent == to_percent ? cap : converted, "up to the on-demand price on both");
      return;
    }
    put(Term::spot_price, converted);
    note_price(cap, converted, "caps are in different units; up to the on-demand price is used");
  }

  void note_price(const Json& before, const Json& after, const std::string& why) {
    t_.decide(target_path(Term::spot_price), "spot-price", before, after, why);
    std::string hint = nodes_.empty() ? ""
                                      : fmt::format(" (list price of {}: {:.4g} USD/h)",
                                                    nodes_[0]->id, nodes_[0]->usd_per_hour);
    t_.find("spot-price-cap", Severity::warning, path_ + std::string(state_.from().attributes),
            "the spot price cap " + before.dump() + " is not carried over: " + why,
            "set the cap in the target's unit in mapping.yaml, fields" + hint, before.dump());
  }

  void zone() {
    const Json& zone = source_value(Term::zone);
    const Attribute* there = find_attribute(state_.to(), Term::zone);
    if (there == nullptr) {
      if (zone.is_string())
        t_.decide(source_path("zone_id"), "zone", zone, Json(),
                  "zones cannot be chosen on " + std::string(state_.to().title));
      return;
    }
    std::string chosen(state_.to().any_zone);
    std::string why = "any zone of the target";
    if (zone.is_string()) {
      auto found = state_.user().zones.find(zone.get<std::string>());
      if (found != state_.user().zones.end()) {
        chosen = found->second;
        why = "mapping.yaml, zones";
      }
    }
    put(Term::zone, chosen);
    t_.decide(target_path(Term::zone), "zone", zone, chosen, why);
  }

  void volumes() {
    const Json& count = source_value(Term::volume_count);
    const Json& local = source_value(Term::local_disk_count);
    const Attribute* there = find_attribute(state_.to(), Term::volume_count);
    bool had_volumes = count.is_number() && count.get<double>() > 0;
    bool had_local = local.is_number() && local.get<double>() > 0;
    auto bare = std::find_if(nodes_.begin(), nodes_.end(),
                             [](const NodeType* type) { return !has_local_disk(*type); });
    bool lacks_disk = bare != nodes_.end();
    if (there == nullptr || member_name(*there, pool_).empty()) {
      note_volume_details();
      if (had_volumes) drop_volumes(count, lacks_disk);
      if (had_volumes && !lacks_disk && !nodes_.empty()) compare_disks(count);
      if (had_local && find_attribute(state_.to(), Term::local_disk_count) == nullptr)
        drop_local(local, lacks_disk);
      return;
    }
    if (!state_.to().needs_volumes || !lacks_disk) {
      if (had_local) drop_local(local, false);
      return;
    }
    int volumes = had_local ? std::min(local.get<int>(), kMostVolumes) : 1;
    int size = had_local ? kLocalSsdGib : kDefaultVolumeGib;
    put(Term::volume_type, std::string(state_.to().ssd));
    put(Term::volume_count, volumes);
    put(Term::volume_size, size);
    t_.decide(target_path(Term::volume_count), "disks", had_local ? local : Json(), volumes,
              fmt::format("{} has no local disk and needs at least one volume: {} x {} GiB {}",
                          (*bare)->id, volumes, size, state_.to().ssd));
  }

  void note_volume_details() {
    for (const Term term :
         {Term::volume_type, Term::volume_size, Term::volume_iops, Term::volume_throughput}) {
      const Json& value = source_value(term);
      if (!value.is_null())
        t_.decide(
            source_path(find_attribute(state_.from(), term)->member), "disks", value, Json(),
            "it described volumes, which cannot be asked for on " + std::string(state_.to().title));
    }
  }

  void drop_volumes(const Json& count, bool lacks_disk) {
    const Json& size = source_value(Term::volume_size);
    t_.decide(source_path("ebs_volume_count"), "disks", count, Json(),
              lacks_disk ? "volumes cannot be asked for on " + std::string(state_.to().title)
                         : "the target's node type has local disk");
    if (lacks_disk)
      t_.find("disk-dropped", Severity::warning, source_path("ebs_volume_count"),
              "the source has " + count.dump() + " volume(s) of " +
                  (size.is_null() ? "default size" : size.dump() + " GiB") +
                  "; the target's node type has no local disk and volumes cannot be asked for",
              "choose a node type with local disk in mapping.yaml, node_types", count.dump());
  }

  // The one volume that the source's cloud asks for anyway is nobody's wish; more was wanted.
  void compare_disks(const Json& count) {
    const Json& size = source_value(Term::volume_size);
    const double wanted = count.get<double>() * (size.is_number() ? size.get<double>() : 0);
    if (wanted <= kDefaultVolumeGib || nodes_[0]->local_disk_gib >= wanted) return;
    t_.find("disk-smaller", Severity::warning, source_path("ebs_volume_count"),
            fmt::format("the source attaches {:.0f} GiB of volumes; '{}' has {:.0f} GiB of local "
                        "disk, and volumes cannot be asked for",
                        wanted, nodes_[0]->id, nodes_[0]->local_disk_gib),
            "choose a node type with more local disk in mapping.yaml, node_types", count.dump());
  }

  void drop_local(const Json& local, bool lacks_disk) {
    t_.decide(source_path("local_ssd_count"), "disks", local, Json(),
              "local disks come with the node type");
    if (lacks_disk)
      t_.find("disk-dropped", Severity::warning, source_path("local_ssd_count"),
              "the source has " + local.dump() + " local disk(s), the target's node type none",
              "choose a node type with local disk in mapping.yaml, node_types", local.dump());
  }

  Translation& t_;
  const Mapper::State& state_;
  std::string path_;
  const Json& source_;
  bool pool_;
  const std::vector<const NodeType*>& nodes_;
  Json target_ = Json::object();
};

}  // namespace

void Translation::attributes(const std::string& prefix, Json& block, bool pool,
                             const std::vector<const NodeType*>& nodes) {
  const std::string from_name(state_.from().attributes), to_name(state_.to().attributes);
  bool pooled = !pool && !text_at(block, "instance_pool_id").empty();
  finish(prefix, {from_name, to_name, "enable_elastic_disk"});
  Json source = member(block, from_name).is_object() ? member(block, from_name) : Json::object();
  if (pooled) keep_identity_only(prefix, block, source);
  if (!state_.crosses_clouds()) {
    same_cloud_attributes(prefix + from_name + ".", block, pool);
    return;
  }
  for (const Cloud* cloud : all_clouds()) block.erase(std::string(cloud->attributes));
  AttributeBlock translator(*this, prefix, source, pool, nodes);
  bool has_policy = !pool && !text_at(block, "policy_id").empty();
  Json mapped;
  if (pooled) {
    const Attribute* identity_here = find_attribute(state_.from(), Term::identity);
    std::string value = identity_here == nullptr ? "" : text_at(source, identity_here->member);
    auto name = find_attribute(state_.to(), Term::identity);
    auto kept =
        value.empty()
            ? std::nullopt
            : identity(prefix + from_name + "." + std::string(identity_here->member), value);
    if (kept && name != nullptr && *kept != value) mapped[std::string(name->member)] = *kept;
  } else {
    mapped = translator.translate(has_policy);
  }
  if (mapped.is_object() && !mapped.empty()) block[to_name] = std::move(mapped);
  if (const Json elastic = member(block, "enable_elastic_disk"); !elastic.is_null()) {
    block.erase("enable_elastic_disk");
    decide(prefix + "enable_elastic_disk", "disks", elastic, Json(),
           state_.from().elastic_disk
               ? "disks grow by themselves or not at all on " + std::string(state_.to().title)
               : std::string(state_.from().title) + " reports it without being asked");
  }
}

// A cluster of a pool may say under which identity it runs, and nothing else about its machines.
void Translation::keep_identity_only(const std::string& prefix, Json& block, Json& source) {
  const std::string name(state_.from().attributes);
  const Attribute* identity_member = find_attribute(state_.from(), Term::identity);
  for (auto entry = source.begin(); entry != source.end();) {
    if (identity_member != nullptr && entry.key() == identity_member->member) {
      ++entry;
      continue;
    }
    decide(prefix + name + "." + entry.key(), "pool", entry.value(), Json(),
           "the instance pool decides it");
    entry = source.erase(entry);
  }
  if (source.empty())
    block.erase(name);
  else
    block[name] = source;
}

void Translation::same_cloud_attributes(const std::string& path, Json& block, bool pool) {
  auto found = block.find(std::string(state_.from().attributes));
  if (found == block.end() || !found->is_object()) return;
  if (const Attribute* zone = find_attribute(state_.from(), Term::zone)) {
    std::string name(member_name(*zone, pool)), before = text_at(*found, name);
    auto mapped = state_.user().zones.find(before);
    bool gone = !before.empty() && before != "HA" &&
                !equals_ignoring_case(before, state_.from().any_zone) &&
                !state_.target_zones.empty() &&
                std::find(state_.target_zones.begin(), state_.target_zones.end(), before) ==
                    state_.target_zones.end();
    std::string after = mapped != state_.user().zones.end() ? mapped->second
                        : gone                              ? std::string(state_.to().any_zone)
                                                            : before;
    if (after != before) {
      (*found)[name] = after;
      decide(path + name, "zone", before, after,
             gone ? "the target's region does not have this zone" : "mapping.yaml, zones");
    }
  }
  if (const Attribute* who = find_attribute(state_.from(), Term::identity)) {
    std::string name(member_name(*who, pool)), before = name.empty() ? "" : text_at(*found, name);
    if (before.empty()) return;
    auto mapped = identity(path + name, before);
    if (mapped)
      (*found)[name] = *mapped;
    else
      found->erase(name);
  }
}

void Translation::pool_disks(const std::string& prefix, Json& block,
                             const std::vector<const NodeType*>& nodes) {
  if (!state_.crosses_clouds()) return;
  const std::string path = prefix + "disk_spec";
  Json spec = member(block, "disk_spec");
  const Cloud& to = state_.to();
  bool asked = spec.is_object() && int_at(spec, "disk_count", 0) > 0;
  bool lacks_disk = !nodes.empty() && !has_local_disk(*nodes[0]);
  if (to.pool_disk_type.empty()) {
    if (!spec.is_null()) {
      block.erase("disk_spec");
      decide(path, "disks", spec, Json(),
             "pools of " + std::string(to.title) + " take local disks only");
      if (asked)
        find("disk-dropped", Severity::warning, path, "the pool's disks have no counterpart",
             "choose a node type with local disk in mapping.yaml, node_types", spec.dump());
    }
    return;
  }
  if (!asked && !(to.needs_volumes && lacks_disk)) {
    if (!spec.is_null()) block.erase("disk_spec");
    if (!spec.is_null() && !spec.empty())
      decide(path, "disks", spec, Json(), "no disks were asked for");
    return;
  }
  std::string old_type = text_at(member(spec, "disk_type"), state_.from().pool_disk_type);
  bool hdd = !old_type.empty() && old_type == state_.from().hdd;
  if (!hdd && !nodes.empty() && !nodes[0]->ssd_volumes) {
    hdd = true;
    find("disk-type-narrowed", Severity::warning, path,
         std::string(nodes[0]->id) + " takes no " + std::string(to.ssd) + " disks; " +
             std::string(to.hdd) + " is used",
         "choose a node type that takes them in mapping.yaml, node_types", spec.dump());
  }
  int least = hdd ? to.disk_size_least_hdd : to.disk_size_least_ssd;
  int wanted =
      asked ? static_cast<int>(int_at(spec, "disk_size", kDefaultVolumeGib)) : kDefaultVolumeGib;
  int size = std::clamp(wanted, least, to.disk_size_most);
  Json mapped = {
      {"disk_type", {{std::string(to.pool_disk_type), std::string(hdd ? to.hdd : to.ssd)}}},
      {"disk_count", asked ? int_at(spec, "disk_count", 1) : 1},
      {"disk_size", size}};
  decide(path, "disks", spec, mapped,
         asked ? "the same kind of disk on " + std::string(to.title)
               : std::string(nodes[0]->id) + " has no local disk and needs at least one volume");
  if (size != wanted)
    find("disk-size-clamped", Severity::warning, path,
         fmt::format("disks of {} GiB do not exist on {} ({} to {} GiB); {} GiB is used", wanted,
                     to.title, least, to.disk_size_most, size),
         "choose number and size of the disks in mapping.yaml, fields", spec.dump());
  block["disk_spec"] = std::move(mapped);
}

}  // namespace lakeshift::clouds
