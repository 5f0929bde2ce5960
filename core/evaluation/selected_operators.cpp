// SPDX-License-Identifier: BSD-3-Clause

#include <misfit/concepts.hpp>
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

  std::vector<int> places, terms;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), own[k]);
    if (found == sorted.end() || *found != own[k]) continue;
    places.push_back(static_cast<int>(k));
    terms.push_back(static_cast<int>(found - sorted.begin()));
  }
  indices_.swap(sorted);
  terms_.swap(terms);
  const bool others = places != places_;
  places_.swap(places);
  return others;
}

std::int64_t fingerprint_of(const Subset& subset, Sum sum) {
  std::vector<int> sorted = subset.indices();
  std::sort(sorted.begin(), sorted.end());
  sorted.push_back(subset.scale() == Subset::Scale::unbiased ? -1 : -2);
  sorted.push_back(static_cast<int>(sum));
  return fingerprint(sorted.data(), sorted.size() * sizeof(int));
}

}  // namespace misfit::detail
