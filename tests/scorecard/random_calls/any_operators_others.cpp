// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/any_operators.hpp"

namespace misfit::test::random_calls {

template AnyOperator<float> make_any(const Case&, int, std::size_t);
template AnyOperator<Kokkos::complex<float>> make_any(const Case&, int, std::size_t);
template AnyOperator<Kokkos::complex<double>> make_any(const Case&, int, std::size_t);

}  // namespace misfit::test::random_calls
