// SPDX-License-Identifier: BSD-3-Clause

// A copy of a combination of operators has memory of its own. What was moved from says so.

#include "calls.hpp"

#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/slice_by_slice.hpp>
#include <misfit/operators/stack.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>
#include <support/two_threads.hpp>

#include <barrier>
#include <cstddef>
#include <utility>
#include <vector>

// Named, for nvcc wants so of what holds kernels.
namespace copies {

using Exec = Kokkos::DefaultExecutionSpace;

/// A x = x, which waits for its like in another thread before it reads: whoever wrote to memory
/// that the two share has then overwritten it.
struct Waiting {
  std::barrier<>* both;
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  void wait() const {
    if (both != nullptr) both->arrive_and_wait();
  }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    wait();
    misfit::Identity(size).apply(exec, x, y);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    wait();
    misfit::Identity(size).add_adjoint(exec, y, x);
  }
};

}  // namespace copies

namespace {

using calls::Call;
using copies::Exec;
using copies::Waiting;
using misfit::Vector;
using misfit::test::in_two_threads;
using misfit::test::kernels_from_two_threads;
using reference::Numbers;
using Complex = Kokkos::complex<double>;

/// What `make(Waiting)` makes of the same memory as its copy is wrong, whatever the threads do.
template <typename T = double, typename U = T, typename Make>
void expect_memories_apart(const Make& make) {
  if (!kernels_from_two_threads) return;
  constexpr std::size_t n = 50;
  std::barrier both(2);
  const auto alone = make(Waiting{nullptr, n});
  const auto op = make(Waiting{&both, n}), other = make(Waiting{&both, n});
  const Call<T, U> calls[] = {{n, alone.range_size(), 1}, {n, alone.range_size(), 2}};
  const Numbers expected[] = {calls[0](alone), calls[1](alone)};
  // The copy is made of an operator that has its memory.
  in_two_threads([&](int t) { calls[t](t == 0 ? op : other); });
  const auto copy = op;

  Numbers found[2];
  in_two_threads([&](int t) { found[t] = calls[t](t == 0 ? op : copy); });

  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[1], expected[1]);
}

TEST(Copies, of_combinations) {
  using misfit::compose;
  using misfit::Identity;
  const auto composed = [](const Waiting& wait) { return compose(wait, Identity(50)); };
  const auto twice = [](const Waiting& wait) { return compose(Identity(50), compose(wait, wait)); };
  const auto scaled = [](const Waiting& wait) { return misfit::scale(3, wait); };
  const auto intensity = [](const Waiting& wait) { return misfit::PhaseRetrieval(wait); };
  const auto stacked = [&](const Waiting& wait) {
    return misfit::stack(composed(wait), scaled(wait));
  };
  const auto listed = [&](const Waiting& wait) {
    return misfit::stack(std::vector{composed(wait), composed(wait)});
  };
  expect_memories_apart(composed);
  expect_memories_apart(twice);
  expect_memories_apart(scaled);
  expect_memories_apart(intensity);
  expect_memories_apart<Complex, double>(intensity);
  expect_memories_apart(stacked);
  const auto sliced = [&](const Waiting& wait) {
    return misfit::slice_by_slice(composed(wait), 1);
  };
  expect_memories_apart(listed);
  expect_memories_apart(sliced);
}

/// Copies of an AnyOperator once shared the operator within, and with it its memory.
TEST(Copies, of_any_operators) {
  using Any = misfit::AnyOperator<double>;
  const auto any = [](const Waiting& wait) {
    return Any(misfit::compose(wait, misfit::Identity(50)));
  };
  expect_memories_apart(any);
  expect_memories_apart([&](const Waiting& wait) { return misfit::compose(any(wait), any(wait)); });
  expect_memories_apart([&](const Waiting& wait) { return misfit::scale(2, any(wait)); });
  expect_memories_apart([&](const Waiting& wait) {
    const auto one = any(wait);
    return misfit::stack(std::vector<Any>{one, one});
  });
  expect_memories_apart([&](const Waiting& wait) {
    Any assigned = misfit::Identity(50);
    const Any other = any(wait);
    assigned = other;
    return assigned;
  });
}

// NOLINTBEGIN(bugprone-use-after-move)
TEST(MovedFrom, any_operator_and_stack_say_so) {
  const Exec exec;
  const Vector<double> x("x", 3), y("y", 3);
  const Vector<const double> in = x, out = y;
  misfit::AnyOperator<double> any = misfit::Identity(3);
  const auto taken = std::move(any);
  EXPECT_THROW(any.domain_size(), misfit::ArgumentError);
  EXPECT_THROW(any.range_size(), misfit::ArgumentError);
  EXPECT_THROW(any.is_linear(), misfit::ArgumentError);
  EXPECT_THROW(any.apply(exec, in, y), misfit::ArgumentError);
  EXPECT_THROW(any.add_adjoint(exec, out, x), misfit::ArgumentError);
  EXPECT_THROW(any.add_vjp(exec, in, out, x), misfit::ArgumentError);
  EXPECT_THROW(misfit::AnyOperator<double>(any).domain_size(), misfit::ArgumentError);
  try {
    any.apply(exec, in, y);
  } catch (const misfit::ArgumentError& error) {
    EXPECT_STREQ(error.what(), "AnyOperator: it is empty, for it was moved from");
  }
  any = taken;
  EXPECT_EQ(any.domain_size(), 3u);

  auto composed = misfit::compose(misfit::AnyOperator<double>(misfit::Identity(3)), taken);
  const auto elsewhere = std::move(composed);
  EXPECT_THROW(composed.apply(exec, in, y), misfit::ArgumentError);
  auto stack = misfit::stack(taken, misfit::Identity(3));
  const auto stack_elsewhere = std::move(stack);
  EXPECT_THROW(stack.apply(exec, in, y), misfit::ArgumentError);
  EXPECT_THROW(stack.add_vjp(exec, in, out, x), misfit::ArgumentError);
  EXPECT_THROW(stack.range_of(0), misfit::ArgumentError);
}
// NOLINTEND(bugprone-use-after-move)

}  // namespace
