// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>

#include <type_traits>

namespace misfit::detail {

/// A T holds the product of these factors: all of one precision, and T complex if one of them is.
template <typename T, typename... Factors>
concept HoldsProductOf =
    (... && (std::is_same_v<Real<T>, Real<Factors>> && (is_complex<T> || !is_complex<Factors>)));

}  // namespace misfit::detail
