// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Calls of operators, of which the numbers are compared.

#include <misfit/detail/operators/vjp.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <cstdint>

namespace calls {

/// A signal, a residual, and what an operator makes of them: A x, and behind it J(x)^H r.
template <typename T, typename U>
struct Call {
  Call(std::size_t n, std::size_t m, std::uint64_t seed)
      : x(reference::random_vector<T>(n, seed)),
        r(reference::random_vector<U>(m, seed + 10)),
        y("y", m),
        g("g", n) {}

  template <typename Op>
  reference::Numbers operator()(const Op& op) const {
    const Kokkos::DefaultExecutionSpace exec;
    const misfit::Vector<const T> in = x;
    const misfit::Vector<const U> residual = r;
    op.apply(exec, in, y);
    Kokkos::deep_copy(exec, g, T(0));
    misfit::detail::add_vjp_of(op, exec, in, residual, g);
    exec.fence();
    auto all = reference::numbers(y);
    for (const auto& z : reference::numbers(g)) all.push_back(z);
    return all;
  }

  misfit::Vector<T> x;
  misfit::Vector<U> r, y;
  misfit::Vector<T> g;
};

}  // namespace calls
