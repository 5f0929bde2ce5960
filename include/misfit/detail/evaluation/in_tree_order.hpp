// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A call of a data fidelity whose sum over operators is taken in the order of their SumTree.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>
#include <misfit/detail/evaluation/in_one_transform.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/evaluation/tree_evaluation.hpp>
#include <misfit/detail/evaluation/tree_in_one_transform.hpp>
#include <misfit/detail/evaluation/tree_order.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/views.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace misfit::detail {

/// What an Evaluation E does then. Values travel one by one, each from the one rank that has it.
template <typename E>
struct InTreeOrder {
  using State = typename E::State;
  using Exec = typename E::Execution;
  using Op = typename E::Operators;
  using T = typename E::T;
  using U = typename E::U;
  using D = typename E::Distance;
  using Space = typename Exec::memory_space;
  static constexpr bool has_gradient = E::has_gradient;

  const E& of;
  TreeMemory& memory;

  void run(State& state) const {
    TreeOrder<Op>& order = of.operators.tree_order(of.call(), [&] { check(); });
    std::optional<TreeSum> of_subset;
    TreeSum& tree = of.subset == nullptr ? order.sum() : sum_of_subset(of_subset);
    if constexpr (SharesSpectrum<Op, D, T, U, Exec>) {
      if (of.terms() > 1 &&
          order.in_one_transform(
              of.exec, of.operators.calls(), of.call(), [&] { check(); }, memory.sum))
        sum_spectra(state, order, tree);
      else
        sum_gradients(state, order, tree);
    } else {
      sum_gradients(state, order, tree);
    }
    if constexpr (E::wanted != Quantity::gradient) {
      const std::size_t batch = state.values.size();
      for (std::size_t k = 0; k < state.of_operators.size(); ++k)
        state.values[k % batch] += state.of_operators[k];
    }
  }

 private:
  void check() const {
    of.check();
    if (of.subset != nullptr) of.select();
  }
  TreeSum& sum_of_subset(std::optional<TreeSum>& sum) const {
    const auto& operators = of.operators;
    operators.calls().together(of.call(), [&](ErrorContext&) {
      check();
      std::vector<int> owners;
      for (const int i : operators.memory().selected.indices())
        owners.push_back(operators.owner(i));
      sum.emplace(owners, operators.calls().rank(), operators.calls().size());
    });
    return *sum;
  }

  void prepare(State& state, ErrorContext& context) const {
    of.prepare(state, context);
    state.of_operators.assign(batch_size(of.x) * static_cast<std::size_t>(of.terms()), 0.0);
    if constexpr (E::wanted != Quantity::gradient) state.sums = state.of_operators;
  }
  // Which terms of the tree are operators of this rank.
  const std::vector<int>& own_terms() const {
    return of.subset == nullptr ? of.operators.local_indices()
                                : of.operators.memory().selected.terms();
  }

  template <typename V>
  void sum_up(State& state, TreeCall<Exec, V>& in_order, Work work,
              const Vector<V, Space>& sum) const {
    if constexpr (has_gradient)
      in_order.run(of.call(), work, state.sums, sum);
    else
      of.operators.calls().sum_together(of.call(), work, state.sums);
  }

  void sum_gradients(State& state, TreeOrder<Op>& order, TreeSum& tree) const {
    TreeCall<Exec, T> in_order(of.exec, of.operators.calls(), order.sums_in_pairs(), tree, memory);
    const auto work = [&](ErrorContext& context) {
      prepare(state, context);
      T* vectors = nullptr;
      if constexpr (has_gradient) vectors = in_order.reserve(state.output.entries);
      const auto problem = of.local_problem(state, state.signals.data(), nullptr);
      TreeEvaluation<E::wanted, Exec, Op, D, T, U>{of.exec,
                                                   problem,
                                                   tree.tree(),
                                                   own_terms(),
                                                   order.row_plans(),
                                                   of.operators.prepared_data(),
                                                   of.operators.local_indices(),
                                                   of.distances.memory().evaluation,
                                                   memory.halves,
                                                   context}
          .run(tree.own_nodes(), vectors, state.of_operators.data());
      fence(of.exec, "misfit::DistributedDataFidelity: this rank's gradients are ready");
    };
    if constexpr (has_gradient)
      sum_up(state, in_order, work, state.output.entries);
    else
      sum_up(state, in_order, work, {});
  }

  // Ranks agree once more, for the transform back may want memory.
  void sum_spectra(State& state, TreeOrder<Op>& order, TreeSum& tree) const {
    using Complex = typename Op::SharedTransform::Complex;
    TreeCall<Exec, Complex> in_order(of.exec, of.operators.calls(), order.sums_in_pairs(), tree,
                                     memory);
    Vector<Complex, Space> sum;
    const auto work = [&](ErrorContext& context) {
      prepare(state, context);
      const auto& transform = order.transform();
      Complex* spectra = nullptr;
      if constexpr (has_gradient) {
        sum = memory.sum.template get<Complex, Space>(
            batch_size(of.x) * transform.spectrum_size(),
            "misfit::DistributedDataFidelity::sum_of_spectra");
        spectra = in_order.reserve(sum);
      }
      const auto problem = of.local_problem(state, state.signals.data(), nullptr);
      TreeInOneTransform<E::wanted, Exec, Op, D, T, U>{of.exec,
                                                       problem,
                                                       transform,
                                                       tree.tree(),
                                                       own_terms(),
                                                       of.operators.prepared_data(),
                                                       of.operators.local_indices(),
                                                       of.distances.memory().evaluation,
                                                       memory,
                                                       context}
          .run(tree.own_nodes(), spectra, state.of_operators.data());
      fence(of.exec, "misfit::DistributedDataFidelity: this rank's spectra are ready");
    };
    sum_up(state, in_order, work, sum);
    if constexpr (has_gradient)
      of.operators.calls().together(of.call(), [&](ErrorContext&) {
        transform_back(state, order.transform(), Vector<const Complex, Space>(sum));
      });
  }

  template <typename Transform, typename Spectra>
  void transform_back(State& state, const Transform& transform, const Spectra& sum) const {
    const std::size_t n = signal_size(of.x), entries = transform.spectrum_size();
    for (std::size_t b = 0; b < batch_size(of.x); ++b)
      transform.backward(of.exec, sum.data() + b * entries, state.output.entries.data() + b * n);
    fence(of.exec, "misfit::DistributedDataFidelity: the gradient is ready");
  }
};

}  // namespace misfit::detail
