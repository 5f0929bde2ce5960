// SPDX-License-Identifier: BSD-3-Clause

// Operators that share plans and workspaces with others, which they make when they are made or
// used for the first time.

#include "scorecard/out_of_memory/cases.hpp"
#include "scorecard/out_of_memory/problem.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>
#include <misfit/operators/nonuniform_fourier.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

using C = Kokkos::complex<double>;
const Shape image{6, 10};

Fourier<C, Kokkos::View<double*>> transform(int i) {
  return {image, vector_of<double>(static_cast<std::size_t>(i), image.size())};
}
FourierBlur<double> blur(int i) {
  return {image, batch_of<double>(static_cast<std::size_t>(i), 3, 3)};
}
NonuniformFourier<C> trajectory(int i) {
  return {image, batch_of<double>(static_cast<std::size_t>(i), 20, 2)};
}

/// A value and gradient of three operators make(i), which are made while memory is refused, if
/// `all`, or before.
template <typename T, typename U, typename Make>
Trial value_and_gradient(Make make, bool all, Sum sum = Sum::run_to_run) {
  using Operators = DistributedOperator<decltype(make(0))>;
  const auto made = std::make_shared<std::optional<Operators>>();
  const auto x = vector_of<T>(1, image.size());
  const Kokkos::View<T*> gradient("gradient", image.size());
  const auto value = std::make_shared<double>();
  const auto fidelity =
      std::make_shared<const DistributedDataFidelity<L2>>(L2{1.0}, Reduction::sum, sum);
  if (!all) made->emplace(MPI_COMM_WORLD, 3, make);
  std::vector<Kokkos::View<U*>> y;
  for (std::size_t i = 0; i < 3; ++i)
    y.push_back(vector_of<U>(i, make(static_cast<int>(i)).range_size()));
  return {[=] {
            if (all) made->emplace(MPI_COMM_WORLD, 3, make);
            *value = fidelity->fn_and_grad(Exec(), x, y, **made, gradient);
          },
          [=] { return *value + static_cast<double>(detail::real_part(gradient(3))); }};
}

}  // namespace

std::vector<Case> cases_of_transforms() {
  std::vector<Case> cases;
  for (const bool all : {true, false}) {
    const std::string of = all ? " of new " : " of ";
    cases.push_back(
        {"fn_and_grad" + of + "Fourier", [=] { return value_and_gradient<C, C>(transform, all); }});
    cases.push_back({"fn_and_grad" + of + "FourierBlur",
                     [=] { return value_and_gradient<double, double>(blur, all); }});
    cases.push_back({"fn_and_grad" + of + "NonuniformFourier",
                     [=] { return value_and_gradient<C, C>(trajectory, all); }});
  }
  cases.push_back({"reproducible fn_and_grad of Fourier",
                   [] { return value_and_gradient<C, C>(transform, false, Sum::reproducible); }});
  cases.push_back({"reproducible fn_and_grad of FourierBlur", [] {
                     return value_and_gradient<double, double>(blur, false, Sum::reproducible);
                   }});
  return cases;
}

}  // namespace misfit::test
