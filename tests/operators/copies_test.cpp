// SPDX-License-Identifier: BSD-3-Clause

// A copy of an operator or of a distance is another object: the two may be used from two threads at
// once. What was moved from is as it was, or says what it is.

#include "combinations.hpp"

#include <misfit/misfit.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <barrier>
#include <chrono>
#include <cstddef>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

// Named, for nvcc wants so of what holds kernels.
namespace copies {

using Exec = Kokkos::DefaultExecutionSpace;
using misfit::Vector;

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

/// Σ |2u − 2y|, with memory for 2u, and a wait before it is read.
struct WithMemory {
  std::barrier<>* both;
  double value(const Exec& exec, const Vector<const double>& u,
               const Vector<const double>& y) const {
    const auto doubled = memory.get<double, Exec::memory_space>(u.extent(0), "doubled");
    Kokkos::deep_copy(exec, doubled, u);
    misfit::detail::axpby(exec, 1, u, 1, doubled);
    if (both != nullptr) both->arrive_and_wait();
    misfit::detail::axpby(exec, -2, y, 1, doubled);
    return misfit::value(exec, misfit::L1{}, Vector<const double>(doubled),
                         Vector<const double>(zeros(u.extent(0))));
  }
  static Vector<double> zeros(std::size_t n) { return Vector<double>("zeros", n); }
  mutable misfit::detail::Workspace memory;
};

}  // namespace copies

namespace {

using copies::Exec;
using copies::Waiting;
using misfit::Shape;
using misfit::Vector;
using reference::Numbers;
using reference::random_vector;
using Complex = Kokkos::complex<double>;

constexpr bool one_thread_a_kernel = misfit::detail::is_serial<Exec>;
constexpr const char* why_not = "Kokkos takes kernels from one thread only";

template <typename Work>
void in_two_threads(const Work& work) {
  std::barrier start(2);
  const auto begin = [&](int t) {
    start.arrive_and_wait();
    work(t);
  };
  std::thread other(begin, 1);
  begin(0);
  other.join();
}

/// A signal, a residual, and what an operator makes of them: A x, and behind it J(x)^H r.
template <typename T, typename U>
struct Call {
  Call(std::size_t n, std::size_t m, std::uint64_t seed)
      : x(random_vector<T>(n, seed)), r(random_vector<U>(m, seed + 10)), y("y", m), g("g", n) {}

  template <typename Op>
  Numbers operator()(const Op& op) const {
    const Exec exec;
    const Vector<const T> in = x;
    const Vector<const U> residual = r;
    op.apply(exec, in, y);
    Kokkos::deep_copy(exec, g, T(0));
    misfit::detail::add_vjp_of(op, exec, in, residual, g);
    exec.fence();
    auto all = reference::numbers(y);
    for (const auto& z : reference::numbers(g)) all.push_back(z);
    return all;
  }

  Vector<T> x;
  Vector<U> r, y;
  Vector<T> g;
};

/// What `make()` makes, copied, gives the same in two threads as in one; and what was moved from
/// is as it was.
template <typename T, typename U = T, typename Make>
void expect_own_objects(const Make& make) {
  const auto op = make();
  using Op = std::remove_const_t<decltype(op)>;
  const Call<T, U> calls[] = {{op.domain_size(), op.range_size(), 1},
                              {op.domain_size(), op.range_size(), 2}};
  const Numbers expected[] = {calls[0](Op(op)), calls[1](Op(op))};

  if (one_thread_a_kernel) {
    const Op copy = op;
    const Op* const ops[] = {&op, &copy};
    int wrong[] = {0, 0};
    in_two_threads([&](int t) {
      using Clock = std::chrono::steady_clock;
      const auto end = Clock::now() + std::chrono::milliseconds(40);
      do wrong[t] += calls[t](*ops[t]) == expected[t] ? 0 : 1;
      while (Clock::now() < end);
    });
    EXPECT_EQ(wrong[0], 0);
    EXPECT_EQ(wrong[1], 0);
  }

  Op from = make();
  {
    [[maybe_unused]] const Op to = std::move(from);
  }
  const Vector<double> others[] = {random_vector<double>(op.domain_size(), 5),
                                   random_vector<double>(op.range_size(), 6)};
  EXPECT_EQ(calls[0](from), expected[0]) << "moved from";  // NOLINT(bugprone-use-after-move)
}

TEST(Copies, of_pointwise_operators_and_matrices) {
  expect_own_objects<double>([] { return misfit::Mask(random_vector<double>(40000, 3)); });
  expect_own_objects<double>([] { return combinations::matrix<double>(300, 200); });
  expect_own_objects<double>([] {
    const std::size_t m = 2000, in_row = 5, n = 700;
    const Kokkos::View<int*> rows("rows", m + 1), columns("columns", m * in_row);
    const auto host_rows = Kokkos::create_mirror_view(rows);
    const auto host_columns = Kokkos::create_mirror_view(columns);
    for (std::size_t i = 0; i <= m; ++i) host_rows(i) = static_cast<int>(i * in_row);
    for (std::size_t k = 0; k < m * in_row; ++k) host_columns(k) = static_cast<int>(k * 37 % n);
    Kokkos::deep_copy(rows, host_rows);
    Kokkos::deep_copy(columns, host_columns);
    return misfit::Sparse(rows, columns, random_vector<double>(m * in_row, 3), n);
  });
  expect_own_objects<double>([] { return misfit::Identity(1000); });
}

TEST(Copies, of_image_operators) {
  const auto kernel = [] {
    const Kokkos::View<double**> h("h", 3, 5);
    Kokkos::deep_copy(misfit::flatten(h), random_vector<double>(15, 3));
    return h;
  };
  expect_own_objects<double>([&] { return misfit::Blur({60, 50}, kernel()); });
  expect_own_objects<double>([&] {
    return misfit::compose(misfit::Downsample({60, 50}, 2), misfit::Blur({60, 50}, kernel()));
  });
  expect_own_objects<double>([] { return misfit::FiniteDifference({60, 50}); });
  expect_own_objects<double>([] {
    return misfit::Radon({40, 42}, {0.1, 0.7, 1.9}, 60, 1, {.axis_column = 2, .detector = {1}});
  });
}

#if defined(MISFIT_FOURIER)
TEST(Copies, of_fourier_operators) {
  const Shape shape{40, 42};
  expect_own_objects<Complex>(
      [&] { return misfit::Fourier(shape, random_vector<double>(shape.size(), 3)); });
  expect_own_objects<Complex>(
      [&] { return misfit::CoilFourier(shape, random_vector<Complex>(shape.size(), 3)); });
  expect_own_objects<double>(
      [&] { return misfit::FourierBlur(shape, random_vector<double>(5, 3)); });
  expect_own_objects<Complex>([&] {
    const Kokkos::View<double* [2], Kokkos::LayoutRight> k("k", 500);
    Kokkos::deep_copy(misfit::flatten(k), random_vector<double>(1000, 3));
    return misfit::NonuniformFourier(shape, k);
  });
  const auto probe = [] {
    const Kokkos::View<Complex**> p("p", 16, 12);
    Kokkos::deep_copy(misfit::flatten(p), random_vector<Complex>(16 * 12, 3));
    return p;
  };
  const std::vector<misfit::ScanPosition> positions = {{0, 0}, {3, 5}, {20, 30}, {24, 1}};
  expect_own_objects<Complex>([&] { return misfit::ScannedProbe(shape, probe(), positions); });
  expect_own_objects<Complex, double>(
      [&] { return misfit::Ptychography(shape, probe(), positions); });
}
#endif

/// What `make(Waiting)` makes of the same memory as its copy is wrong, whatever the threads do.
template <typename T = double, typename U = T, typename Make>
void expect_memories_apart(const Make& make) {
  if (!one_thread_a_kernel) return;
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
  expect_memories_apart(listed);
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

/// The value and the gradient, by a copy, in two threads.
template <typename D>
void expect_own_distance(const D& distance) {
  if (!one_thread_a_kernel) return;
  const Exec exec;
  const std::size_t n = 5000;
  const D copy = distance;
  const D* const distances[] = {&distance, &copy};
  Vector<double> u[] = {random_vector<double>(n, 1), random_vector<double>(n, 2)},
                 r[] = {Vector<double>("r", n), Vector<double>("r", n)};
  const Vector<double> y("y", n);
  Kokkos::deep_copy(y, 1.0);
  for (const auto& predicted : u) misfit::detail::axpby(exec, 1.0, y, 0.2, predicted);
  const auto evaluate = [&](const D& d, int t) {
    Numbers all{misfit::value(exec, d, u[t], y)};
    if constexpr (misfit::DifferentiableDistance<D, double>) {
      misfit::gradient(exec, d, u[t], y, r[t]);
      for (const auto& z : reference::numbers(r[t])) all.push_back(z);
    } else {
      misfit::prox(exec, d, 0.3, u[t], y, r[t]);
      for (const auto& z : reference::numbers(r[t])) all.push_back(z);
    }
    return all;
  };
  const Numbers expected[] = {evaluate(D(distance), 0), evaluate(D(distance), 1)};

  int wrong[] = {0, 0};
  in_two_threads([&](int t) {
    for (int round = 0; round < 20; ++round)
      wrong[t] += evaluate(*distances[t], t) == expected[t] ? 0 : 1;
  });

  EXPECT_EQ(wrong[0] + wrong[1], 0);
}

TEST(Copies, of_distances) {
  const auto positive = [](std::size_t n) {
    const Vector<double> w("w", n);
    Kokkos::deep_copy(w, 0.7);
    return w;
  };
  expect_own_distance(misfit::L2{0.5});
  expect_own_distance(misfit::WeightedL2{positive(5000)});
  expect_own_distance(misfit::L1{});
  expect_own_distance(misfit::Huber{0.1});
  expect_own_distance(misfit::Poisson{0.5, positive(5000)});
  expect_own_distance(misfit::LogPoisson{});
  expect_own_distance(misfit::Amplitude{});
  expect_own_distance(misfit::IndicatorL2{0.1});
  expect_own_distance(misfit::Zero{});
  expect_own_distance(misfit::AnyDistance<double>(misfit::Poisson{0.5, positive(5000)}));
}

TEST(Copies, of_any_distances) {
  if (!one_thread_a_kernel) GTEST_SKIP() << why_not;
  const Exec exec;
  std::barrier both(2);
  const misfit::AnyDistance<double> alone = copies::WithMemory{nullptr, {}},
                                    one = copies::WithMemory{&both, {}}, copy = one;
  const Vector<double> u[] = {random_vector<double>(50, 1), random_vector<double>(50, 2)};
  const Vector<double> y("y", 50);
  const double expected[] = {value(exec, alone, u[0], y), value(exec, alone, u[1], y)};

  double found[2] = {};
  in_two_threads([&](int t) { found[t] = value(exec, t == 0 ? one : copy, u[t], y); });

  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[1], expected[1]);
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

TEST(MovedFrom, any_distance_says_so) {
  const Exec exec;
  const Vector<double> u("u", 3), y("y", 3);
  misfit::AnyDistance<double> any = misfit::L2{};
  const auto taken = std::move(any);
  EXPECT_THROW(value(exec, any, u, y), misfit::ArgumentError);
  EXPECT_THROW(gradient(exec, any, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(value_and_gradient(exec, any, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(prox(exec, any, 1.0, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(any.is_quadratic(), misfit::ArgumentError);
  EXPECT_THROW(any.require_size(3), misfit::ArgumentError);
  any = taken;
  EXPECT_EQ(value(exec, any, u, y), 0.0);
}

/// Distances that hold Views are as they were, though nobody else holds the Views.
TEST(MovedFrom, distances_are_as_they_were) {
  const Exec exec;
  const std::size_t n = 40000;
  const auto ones = [&] {
    const Vector<double> w("w", n);
    Kokkos::deep_copy(w, 1.0);
    return w;
  };
  const auto u = ones();
  const Vector<double> y("y", n);
  misfit::WeightedL2 weighted{ones()};
  misfit::Poisson poisson{1.0, ones()};
  {
    [[maybe_unused]] const auto a = std::move(weighted);
    [[maybe_unused]] const auto b = std::move(poisson);
  }
  const Vector<double> others[] = {random_vector<double>(n, 5), random_vector<double>(n, 6)};

  EXPECT_EQ(value(exec, weighted, u, y), 0.5 * n);
  EXPECT_EQ(value(exec, poisson, u, y), 2.0 * n);
}
// NOLINTEND(bugprone-use-after-move)

}  // namespace
