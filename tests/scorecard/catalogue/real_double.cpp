// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/catalogue/linear.hpp"

namespace misfit::test {

template Kokkos::View<double*> numbers<double>(std::uint64_t, std::size_t, double);
template std::vector<NamedOperator<double>> linear_operators<double>();

}  // namespace misfit::test
