// The distance between two node types, part by part, and the threshold above which there is no
// equal.
#pragma once

#include <string>

#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds {

// Above this the closest type is only proposed. Half a node: 25 % fewer cores, 25 % less memory
// (shortage counts double), or half of either too much. Every pair of the reference table is below
// it, and every pair of different GPU models (10) or GPU counts (2.5 for half as many) is above it.
inline constexpr double kNoEqual = 0.5;
// List price of one DBU (all-purpose, premium; the same on the three clouds): data of 2026-04-10.
inline constexpr double kReferenceDbuPrice = 0.55;

struct Distance {
  double gpu = 0, vcpu = 0, memory = 0, disk = 0, category = 0;
  double total() const { return gpu + vcpu + memory + disk + category; }
};

Distance distance_between(const NodeType& wanted, const NodeType& candidate);
bool has_gpu(const NodeType& type);
// "x86_64" for types whose architecture is not known: no cloud sells unlabelled ARM machines.
std::string_view architecture_of(const NodeType& type);
double cost_per_hour(const NodeType& type);
std::string gib_text(double mib);

}  // namespace lakeshift::clouds
