// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <type_traits>

namespace misfit::detail {

/// The scalar type of A x for signals of `T`: that of x, unless A takes them only to real numbers,
/// or real ones only to complex numbers.
template <typename Op, typename T, typename Exec>
using MeasurementOf =
    std::conditional_t<Operator<Op, T, T, Exec>, T,
                       std::conditional_t<Operator<Op, T, Kokkos::complex<Real<T>>, Exec>,
                                          Kokkos::complex<Real<T>>, Real<T>>>;

}  // namespace misfit::detail
