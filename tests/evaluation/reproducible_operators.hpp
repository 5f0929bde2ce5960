// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators whose sums must have the same bits however they are spread, and data for them.

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>

namespace misfit::test {

template <typename T>
auto mask_of(std::size_t size) {
  return [=](int i) { return Mask(vector_of<T>(static_cast<std::size_t>(10 + i), size)); };
}
inline auto matrix_by_rows(std::size_t size) {
  return [=](int i) {
    const auto k = static_cast<std::size_t>(i);
    return Dense(
        Kokkos::View<double**, Kokkos::LayoutRight>(batch_of<double>(k, 300 + 13 * k, size)));
  };
}
inline auto matrix_of_a_user(std::size_t size, std::size_t rows = 9) {
  return [=](int i) { return MatrixOperator<double>(static_cast<std::size_t>(i), rows, size); };
}
template <typename T>
auto intensities(std::size_t size) {
  return [=](int i) {
    return PhaseRetrieval(MatrixOperator<T>(static_cast<std::size_t>(i), 9, size));
  };
}

template <typename T, typename Operators>
auto data_of(const Operators& operators, std::size_t batch) {
  return operators.measurements([&operators, batch](int i) {
    return batch_of<T>(static_cast<std::size_t>(40 + i), batch, operators.range_size(i));
  });
}

}  // namespace misfit::test
