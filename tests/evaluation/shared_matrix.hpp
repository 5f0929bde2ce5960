// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An operator that the ranks of a member apply together.

#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace misfit::test {

/// y = M x for a matrix M of m × n entries, of which every rank of a member has a piece of x and
/// one of y: it gathers all of x, and adds up all of A^H y, by sums over the member.
template <typename T>
class SharedMatrix {
 public:
  /// `space` is borrowed.
  SharedMatrix(const Communicator& space, std::size_t k, std::size_t m, std::size_t n)
      : space_(&space),
        matrix_(k, m, n),
        inputs_(piece(space, n)),
        outputs_(piece(space, m)),
        all_("gathered", n),
        measured_("measured", m) {}

  /// Pieces that get larger from rank to rank; the first may be empty.
  static Rows piece(const Communicator& space, std::size_t n) {
    const auto p = static_cast<std::size_t>(space.size()),
               r = static_cast<std::size_t>(space.rank());
    return {n * r * r / (p * p), n * (r + 1) * (r + 1) / (p * p)};
  }

  std::size_t domain_size() const { return inputs_.size(); }
  std::size_t range_size() const { return outputs_.size(); }

  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    gather(exec, x, inputs_, all_);
    matrix_.apply(exec, all_, measured_);
    Kokkos::deep_copy(exec, y, Kokkos::subview(measured_, pair(outputs_)));
    exec.fence();
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    gather(exec, y, outputs_, measured_);
    Kokkos::deep_copy(exec, all_, T(0));
    matrix_.add_adjoint(exec, measured_, all_);
    const auto own = Kokkos::subview(all_, pair(inputs_));
    Kokkos::parallel_for(
        detail::range(exec, x.extent(0)), KOKKOS_LAMBDA(const std::int64_t j) { x(j) += own(j); });
    exec.fence();
  }

 private:
  static std::pair<std::size_t, std::size_t> pair(const Rows& rows) {
    return {rows.begin, rows.end};
  }
  // Sets `all` on every rank of the member, from the piece of each.
  template <typename E, typename V>
  void gather(const E& exec, const V& own, const Rows& rows, const Kokkos::View<T*>& all) const {
    Kokkos::deep_copy(exec, all, T(0));
    Kokkos::deep_copy(exec, Kokkos::subview(all, pair(rows)), own);
    exec.fence();
    space_->all_reduce_sum(exec, all);
  }

  const Communicator* space_;
  MatrixOperator<T> matrix_;
  Rows inputs_, outputs_;
  Kokkos::View<T*> all_, measured_;
};

}  // namespace misfit::test
