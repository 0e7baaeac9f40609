#include "knowledge/clouds/cloud.h"

#include "core/base/strings.h"

namespace lakeshift::clouds {

const Cloud* find_cloud(std::string_view name) {
  for (const Cloud* cloud : all_clouds())
    if (cloud->name == name) return cloud;
  return nullptr;
}

const Cloud* cloud_of_host(std::string_view host) {
  std::string lower = to_lower(host);
  std::string_view rest = lower;
  if (auto scheme = rest.find("://"); scheme != std::string_view::npos)
    rest.remove_prefix(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/:?"));
  const Cloud* best = nullptr;
  for (const Cloud* cloud : all_clouds())
    if (rest.ends_with(cloud->host_suffix) &&
        (best == nullptr || cloud->host_suffix.size() > best->host_suffix.size()))
      best = cloud;
  return best;
}

const Cloud* cloud_of_storage(std::string_view uri) {
  std::string lower = to_lower(uri.substr(0, 16));
  for (const Cloud* cloud : all_clouds())
    for (std::string_view scheme : cloud->storage_schemes)
      if (lower.starts_with(scheme)) return cloud;
  return nullptr;
}

const Attribute* find_attribute(const Cloud& cloud, Term term) {
  for (const Attribute& attribute : cloud.attribute_table)
    if (attribute.term == term) return &attribute;
  return nullptr;
}

const Attribute* find_attribute(const Cloud& cloud, std::string_view member, bool pool) {
  for (const Attribute& attribute : cloud.attribute_table)
    if (!member.empty() && (pool ? attribute.pool_member : attribute.member) == member)
      return &attribute;
  return nullptr;
}

std::string_view availability_word(const Cloud& cloud, Availability availability) {
  switch (availability) {
    case Availability::on_demand:
      return cloud.on_demand;
    case Availability::spot:
      return cloud.spot;
    case Availability::spot_with_fallback:
      return cloud.spot_with_fallback;
  }
  return cloud.on_demand;
}

bool parse_availability(const Cloud& cloud, std::string_view word, Availability& availability) {
  for (Availability each :
       {Availability::on_demand, Availability::spot, Availability::spot_with_fallback})
    if (availability_word(cloud, each) == word) {
      availability = each;
      return true;
    }
  return false;
}

}  // namespace lakeshift::clouds
