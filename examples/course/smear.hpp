// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The operator of one's own of this course: an instrument that smears a profile.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>

/// y_i = left x_{i−1} + (1 − left − right) x_i + right x_{i+1}; x is 0 beyond its ends. No weight
/// is negative.
class Smear {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using In = misfit::Vector<const double>;
  using Out = misfit::Vector<double>;

  Smear(std::size_t n, double left, double right)
      : inputs_(n), outputs_(n), left_(left), right_(right) {}

  std::size_t domain_size() const { return inputs_; }
  std::size_t range_size() const { return outputs_; }

  /// y = A x.
  void apply(const Exec& exec, const In& x, const Out& y) const {
    const auto size = static_cast<long>(inputs_), first = static_cast<long>(first_);
    const double left = left_, right = right_, middle = 1 - left - right;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, outputs_), KOKKOS_LAMBDA(const long k) {
          const long i = first + k;
          const double before = i > 0 ? x(i - 1) : 0, after = i + 1 < size ? x(i + 1) : 0;
          y(k) = left * before + middle * x(i) + right * after;
        });
  }

  /// x += A^T y: what stood in x stays.
  void add_adjoint(const Exec& exec, const In& y, const Out& x) const {
    const auto size = static_cast<long>(outputs_), first = static_cast<long>(first_);
    const double left = left_, right = right_, middle = 1 - left - right;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, inputs_), KOKKOS_LAMBDA(const long i) {
          const auto at = [&](long k) { return k >= 0 && k < size ? y(k) : 0.0; };
          const long k = i - first;  // y(k) has x(i) in its middle
          x(i) += left * at(k + 1) + middle * at(k) + right * at(k - 1);
        });
  }

  /// ‖A‖² is not above this: no row of A, and no column, sums to more than 1.
  double norm_squared_bound() const { return 1; }

  // Some of the outputs, from all of x: for ranks that share an operator.
  misfit::MeasurementRows measurement_rows() const { return {{outputs_}, 0, {0, outputs_}}; }
  Smear on_rows(const misfit::Rows& rows) const { return part(inputs_, rows.begin, rows.size()); }

  // The outputs of a slab, from its rows and one ghost row on either side.
  misfit::HaloWidth halo_width(std::size_t) const { return {.before = 1, .after = 1}; }
  misfit::MeasurementRows outputs_of(const misfit::Slab& slab) const {
    return {slab.shape, slab.dimension, slab.owned};
  }
  Smear on_slab(const misfit::Slab& slab) const {
    return part(slab.extended().size(), slab.before, slab.owned.size());
  }

 private:
  /// Of `inputs` entries of x the outputs that belong to those from the `first` on.
  Smear part(std::size_t inputs, std::size_t first, std::size_t outputs) const {
    Smear smear(*this);
    smear.inputs_ = inputs, smear.first_ = first, smear.outputs_ = outputs;
    return smear;
  }

  std::size_t inputs_, first_ = 0, outputs_;
  double left_, right_;
};
