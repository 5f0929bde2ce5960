// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>

#include <type_traits>

namespace misfit::detail {

/// The scalar type of A x for signals of `T`: that of x, unless A takes them to real numbers only.
template <typename Op, typename T, typename Exec>
using MeasurementOf = std::conditional_t<Operator<Op, T, T, Exec>, T, Real<T>>;

}  // namespace misfit::detail
