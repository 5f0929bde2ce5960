// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/out_of_memory/cases.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/halo.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/partition.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>

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

auto make_slab_operators(const Slabs& slabs) {
  return DistributedOperator(slabs, 2, [](int i) {
    return Blur(image, batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  });
}

// Made before the call, by who makes it.
const SplitPartition parts_of_three = Partition::split(3);

auto make_split_operators() {
  return DistributedOperator(MPI_COMM_WORLD, parts_of_three, [](int i) {
    return Dense(batch_of<double>(static_cast<std::size_t>(i), 7, 500));
  });
}

auto make_members(const Ensemble& ensemble) {
  return DistributedOperator(ensemble, 3, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), 4, 500);
  });
}

/// Operators that `make` makes, and y of so many entries.
template <typename Make>
struct Pieces {
  using Operators = std::invoke_result_t<Make>;

  Pieces(Make make, std::size_t size) : operators(make()), y_size(size) {}

  auto measurements() const {
    return operators.measurements([this](int) { return vector_of<double>(2, y_size); });
  }

  double first_of_data() const { return y.size() > 0 ? y[0](0) : 0.0; }

  Operators operators;
  std::size_t y_size;
  decltype(std::declval<const Operators&>().measurements(
      [](int) { return vector_of<double>(2, 1); })) y = measurements();
  DistributedDataFidelity<L2> fidelity{L2{0.7}};
  DistributedDataFidelity<L1> absolute{L1{}};
  Vector x = vector_of<double>(1, operators.domain_size());
  Vector gradient{"gradient", operators.domain_size()};
  double result = 0;
};

template <typename Make, typename Use>
Trial of(Make make, std::size_t y_size, Use use) {
  const auto pieces = std::make_shared<Pieces<Make>>(make, y_size);
  return {[=] { use(*pieces); },
          [=] {
            return pieces->result + pieces->first_of_data() +
                   (pieces->gradient.extent(0) > 3 ? pieces->gradient(3) : 0.0);
          }};
}

/// The calls of operators that `make` makes of what `keep` holds alive.
template <typename Make>
void add_calls(const std::string& name, std::size_t y_size, Make make, std::vector<Case>& cases) {
  const auto add = [&](const char* call, auto use) {
    cases.push_back({name + ", " + call, [=] { return of(make, y_size, use); }});
  };
  add("measurements", [](auto& p) { p.y = p.measurements(); });
  add("fn", [](auto& p) { p.result = p.fidelity.fn(Exec(), p.x, p.y, p.operators); });
  add("fn_and_grad", [](auto& p) {
    p.result = p.fidelity.fn_and_grad(Exec(), p.x, p.y, p.operators, p.gradient);
  });
  add("prox", [](auto& p) {
    p.fidelity.prox(Exec(), 0.3, p.x, p.y, p.operators, p.gradient, {.max_iterations = 2});
  });
  add("prox of L1", [](auto& p) {
    p.absolute.prox(Exec(), 0.3, p.x, p.y, p.operators, p.gradient, {.max_iterations = 2});
  });
  add("norm_squared", [](auto& p) {
    p.result = p.operators.template norm_squared<double>(Exec(), {1e-2, 3}).value;
  });
  add("check_adjoint", [](auto& p) { p.result = check_adjoint(Exec(), p.operators).error; });
  cases.push_back({name + ", DistributedOperator", [=] {
                     const auto made =
                         std::make_shared<std::optional<std::invoke_result_t<Make>>>();
                     return Trial{[=] { made->emplace(make()); },
                                  [=] {
                                    const auto x = vector_of<double>(1, (*made)->domain_size());
                                    const Vector out("out", x.extent(0));
                                    (*made)->normal(Exec(), x, out);
                                    return out.extent(0) > 3 ? out(3) : 0.0;
                                  }};
                   }});
}

/// The norm of a vector of all rows, rank by rank.
double norm_in(const Slabs& slabs) {
  return slabs.norm(Exec(), vector_of<double>(1, slabs.owned_size()));
}

double sum_over(const Ensemble& ensemble) {
  const auto x = vector_of<double>(1, 7);
  ensemble.space().all_reduce_sum(Exec(), x);
  return x(3);
}

/// An object that a call makes, and a number that it gives then.
template <typename Object, typename Make, typename Use>
Trial made_by(Make make, Use use) {
  const auto made = std::make_shared<std::optional<Object>>();
  return {[=] { make(*made); }, [=] { return use(**made); }};
}

Trial slabs_of(const SlabsOptions& options) {
  return made_by<Slabs>([=](auto& made) { made.emplace(MPI_COMM_WORLD, image, options); }, norm_in);
}

Trial slabs_of_rows() {
  int rank = 0, size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return slabs_of({.rows = rank == 0 ? 13 - static_cast<std::size_t>(size) : 1});
}

Trial ensembles() {
  return made_by<Ensemble>([](auto& made) { made.emplace(MPI_COMM_WORLD); }, sum_over);
}

/// Of which all members must hear where one of them fails; there are several on 4 ranks.
Trial slabs_of_members() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const auto ensemble = std::make_shared<Ensemble>(
      MPI_COMM_WORLD, EnsembleOptions{.ranks_per_member = size % 2 == 0 ? 2 : 1});
  return made_by<Slabs>([=](auto& made) { made.emplace(*ensemble, image); }, norm_in);
}

Trial halo() {
  const auto slabs = std::make_shared<Slabs>(MPI_COMM_WORLD, image);
  return made_by<Halo>([=](auto& made) { made.emplace(*slabs, HaloWidth{2, 1}); },
                       [slabs](const Halo& made) {
                         const Vector extended("extended", made.extended_size());
                         made.exchange(Exec(), vector_of<double>(1, slabs->owned_size()), extended);
                         return extended(0) + extended(extended.extent(0) - 1);
                       });
}

Trial exchange() {
  const auto slabs = std::make_shared<Slabs>(MPI_COMM_WORLD, image);
  const auto halo = std::make_shared<Halo>(*slabs, HaloWidth{2, 1});
  const auto owned = vector_of<double>(1, slabs->owned_size());
  const Vector extended("extended", halo->extended_size());
  return {[=] { halo->exchange(Exec(), owned, extended); },
          [slabs, extended] { return extended(extended.extent(0) - 1); }};
}

Trial scatter_and_gather() {
  const auto slabs = std::make_shared<Slabs>(MPI_COMM_WORLD, image);
  const auto global = vector_of<double>(1, image.size());
  const Vector owned("owned", slabs->owned_size());
  return {[=] {
            slabs->scatter(Exec(), global, owned);
            slabs->gather(Exec(), owned, global);
          },
          [=] { return owned(1) + global(1); }};
}

}  // namespace

std::vector<Case> cases_of_pieces() {
  std::vector<Case> cases{{"Slabs", [] { return slabs_of({}); }},
                          {"Slabs of rows", slabs_of_rows},
                          {"Ensemble", ensembles},
                          {"Slabs of members", slabs_of_members},
                          {"Halo", halo},
                          {"Halo::exchange", exchange},
                          {"scatter and gather", scatter_and_gather}};
  const auto slabs = std::make_shared<Slabs>(MPI_COMM_WORLD, image);
  add_calls("slabs", image.size(), [slabs] { return make_slab_operators(*slabs); }, cases);
  add_calls("split", 7, [] { return make_split_operators(); }, cases);
  const auto ensemble = std::make_shared<Ensemble>(MPI_COMM_WORLD);
  add_calls("ensemble", 4, [ensemble] { return make_members(*ensemble); }, cases);
  return cases;
}

}  // namespace misfit::test
