// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An operator of which the adjoint is wrong, in one of the ways in which they are.

#include "scorecard/catalogue/catalogue.hpp"

#include <misfit/detail/base/scalar.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace misfit::test {

enum class AdjointFault {
  entry,              // of A^H y, 1e-6 of it
  row,                // of y, 1e-6 of it
  all,                // 1e-6 of all
  sign,               //
  factor_two,         //
  shifted_input,      // by one entry
  shifted_output,     // by one entry
  swapped,            // two entries
  dropped_row,        // of y, as a ghost row that is not added
  dropped_entry,      // of x
  twice,              // an entry is added twice
  sets,               // instead of adding
  adds_to_start,      // 1e-6 of what was there
  in_float,           // computed in single precision
  constant,           // adds 1e-6
  not_a_number,       // in one entry
  transposed,         // without conj; of complex operators, as those below
  conjugated_input,   //
  conjugated_output,  //
  real_part           // alone
};

inline constexpr std::array<std::pair<AdjointFault, const char*>, 20> adjoint_faults{
    {{AdjointFault::entry, "an entry off by 1e-6"},
     {AdjointFault::row, "a row off by 1e-6"},
     {AdjointFault::all, "all off by 1e-6"},
     {AdjointFault::sign, "another sign"},
     {AdjointFault::factor_two, "twice as much"},
     {AdjointFault::shifted_input, "y shifted by one"},
     {AdjointFault::shifted_output, "x shifted by one"},
     {AdjointFault::swapped, "two entries swapped"},
     {AdjointFault::dropped_row, "a row dropped"},
     {AdjointFault::dropped_entry, "an entry dropped"},
     {AdjointFault::twice, "an entry added twice"},
     {AdjointFault::sets, "set, not added"},
     {AdjointFault::adds_to_start, "what was there, off by 1e-6"},
     {AdjointFault::in_float, "computed in float"},
     {AdjointFault::constant, "1e-6 added"},
     {AdjointFault::not_a_number, "a NaN"},
     {AdjointFault::transposed, "conj missing"},
     {AdjointFault::conjugated_input, "conj of y"},
     {AdjointFault::conjugated_output, "conj of x"},
     {AdjointFault::real_part, "the real part alone"}}};

constexpr bool of_complex_alone(AdjointFault fault) { return fault >= AdjointFault::transposed; }

/// `inner` in T, double or complex<double>, with a fault in the entry and row that matter most.
template <typename T>
class FaultyAdjoint {
 public:
  using Vector = Kokkos::View<T*>;

  FaultyAdjoint(AnyOperator<T> inner, AdjointFault fault)
      : inner_(std::move(inner)), fault_(fault) {
    const Vector x = numbers<T>(1, domain_size()), y("y", range_size()), z("z", domain_size());
    inner_.apply(Exec{}, x, y);
    row_ = largest(y);
    inner_.add_adjoint(Exec{}, numbers<T>(2, range_size()), z);
    entry_ = largest(z);
  }

  std::size_t domain_size() const { return inner_.domain_size(); }
  std::size_t range_size() const { return inner_.range_size(); }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    inner_.apply(exec, x, y);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const Vector input("input", range_size()), z("z", domain_size());
    Kokkos::deep_copy(input, y);
    spoil_input(input);
    inner_.add_adjoint(exec, input, z);
    spoil_output(z);
    for (std::size_t j = 0; j < z.extent(0); ++j) {
      if (fault_ == AdjointFault::sets) x(j) = T(0);
      if (fault_ == AdjointFault::adds_to_start) x(j) *= 1 + 1e-6;
      x(j) += z(j);
    }
  }

 private:
  static std::size_t largest(const Vector& v) {
    std::size_t at = 0;
    for (std::size_t j = 0; j < v.extent(0); ++j)
      if (detail::abs(v(j)) > detail::abs(v(at))) at = j;
    return at;
  }
  static void shift(const Vector& v) {
    const T last = v(v.extent(0) - 1);
    for (std::size_t j = v.extent(0) - 1; j > 0; --j) v(j) = v(j - 1);
    v(0) = last;
  }
  static void conjugate(const Vector& v) {
    for (std::size_t j = 0; j < v.extent(0); ++j) v(j) = detail::conj(v(j));
  }

  void spoil_input(const Vector& y) const {
    using enum AdjointFault;
    if (fault_ == row) y(row_) *= 1 + 1e-6;
    if (fault_ == dropped_row) y(row_) = T(0);
    if (fault_ == shifted_input) shift(y);
    if (fault_ == transposed || fault_ == conjugated_input) conjugate(y);
  }
  void spoil_output(const Vector& z) const {
    using enum AdjointFault;
    const std::size_t other = (entry_ + 1) % z.extent(0);
    if (fault_ == entry) z(entry_) *= 1 + 1e-6;
    if (fault_ == dropped_entry) z(entry_) = T(0);
    if (fault_ == twice) z(entry_) *= 2.0;
    if (fault_ == not_a_number) z(entry_) = T(NAN);
    if (fault_ == swapped) std::swap(z(entry_), z(other));
    if (fault_ == shifted_output) shift(z);
    if (fault_ == transposed || fault_ == conjugated_output) conjugate(z);
    for (std::size_t j = 0; j < z.extent(0); ++j) {
      if (fault_ == all) z(j) *= 1 + 1e-6;
      if (fault_ == sign) z(j) = -z(j);
      if (fault_ == factor_two) z(j) *= 2.0;
      if (fault_ == constant) z(j) += 1e-6;
      if (fault_ == in_float) z(j) = in_single(z(j));
      if constexpr (detail::is_complex<T>)
        if (fault_ == real_part) z(j) = T(z(j).real());
    }
  }
  static T in_single(const T& z) {
    if constexpr (detail::is_complex<T>)
      return T(static_cast<float>(z.real()), static_cast<float>(z.imag()));
    else
      return static_cast<float>(z);
  }

  AnyOperator<T> inner_;
  AdjointFault fault_;
  std::size_t entry_ = 0, row_ = 0;
};

}  // namespace misfit::test
