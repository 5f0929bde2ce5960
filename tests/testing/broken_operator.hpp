// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/matrix_operator.hpp"

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace misfit::test {

/// What users' operators do wrong.
enum class Fault {
  none,
  adds_in_apply,      ///< y += A x
  affine,             ///< A x + 0.01
  saturates,          ///< |entries| of A x above 1 are 1
  conjugates,         ///< conj(A x)
  wrong_adjoint,      ///< in one entry
  overwrites,         ///< x = A^H y
  nan_in_apply,       ///< in one entry
  nan_in_adjoint,     ///< in one entry
  wrong_from_call_8,  ///< of add_adjoint on; check_adjoint() takes 7 for one operator
  throws,             ///< in apply
  throws_in_adjoint,
};

/// y = M x as a user would write it, with a fault.
template <typename T>
struct BrokenOperator {
  MatrixOperator<T> inner;
  Fault fault = Fault::none;
  std::shared_ptr<int> calls = std::make_shared<int>(0);

  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }

  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    if (fault == Fault::throws) throw std::runtime_error("no memory for apply");
    const Kokkos::View<T*> before("before", y.extent(0));
    Kokkos::deep_copy(exec, before, y);
    inner.apply(exec, x, y);
    const Fault how = fault;
    Kokkos::parallel_for(
        detail::range(exec, range_size()), KOKKOS_LAMBDA(const std::int64_t j) {
          using R = detail::Real<T>;
          if (how == Fault::adds_in_apply) y(j) += before(j);
          if (how == Fault::affine) y(j) += static_cast<R>(0.01);
          if (how == Fault::saturates && detail::abs(y(j)) > 1)
            y(j) *= static_cast<R>(1 / detail::abs(y(j)));
          if (how == Fault::conjugates) y(j) = detail::conj(y(j));
          if (how == Fault::nan_in_apply && j == 1) y(j) *= static_cast<R>(NAN);
        });
  }

  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    if (fault == Fault::throws_in_adjoint) throw std::runtime_error("no memory for the adjoint");
    if (fault == Fault::overwrites) Kokkos::deep_copy(exec, x, T(0));
    auto adjoint = inner;
    const bool late = fault == Fault::wrong_from_call_8 && ++*calls >= 8;
    if (fault == Fault::wrong_adjoint || late) adjoint.adjoint_fault = 0.1;
    if (fault == Fault::nan_in_adjoint) adjoint.adjoint_fault = NAN;
    adjoint.add_adjoint(exec, y, x);
  }
};

/// The same with add_vjp besides: `vjp` for gradients, `adjoint` for adjoint().
template <typename T>
struct TwoAdjoints {
  BrokenOperator<T> adjoint, vjp;

  std::size_t domain_size() const { return adjoint.domain_size(); }
  std::size_t range_size() const { return adjoint.range_size(); }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    adjoint.apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    adjoint.add_adjoint(exec, y, x);
  }
  template <typename E, typename X, typename R, typename G>
  void add_vjp(const E& exec, const X&, const R& r, const G& g) const {
    vjp.add_adjoint(exec, r, g);
  }
};

}  // namespace misfit::test
