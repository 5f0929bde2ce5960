// SPDX-License-Identifier: BSD-3-Clause

// Calls of a data fidelity at a point, and of one over a Subset.

#include "scorecard/out_of_memory/cases.hpp"
#include "scorecard/out_of_memory/problem.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/linearization.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/partition.hpp>
#include <misfit/slabs.hpp>
#include <misfit/subset.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

using Vector = Kokkos::View<double*>;

const Shape image{12, 40};

auto dense(int i, std::size_t rows_of_it) {
  return Dense(batch_of<double>(static_cast<std::size_t>(i), rows_of_it, unknowns));
}

/// Operators that `make` makes, y of so many entries, and what is wanted at a point.
template <typename Make, typename D>
struct Objects {
  using Operators = std::invoke_result_t<Make>;
  using Data =
      decltype(std::declval<const Operators&>().measurements([](int) { return Vector(); }));
  using Fidelity = DistributedDataFidelity<D>;
  using Point = decltype(std::declval<const Fidelity&>().at(
      Exec(), Vector(), std::declval<const Data&>(), std::declval<const Operators&>()));

  Objects(Make make, std::size_t size, D distance, Sum sum)
      : operators(make()),
        y(operators.measurements([size](int) { return positive_vector_of(2, size); })),
        fidelity(distance, Reduction::sum, sum) {}

  Point made_point() const { return fidelity.at(Exec(), x, y, operators); }
  double out_entry() const { return out.extent(0) > 3 ? out(3) : 0.0; }

  Operators operators;
  Data y;
  Fidelity fidelity;
  Vector x = vector_of<double>(1, operators.domain_size());
  Vector other = vector_of<double>(7, operators.domain_size());
  Vector out{"out", operators.domain_size()};
  std::optional<Point> point;
  double result = 0;
};

/// Cases of operators that `make` makes of what it keeps alive, with y of so many entries.
template <typename Make, typename D>
class CasesOf {
 public:
  CasesOf(std::string name, std::size_t y_size, Make make, D distance, std::vector<Case>& cases,
          Sum sum = Sum::run_to_run)
      : name_(std::move(name)),
        y_size_(y_size),
        make_(make),
        distance_(distance),
        sum_(sum),
        cases_(cases) {}

  void add_points() const {
    add("at", false, [](auto& p) {
      p.point.reset();
      p.point.emplace(p.made_point());
      p.result = p.point->value();
    });
    add("move_to", true, [](auto& p) {
      p.point->move_to(p.other);
      p.result = p.point->value();
    });
    add("gradient at a point", true, [](auto& p) { p.point->gradient(p.out); });
    add_product();
  }
  void add_product() const {
    add("gauss_newton", true, [](auto& p) { p.point->gauss_newton(p.other, p.out); });
  }
  void add_hessian() const {
    add("hessian", true, [](auto& p) { p.point->hessian(p.other, p.out); });
  }
  void add_diagonal() const {
    add("gauss_newton_diagonal", true, [](auto& p) { p.point->gauss_newton_diagonal(p.out); });
  }
  void add_subsets(const std::vector<int>& indices) const {
    const auto some = std::make_shared<Subset>(indices, Subset::Scale::unbiased);
    add("fn over a subset", false,
        [some](auto& p) { p.result = p.fidelity.fn(Exec(), p.x, p.y, p.operators, *some); });
    add("grad over a subset", false,
        [some](auto& p) { p.fidelity.grad(Exec(), p.x, p.y, p.operators, p.out, *some); });
    add("fn_and_grad over a subset", false, [some](auto& p) {
      p.result = p.fidelity.fn_and_grad(Exec(), p.x, p.y, p.operators, p.out, *some);
    });
  }

 private:
  template <typename Use>
  void add(const char* call, bool at_point, Use use) const {
    const auto make = [=, make = make_, size = y_size_, distance = distance_, sum = sum_] {
      const auto objects = std::make_shared<Objects<Make, D>>(make, size, distance, sum);
      if (at_point) objects->point.emplace(objects->made_point());
      return Trial{[=] { use(*objects); }, [=] { return objects->result + objects->out_entry(); }};
    };
    cases_.push_back({name_ + ", " + call, make});
  }

  std::string name_;
  std::size_t y_size_;
  Make make_;
  D distance_;
  Sum sum_;
  std::vector<Case>& cases_;
};

// Made before the call, by who makes it.
const SplitPartition parts_of_three = Partition::split(3);

void add_whole(std::vector<Case>& cases) {
  const auto make = [] {
    return DistributedOperator(MPI_COMM_WORLD, 7, [](int i) { return dense(i, rows); });
  };
  const CasesOf l2("whole", rows, make, L2{0.7}, cases);
  l2.add_points();
  l2.add_diagonal();
  l2.add_subsets({5, 1, 2});
  const CasesOf huber("whole, Huber", rows, make, Huber{0.5}, cases);
  huber.add_product();
  huber.add_diagonal();
  const CasesOf in_order("reproducible", rows, make, Huber{0.5}, cases, Sum::reproducible);
  in_order.add_points();
  in_order.add_diagonal();
  in_order.add_subsets({5, 1, 2});
  const auto intensities = [] {
    return DistributedOperator(MPI_COMM_WORLD, 7,
                               [](int i) { return PhaseRetrieval(dense(i, rows)); });
  };
  const CasesOf nonlinear("intensities", rows, intensities, L2{0.7}, cases);
  nonlinear.add_points();
  nonlinear.add_hessian();
  nonlinear.add_subsets({5, 1, 2});
  const CasesOf nonlinear_in_order("intensities, reproducible", rows, intensities, L2{0.7}, cases,
                                   Sum::reproducible);
  nonlinear_in_order.add_points();
  nonlinear_in_order.add_hessian();
}

void add_split(std::vector<Case>& cases) {
  const auto make = [] {
    return DistributedOperator(MPI_COMM_WORLD, parts_of_three, [](int i) { return dense(i, 7); });
  };
  const CasesOf linear("split", 7, make, Huber{0.5}, cases);
  linear.add_points();
  linear.add_diagonal();
  linear.add_subsets({2, 0});
  const auto intensities = [] {
    return DistributedOperator(MPI_COMM_WORLD, parts_of_three,
                               [](int i) { return PhaseRetrieval(dense(i, 7)); });
  };
  const CasesOf nonlinear("split intensities", 7, intensities, L2{0.7}, cases);
  nonlinear.add_points();
  nonlinear.add_hessian();
}

void add_slabs(std::vector<Case>& cases) {
  const auto slabs = std::make_shared<Slabs>(MPI_COMM_WORLD, image);
  const auto blurs = [slabs] {
    return DistributedOperator(*slabs, 2, [](int i) {
      return Blur(image, batch_of<double>(static_cast<std::size_t>(i), 3, 3));
    });
  };
  const CasesOf l2("slabs", image.size(), blurs, L2{0.7}, cases);
  l2.add_points();
  l2.add_subsets({1});
  const CasesOf huber("slabs, Huber", image.size(), blurs, Huber{0.5}, cases);
  huber.add_product();
  const auto masks = [slabs] {
    return DistributedOperator(*slabs, 2, [](int i) {
      return Mask(vector_of<double>(static_cast<std::size_t>(i), image.size()));
    });
  };
  CasesOf("masks in slabs", image.size(), masks, Huber{0.5}, cases).add_diagonal();
}

void add_ensemble(std::vector<Case>& cases) {
  const auto ensemble = std::make_shared<Ensemble>(MPI_COMM_WORLD);
  const auto make = [ensemble] {
    return DistributedOperator(*ensemble, 3, [](int i) { return dense(i, 4); });
  };
  const CasesOf linear("ensemble", 4, make, Huber{0.5}, cases);
  linear.add_points();
  linear.add_diagonal();
  linear.add_subsets({2, 0});
  const auto intensities = [ensemble] {
    return DistributedOperator(*ensemble, 3, [](int i) { return PhaseRetrieval(dense(i, 4)); });
  };
  const CasesOf nonlinear("intensities of an ensemble", 4, intensities, L2{0.7}, cases);
  nonlinear.add_points();
  nonlinear.add_hessian();
}

}  // namespace

std::vector<Case> cases_of_points() {
  std::vector<Case> cases;
  add_whole(cases);
  add_split(cases);
  add_slabs(cases);
  add_ensemble(cases);
  return cases;
}

}  // namespace misfit::test
