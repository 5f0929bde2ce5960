// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/any_operators.hpp"

template misfit::AnyOperator<double> misfit::test::random_calls::make_any(const Case&, int,
                                                                          std::size_t);
