// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/catalogue/linear.hpp"

namespace misfit::test {

using T = Kokkos::complex<double>;
template Kokkos::View<T*> numbers<T>(std::uint64_t, std::size_t, double);
template std::vector<NamedOperator<T>> linear_operators<T>();

}  // namespace misfit::test
