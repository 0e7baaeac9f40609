// The reference pairs are those of the public migration guide's table (Azure to AWS), see the
// design's node mapping rule.
#include "knowledge/clouds/node_match.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <map>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"
#include "knowledge/clouds/node_catalogue.h"

namespace lakeshift::clouds {
namespace {

const NodeType& row(std::string_view cloud, std::string_view id) {
  static const NodeType none{};
  for (const NodeType& type : node_types_of(cloud))
    if (type.id == id) return type;
  ADD_FAILURE() << "no node type " << id << " on " << cloud;
  return none;
}

std::string best(std::string_view from, std::string_view id, std::string_view to,
                 bool allow_arm = false) {
  auto matches = match_node_type(row(from, id), node_types_of(to), allow_arm);
  return matches.empty() ? "" : std::string(matches[0].type->id);
}

double best_distance(std::string_view from, std::string_view id, std::string_view to) {
  auto matches = match_node_type(row(from, id), node_types_of(to), false);
  return matches.empty() ? 1e9 : matches[0].distance;
}

TEST(NodeTable, HoldsEveryRowOfTheData) {
  EXPECT_EQ(node_types_of("aws").size(), 563u);
  EXPECT_EQ(node_types_of("azure").size(), 342u);
  EXPECT_EQ(node_types_of("gcp").size(), 155u);
  EXPECT_TRUE(node_types_of("elsewhere").empty());
  const NodeType& type = row("azure", "Standard_DS3_v2");
  EXPECT_EQ(type.vcpus, 4);
  EXPECT_EQ(type.memory_mib, 14336);
  EXPECT_EQ(type.arch, "x86_64");
  EXPECT_EQ(row("aws", "p4d.24xlarge").gpu_memory_mib, 327680);
}

TEST(NodeMatch, SevenReferencePairsComeOut) {
  const std::map<std::string, std::string> pairs = {
      {"Standard_DS3_v2", "m5.xlarge"},   {"Standard_DS4_v2", "m5.2xlarge"},
      {"Standard_DS5_v2", "m5.4xlarge"},  {"Standard_E8s_v3", "r5.2xlarge"},
      {"Standard_E16s_v3", "r5.4xlarge"}, {"Standard_NC6s_v3", "p3.2xlarge"},
      {"Standard_L8s_v2", "i3.2xlarge"}};
  for (const auto& [azure, aws] : pairs) {
    EXPECT_EQ(best("azure", azure, "aws"), aws);
    EXPECT_LE(best_distance("azure", azure, "aws"), kNoEqual) << azure;
  }
}

// The counts of the design note, made by another program (Python) over the same rows.
TEST(NodeMatch, CoverageIsThatOfTheNote) {
  int exact = 0, near = 0, azure_types = 0;
  for (const NodeType& type : node_types_of("azure")) {
    if (type.arch.empty()) continue;
    ++azure_types;
    auto matches = match_node_type(type, node_types_of("aws"), false, 1);
    if (!matches.empty() && matches[0].distance == 0) ++exact;
    if (!matches.empty() && matches[0].distance <= 0.25) ++near;
  }
  EXPECT_EQ(azure_types, 336);
  EXPECT_GE(exact, 291);
  EXPECT_GE(near, 309);
}

TEST(NodeMatch, ArmNeverStandsForX86Unasked) {
  for (const NodeType& type : node_types_of("azure")) {
    for (const NodeMatch& match : match_node_type(type, node_types_of("aws"), false, 1000))
      ASSERT_EQ(architecture_of(*match.type), architecture_of(type))
          << type.id << " -> " << match.type->id;
  }
  bool some_arm = false;
  for (const NodeMatch& match :
       match_node_type(row("azure", "Standard_D8s_v3"), node_types_of("aws"), true, 1000))
    some_arm = some_arm || match.type->arch == "arm64";
  EXPECT_TRUE(some_arm);
}

TEST(NodeMatch, ArmMatchesArm) {
  auto matches = match_node_type(row("azure", "Standard_D4ps_v6"), node_types_of("aws"), false, 1);
  ASSERT_FALSE(matches.empty());
  EXPECT_EQ(matches[0].type->arch, "arm64");
  EXPECT_EQ(matches[0].type->vcpus, 4);
}

TEST(NodeMatch, GpuOnlyForGpu) {
  for (const NodeMatch& match :
       match_node_type(row("azure", "Standard_NC4as_T4_v3"), node_types_of("aws"), false, 1000))
    EXPECT_TRUE(has_gpu(*match.type));
  for (const NodeMatch& match :
       match_node_type(row("azure", "Standard_D4s_v3"), node_types_of("aws"), false, 1000))
    EXPECT_FALSE(has_gpu(*match.type));
}

TEST(NodeMatch, AlikeGpuFamilies) {
  // A10 and A10G are alike.
  NodeType a10{"a10",    "gpu", 36,   440 * 1024, 1, "NVIDIA A10", 0, 0,
               "x86_64", "AMD", true, 1,          1, 24576};
  NodeType a10g{"a10g",   "gpu", 36,   440 * 1024, 1, "NVIDIA A10G", 0, 0,
                "x86_64", "AMD", true, 1,          1, 22888};
  EXPECT_EQ(distance_between(a10, a10g).gpu, 0);
  // H100 NVL (94 GiB) and H100 (80 GiB) are.
  NodeType nvl = a10, h100 = a10;
  nvl.gpu_name = "NVIDIA H100 NVL", nvl.gpu_memory_mib = 96256;
  h100.gpu_name = "NVIDIA H100", h100.gpu_memory_mib = 81920;
  EXPECT_EQ(distance_between(nvl, h100).gpu, 0);
  // A100 80 GB may replace 40 GB, never the other way round.
  NodeType small = a10, large = a10;
  small.gpu_name = "NVIDIA A100 40GB", small.gpu_memory_mib = 40960;
  large.gpu_name = "NVIDIA A100 80GB", large.gpu_memory_mib = 81920;
  EXPECT_EQ(distance_between(small, large).gpu, 0);
  EXPECT_EQ(distance_between(large, small).gpu, 10);
  // The number of GPUs: 5 x difference / the larger.
  NodeType two = a10;
  two.gpu_count = 2, two.gpu_memory_mib *= 2;
  EXPECT_DOUBLE_EQ(distance_between(two, a10).gpu, 2.5);
  EXPECT_GT(distance_between(two, a10).total(), kNoEqual);
}

TEST(NodeMatch, BigGpuBoxesHaveNoEqualOnAws) {
  for (const char* id : {"Standard_NC24ads_A100_v4", "Standard_NC48ads_A100_v4",
                         "Standard_NC40ads_H100_v5", "Standard_NV72ads_A10_v5"})
    EXPECT_GT(best_distance("azure", id, "aws"), kNoEqual) << id;
}

TEST(NodeMatch, ShortageCountsDouble) {
  NodeType wanted{"w", "general_purpose", 4, 16384, 0, "", 0, 0, "x86_64", "Intel", true, 1, 1};
  NodeType fewer = wanted, more = wanted;
  fewer.vcpus = 3;
  more.vcpus = 5;
  EXPECT_DOUBLE_EQ(distance_between(wanted, fewer).vcpu, 0.5);
  EXPECT_DOUBLE_EQ(distance_between(wanted, more).vcpu, 0.25);
  fewer = more = wanted;
  fewer.memory_mib = 8192;
  more.memory_mib = 32768;
  EXPECT_DOUBLE_EQ(distance_between(wanted, fewer).memory, 1.0);
  EXPECT_DOUBLE_EQ(distance_between(wanted, more).memory, 1.0);
}

TEST(NodeMatch, MemoryTolerance) {
  NodeType wanted{"w", "general_purpose", 4, 10000, 0, "", 0, 0, "x86_64", "Intel", true, 1, 1};
  NodeType other = wanted;
  for (int memory : {9500, 10000, 12000}) {
    other.memory_mib = memory;
    EXPECT_EQ(distance_between(wanted, other).memory, 0) << memory;
  }
  other.memory_mib = 12100;
  EXPECT_NEAR(distance_between(wanted, other).memory, 0.21, 1e-9);
  other.memory_mib = 9400;
  EXPECT_NEAR(distance_between(wanted, other).memory, 0.12, 1e-9);
}

TEST(NodeMatch, LocalDiskIsRequiredFrom30GibPerCore) {
  NodeType wanted{"w", "general_purpose", 4, 16384, 0, "", 120, 1, "x86_64", "Intel", true, 1, 1};
  NodeType bare = wanted;
  bare.local_disk_gib = 0;
  EXPECT_DOUBLE_EQ(distance_between(wanted, bare).disk, 0.1);
  wanted.local_disk_gib = 119;
  EXPECT_EQ(distance_between(wanted, bare).disk, 0);
  EXPECT_EQ(best("azure", "Standard_D16ds_v4", "aws"), "m5d.4xlarge");
  EXPECT_EQ(best("azure", "Standard_D8s_v3", "aws"), "m5.2xlarge");
}

TEST(NodeMatch, StorageOptimisedWantsItsDisks) {
  NodeType wanted{"w", "storage_optimized", 8, 65536, 0, "", 1900, 1, "x86_64", "Intel", true, 1,
                  1};
  NodeType other = wanted;
  other.local_disk_gib = 1400;  // 0.74
  EXPECT_EQ(distance_between(wanted, other).disk, 0);
  other.local_disk_gib = 950;  // 0.5
  EXPECT_DOUBLE_EQ(distance_between(wanted, other).disk, 0.5);
  other.local_disk_gib = 19000;
  EXPECT_DOUBLE_EQ(distance_between(wanted, other).disk, 1);
  other.local_disk_gib = 0;
  other.category = "memory_optimized";
  EXPECT_DOUBLE_EQ(distance_between(wanted, other).disk, 1.5);
  EXPECT_EQ(distance_between(wanted, other).category, 0);
}

TEST(NodeMatch, CategoryCostsAQuarter) {
  NodeType wanted{"w", "general_purpose", 4, 16384, 0, "", 0, 0, "x86_64", "Intel", true, 1, 1};
  NodeType other = wanted;
  other.category = "memory_optimized";
  EXPECT_DOUBLE_EQ(distance_between(wanted, other).total(), 0.25);
}

TEST(NodeMatch, TiesGoToTheSameVendorThenToTheCheaper) {
  NodeType wanted{"w", "general_purpose", 4, 16384, 0, "", 0, 0, "x86_64", "Intel", true, 1, 1};
  std::vector<NodeType> candidates(3, wanted);
  candidates[0].id = "amd", candidates[0].cpu_vendor = "AMD", candidates[0].usd_per_hour = 0.1;
  candidates[1].id = "dear", candidates[1].usd_per_hour = 0.3;
  candidates[2].id = "fair", candidates[2].usd_per_hour = 0.2;
  auto matches = match_node_type(wanted, candidates, false);
  ASSERT_EQ(matches.size(), 3u);
  EXPECT_EQ(matches[0].type->id, "fair");
  EXPECT_EQ(matches[1].type->id, "dear");
  EXPECT_EQ(matches[2].type->id, "amd");
  // DBUs count: 0.55 USD each.
  candidates[1].dbu_per_hour = 0, candidates[2].dbu_per_hour = 1;
  EXPECT_EQ(match_node_type(wanted, candidates, false)[0].type->id, "dear");
  candidates[1].usd_per_hour = 0;  // without a price it is no candidate
  EXPECT_EQ(match_node_type(wanted, candidates, false).size(), 2u);
}

TEST(NodeMatch, ExplanationHoldsTheNumbersAndIsStable) {
  auto first = match_node_type(row("azure", "Standard_DS3_v2"), node_types_of("aws"), false);
  auto second = match_node_type(row("azure", "Standard_DS3_v2"), node_types_of("aws"), false);
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first[0].explanation, second[0].explanation);
  for (const char* part :
       {"m5.xlarge for Standard_DS3_v2", "4 vCPU for 4", "16 GiB for 14 GiB (+14 %)",
        "no local disk for 28 GiB", "not required", "distance 0.00", "USD/h"})
    EXPECT_TRUE(contains(first[0].explanation, part)) << part << "\n" << first[0].explanation;
}

TEST(NodeCatalogue, PlatformListRestrictsAndCorrects) {
  auto reference = parse_json(R"json({"node_types": {"node_types": [
    {"node_type_id": "m6i.xlarge", "num_cores": 4, "memory_mb": 16384, "category": "General Purpose",
     "photon_worker_capable": true, "node_instance_type": {"local_disks": 0}},
    {"node_type_id": "m5.xlarge", "num_cores": 4, "memory_mb": 16384, "is_deprecated": true, "category": "General Purpose"},
    {"node_type_id": "x9.large", "num_cores": 2, "memory_mb": 4096, "is_graviton": true, "photon_worker_capable": false,
     "category": "Compute Optimized (new)", "num_gpus": 0,
     "node_instance_type": {"local_disks": 1, "local_disk_size_gb": 50, "local_nvme_disks": 1, "local_nvme_disk_size_gb": 100}}
  ]}})json",
                              "test");
  ASSERT_TRUE(reference);
  NodeCatalogue catalogue(*find_cloud("aws"), *reference);
  EXPECT_TRUE(catalogue.listed_by_platform());
  EXPECT_TRUE(catalogue.offers("m5.xlarge"));
  EXPECT_FALSE(catalogue.offers("r5.xlarge"));
  ASSERT_EQ(catalogue.candidates().size(), 1u);  // m5 is deprecated, x9 has no price
  EXPECT_EQ(catalogue.candidates()[0].id, "m6i.xlarge");
  const NodeType* fresh = catalogue.find("x9.large");
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->arch, "arm64");
  EXPECT_EQ(fresh->category, "compute_optimized");
  EXPECT_EQ(fresh->local_disk_gib, 150);
  EXPECT_FALSE(catalogue.runs_photon("x9.large"));
  EXPECT_TRUE(catalogue.runs_photon("m6i.xlarge"));
}

// What the names say agrees with what the clouds' own lists say, on every row.
TEST(NodeCatalogue, NamesTellArmWhereTheListIsSilent) {
  for (const Cloud* cloud : all_clouds()) {
    const RE2 pattern{std::string(cloud->arm_names)};
    for (const NodeType& type : cloud->node_types())
      EXPECT_EQ(RE2::FullMatch(std::string(type.id), pattern), architecture_of(type) == "arm64")
          << type.id;
  }
  auto reference = parse_json(
      R"json([{"node_type_id": "Standard_D4ps_v9", "num_cores": 4, "memory_mb": 16384}])json",
      "test");
  EXPECT_EQ(NodeCatalogue(*find_cloud("azure"), Json{{"node_types", *reference}})
                .find("Standard_D4ps_v9")
                ->arch,
            "arm64");
}

TEST(NodeCatalogue, FleetTypesHaveTheSpecificationOfTheirEldest) {
  NodeCatalogue catalogue(*find_cloud("aws"), Json());
  const NodeType* fleet = catalogue.find("m-fleet.xlarge");
  ASSERT_NE(fleet, nullptr);
  EXPECT_EQ(fleet->vcpus, 4);
  for (const NodeType& type : catalogue.candidates())
    EXPECT_FALSE(contains(type.id, "fleet")) << type.id;
}

TEST(Clouds, AreFoundByNameHostAndStorage) {
  ASSERT_EQ(all_clouds().size(), 3u);
  EXPECT_EQ(cloud_of_host("https://adb-1.2.azuredatabricks.net/?o=1")->name, "azure");
  EXPECT_EQ(cloud_of_host("DBC-1.cloud.databricks.com")->name, "aws");
  EXPECT_EQ(cloud_of_host("1.7.gcp.databricks.com")->name, "gcp");
  EXPECT_EQ(cloud_of_host("http://127.0.0.1:8080"), nullptr);
  EXPECT_EQ(cloud_of_storage("S3A://bucket/x")->name, "aws");
  EXPECT_EQ(cloud_of_storage("wasbs://c@a.blob.core.windows.net")->name, "azure");
  EXPECT_EQ(cloud_of_storage("gs://b")->name, "gcp");
  EXPECT_EQ(cloud_of_storage("dbfs:/x"), nullptr);
}

}  // namespace
}  // namespace lakeshift::clouds
