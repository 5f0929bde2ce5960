// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/views.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit {

/// The measurements y_i of the operators that this rank owns, checked: of the right sizes, and
/// finite.
///
/// Made by DistributedOperator::measurements(). Entry k belongs to operator local_indices()[k]; it
/// has shape (m_i), or (B, m_i) for B signals.
template <KokkosView V>
class Measurements {
 public:
  /// Of Views that are known to fit: DistributedOperator::measurements() checks them.
  explicit Measurements(std::vector<V> local) : local_(std::move(local)) {}

  /// How many operators this rank has.
  std::size_t size() const noexcept { return local_.size(); }
  /// The measurement of the k-th operator of this rank.
  const V& operator[](std::size_t k) const { return local_[k]; }

 private:
  std::vector<V> local_;
};

/// A list of Views: this rank's measurements in the order of local_indices(), or those of all n
/// operators, of which only this rank's are read.
template <typename Y>
concept MeasurementList = requires(const Y& y, std::size_t k) {
  { y.size() } -> std::convertible_to<std::size_t>;
  requires KokkosView<std::remove_cvref_t<decltype(y[k])>>;
};

/// The View type in a list of measurements.
template <MeasurementList Y>
using MeasurementView = std::remove_cvref_t<decltype(std::declval<const Y&>()[std::size_t{0}])>;

/// Such a list of Views that kernels of `Exec` can take.
template <typename Y, typename Exec>
concept MeasurementsOn = MeasurementList<Y> && SignalsOn<MeasurementView<Y>, Exec>;

/// Such a list of Views that a call writes to.
template <typename Y, typename Exec>
concept MeasurementOutputsOn = MeasurementList<Y> && OutputOn<MeasurementView<Y>, Exec>;

}  // namespace misfit
