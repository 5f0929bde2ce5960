// SPDX-License-Identifier: BSD-3-Clause

#include <misfit/concepts.hpp>
#include <misfit/detail/base/mixed.hpp>
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

void SelectedOperators::select(const Subset& subset, const std::vector<int>& own, int n) {
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

  std::vector<int> places, terms;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), own[k]);
    if (found == sorted.end() || *found != own[k]) continue;
    places.push_back(static_cast<int>(k));
    terms.push_back(static_cast<int>(found - sorted.begin()));
  }
  indices_.swap(sorted);
  terms_.swap(terms);
  if (places == places_) return;
  planned = false;  // also where the plan of these fails
  places_.swap(places);
}

// Each rank makes it before ranks agree, so that it takes no memory: a sum, for which the order of
// indices is nothing, of numbers without a pattern.
std::int64_t fingerprint_of(const Subset& subset, Sum sum) {
  std::uint64_t numbers[3] = {};
  for (const int index : subset.indices())
    numbers[0] += mixed(static_cast<std::uint64_t>(index) + 1);
  numbers[1] = static_cast<std::uint64_t>(subset.scale());
  numbers[2] = static_cast<std::uint64_t>(sum);
  return fingerprint(numbers, sizeof(numbers));
}

}  // namespace misfit::detail
