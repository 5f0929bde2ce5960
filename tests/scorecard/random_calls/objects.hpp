// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The objects that a case makes calls on: operators Op over the ranks, measurements, distances D.

#include "scorecard/random_calls/distances.hpp"
#include "scorecard/random_calls/shared_operator.hpp"
#include "scorecard/random_calls/signals.hpp"

#include <misfit/misfit.hpp>

#include <optional>
#include <type_traits>

namespace misfit::test::random_calls {

inline Partition partition_of(const Problem& problem, int n) {
  const Case& c = problem.of();
  if (c.share == Share::blocks) return Partition::blocks(n);
  if (c.share == Share::round_robin) return Partition::round_robin(n);
  if (c.share == Share::owners) {
    std::vector<int> owners = problem.owners();
    owners.resize(static_cast<std::size_t>(n), 0);
    return Partition::from_owners(owners);
  }
  std::vector<double> costs;
  for (int i = 0; i < n; ++i) costs.push_back(1 + i % 3);
  return Partition::balanced(costs);
}

template <typename Scalar, typename Op, typename D>
struct Objects {
  using T = Scalar;
  using V = Kokkos::View<T*>;
  using B = Kokkos::View<T**, Kokkos::LayoutRight>;
  static constexpr bool shared = is_shared<Op>;
  static constexpr bool has_diagonal = detail::HasGramDiagonal<Op, T, T, Exec>;

  explicit Objects(const Problem& of) : problem(of), c(of.of()), world(MPI_COMM_WORLD) {
    unknowns = static_cast<std::size_t>(c.unknowns());
    piece = from_to(0, unknowns);
    if constexpr (shared) {
      ensemble.emplace(MPI_COMM_WORLD, EnsembleOptions{.ranks_per_member = ranks_per_member(c)});
      const Rows own = Op::piece(ensemble->space(), unknowns);
      piece = from_to(own.begin, own.end);
    }
    if (c.form == Form::slabs) cut();
    operators.emplace(made(c.operators));
    set_measurements(measured());
    set_distances();
  }

  /// Entries of x in this rank's slab.
  void cut() {
    slabs.emplace(MPI_COMM_WORLD, shape_of(c, unknowns));
    const Rows own = slabs->owned();
    piece.clear();
    for (std::size_t j = 0; j < unknowns; ++j) {
      const auto w = static_cast<std::size_t>(c.width);
      const std::size_t row = slabs->dimension() == 0 ? j / w : j % w;
      if (row >= own.begin && row < own.end) piece.push_back(j);
    }
  }

  Op make_operator(int i) const {
    throw_where_planted(Fault::in_factory, i);
    const std::size_t n = unknowns + (is_planted(Fault::domain_size, i) ? 1 : 0);
    if constexpr (shared)
      return Op(ensemble->space(), entries_of<T>(c, i, n));
    else
      return Make<Op>::of(c, i, n);
  }
  DistributedOperator<Op> made(int n) const {
    const auto factory = [&](int i) { return make_operator(i); };
    if constexpr (shared) return DistributedOperator<Op>(*ensemble, n, factory);
    if constexpr (is_watched<Op>) {
      if (c.form == Form::slabs) return DistributedOperator<Op>(*slabs, n, factory);
      if (c.form == Form::split) {
        std::vector<double> costs(static_cast<std::size_t>(n), 1.0);
        return DistributedOperator<Op>(world, Partition::split(costs), factory);
      }
    }
    if constexpr (!shared) return DistributedOperator<Op>(world, partition_of(problem, n), factory);
  }

  /// y_i, of this rank's rows where ranks share operators.
  template <typename Measured>
  Measured data(int i) const {
    throw_where_planted(Fault::in_factory, i);
    const std::size_t m = problem.matrix(i).rows;
    auto rows = from_to(0, m);
    if constexpr (shared) {
      const Rows own = Op::piece(ensemble->space(), m);
      rows = from_to(own.begin, own.end);
    }
    const std::size_t n = rows.size() + (is_planted(Fault::wrong_size, i) ? 1 : 0);
    const auto view = make_view<Measured>(n);
    set(view, problem.y(i), m, rows);
    if (is_planted(Fault::not_finite, i) && n > 0) at(view, 0, n - 1) = T(INFINITY);
    return view;
  }
  template <typename Measured>
  Measured make_view(std::size_t n) const {
    if constexpr (is_batch<Measured>)
      return Measured("y", static_cast<std::size_t>(c.batch), n);
    else
      return Measured("y", n);
  }
  template <typename Measured>
  auto measured_as() const {
    return operators->measurements([&](int i) { return data<Measured>(i); });
  }
  struct Both {
    std::optional<Measurements<V>> vectors;
    std::optional<Measurements<B>> batches;
  };
  Both measured() const {
    Both both;
    if (c.batch == 0)
      both.vectors.emplace(measured_as<V>());
    else
      both.batches.emplace(measured_as<B>());
    return both;
  }
  void set_measurements(Both both) { y = std::move(both); }

  template <typename Measured>
  const auto& measurements() const {
    if constexpr (is_batch<Measured>)
      return *y.batches;
    else
      return *y.vectors;
  }
  /// The measurements as a list: of all operators, or of this rank's.
  template <typename Measured>
  std::vector<Measured> list(bool of_all) const {
    std::vector<Measured> all;
    if (of_all && c.form == Form::whole && !shared) {
      for (int i = 0; i < c.operators; ++i) all.push_back(data<Measured>(i));
      if (planted.fault != Fault::too_many) return all;
    }
    const auto& own = measurements<Measured>();
    all.clear();
    for (std::size_t k = 0; k < own.size(); ++k) all.push_back(own[k]);
    for (std::size_t k = 0; k < own.size(); ++k)
      if (is_planted(Fault::wrong_size, operators->local_indices()[k]))
        all[k] = make_view<Measured>(entries_in(own[k]) + 1);
    if (planted.fault == Fault::too_many)
      all.resize(own.size() + static_cast<std::size_t>(c.operators) + 1);
    return all;
  }

  DistributedDataFidelity<D> made_distances(bool mean, bool reproducible) const {
    const Reduction reduction = mean ? Reduction::mean : Reduction::sum;
    const Sum sum = reproducible ? Sum::reproducible : Sum::run_to_run;
    if (!c.own)
      return DistributedDataFidelity<D>(MakeDistance<D>::of(distance_parameters(c, 0, 0), -1),
                                        reduction, sum);
    const auto factory = [&](int i) {
      throw_where_planted(Fault::in_factory, i);
      return MakeDistance<D>::of(problem.distance(i), i);
    };
    return DistributedDataFidelity<D>(*operators, factory, reduction, sum);
  }
  void set_distances() {
    fidelity.emplace(made_distances(c.mean, c.reproducible));
    bool others = false;
    for (const CallSpec& call : c.calls)
      for (const Plant& p : call.plants)
        others |= p.fault == Fault::other_reduction || p.fault == Fault::other_sum;
    if (!others) return;
    other_reduction.emplace(made_distances(!c.mean, c.reproducible));
    other_sum.emplace(made_distances(c.mean, !c.reproducible));
  }
  /// That of a call on this rank.
  const DistributedDataFidelity<D>& distances() const {
    if (planted.fault == Fault::other_reduction) return *other_reduction;
    return planted.fault == Fault::other_sum ? *other_sum : *fidelity;
  }

  /// How many ranks have the same piece of x.
  int copies() const { return shared ? world.size() / ensemble->space().size() : 1; }

  /// The Subset of a point on this rank.
  Subset subset(int point) const {
    Some some = some_at(c, point);
    if (planted.fault == Fault::no_such_index)
      some.indices.push_back(planted.choice % 2 == 0 ? -1 : c.operators);
    if (planted.fault == Fault::index_twice)
      some.indices.insert(some.indices.end(), 2, planted.choice % c.operators);
    if (planted.fault == Fault::other_subset) {
      if (some.indices.empty())
        some.indices.push_back(0);
      else
        some.unbiased = !some.unbiased;
    }
    return Subset(std::move(some.indices),
                  some.unbiased ? Subset::Scale::unbiased : Subset::Scale::none);
  }

  const Problem& problem;
  const Case& c;
  Communicator world;
  std::size_t unknowns = 0;
  std::vector<std::size_t> piece;
  std::optional<Slabs> slabs;
  std::optional<Ensemble> ensemble;
  std::optional<DistributedOperator<Op>> operators;
  std::optional<DistributedDataFidelity<D>> fidelity, other_reduction, other_sum;
  Both y;
};

}  // namespace misfit::test::random_calls
