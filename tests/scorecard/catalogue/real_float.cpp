// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/catalogue/linear.hpp"

namespace misfit::test {

template Kokkos::View<float*> numbers<float>(std::uint64_t, std::size_t, double);
template std::vector<NamedOperator<float>> linear_operators<float>();

}  // namespace misfit::test
