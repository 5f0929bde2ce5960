// SPDX-License-Identifier: BSD-3-Clause

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/selected_operators.hpp>
#include <misfit/error.hpp>
#include <misfit/subset.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace misfit::detail {

namespace {

// The finalizer of splitmix64 (G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom
// number generators", 2014).
std::uint64_t mixed(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

bool SelectedOperators::select(const Subset& subset, const std::vector<int>& own, int n) {
  std::vector<int> sorted = subset.indices();
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    if (sorted[k] < 0 || sorted[k] >= n)
      throw ArgumentError("subset: there is no operator " + std::to_string(sorted[k]) + " among " +
                          std::to_string(n));
    if (k > 0 && sorted[k] == sorted[k - 1])
      throw ArgumentError("subset: has operator " + std::to_string(sorted[k]) + " twice");
  }
  const bool unbiased = subset.scale() == Subset::Scale::unbiased;
  if (unbiased && sorted.empty())
    throw ArgumentError("subset: is empty, and cannot be scaled to all operators");
  scale_ = unbiased ? static_cast<double>(n) / static_cast<double>(sorted.size()) : 1.0;

  std::vector<int> places;
  for (std::size_t k = 0; k < own.size(); ++k)
    if (std::binary_search(sorted.begin(), sorted.end(), own[k]))
      places.push_back(static_cast<int>(k));
  const bool others = places != places_;
  places_.swap(places);
  return others;
}

// Each rank makes it before ranks agree, so that it takes no memory: a sum, for which the order of
// indices is nothing, of numbers without a pattern.
std::int64_t fingerprint_of(const Subset& subset) {
  std::uint64_t sum = subset.scale() == Subset::Scale::unbiased ? 1 : 0;
  for (const int index : subset.indices()) sum += mixed(static_cast<std::uint64_t>(index) + 1);
  return fingerprint(&sum, sizeof(sum));
}

}  // namespace misfit::detail
