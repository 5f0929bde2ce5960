// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators that are one transform of x, in the order of a SumTree: what is added is the spectra of
// their gradients, so that the one transform back comes behind the sum over all ranks.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/sum_tree.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/in_one_transform.hpp>
#include <misfit/detail/evaluation/in_passes.hpp>
#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/evaluation/tree_sweep.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace misfit::detail {

/// For each tile of a spectrum, on a CPU: the sums of each term, and the spectra of the nodes.
template <Quantity Wanted, typename Transform, typename Term>
struct SpectrumTreeSweep {
  using Complex = typename Transform::Complex;
  static constexpr std::int64_t tile = Transform::tile;

  void operator()(const std::int64_t t) const {
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      if constexpr (Wanted == Quantity::value) {
        Entries scratch;
        for (int i = 0; i < nodes[k].node.size(); ++i)
          take_term(nodes[k].first + i, t, scratch.first());
      } else {
        take(nodes[k], nodes[k].node, t,
             spectra + static_cast<std::int64_t>(k) * distance + t * tile);
      }
    }
  }

  const Transform& transform;
  const SumTree& tree;
  std::span<const OwnNode> nodes;
  const Term* terms;
  const Complex* z;
  Complex* spectra;       ///< of the first node
  std::int64_t distance;  ///< from there to that of the next
  PartialSum* sums;       ///< tile by tile of each term

 private:
  // Entries that are not set before.
  struct Entries {
    Complex* first() { return reinterpret_cast<Complex*>(numbers); }
    alignas(64) typename Complex::value_type numbers[2 * tile];
  };

  // Sets `sum` to that of `node`, which is below `own`, in tile t.
  void take(const OwnNode& own, const SumNode& node, std::int64_t t, Complex* sum) const {
    if (node.size() == 1) return take_term(own.first + node.begin - own.node.begin, t, sum);
    take(own, tree.left(node), t, sum);
    Entries half;
    const Complex* const other = half.first();
    take(own, tree.right(node), t, half.first());
    for_range(std::int64_t{0}, transform.end_of_tile(t) - t * tile,
              [=](std::int64_t j) { sum[j] += other[j]; });
  }

  void take_term(std::int64_t k, std::int64_t t, Complex* out) const {
    sums[k * transform.tiles() + t] = transform.take_tile(terms[k], z, t, out);
  }
};

/// This rank's operators, which have `transform` in common with those of all ranks.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
struct TreeInOneTransform {
  using Space = typename Exec::memory_space;
  using Transform = typename Op::SharedTransform;
  using Complex = typename Transform::Complex;
  static constexpr bool has_gradient = Wanted != Quantity::value;
  static constexpr bool on_cpu = in_cpu_form<Exec>;

  /// Sets values[i · B + b] to the value of term i, of this rank, and signal b; and the B spectra
  /// of each of `nodes`, one behind the other, to those of its gradient. Blocks. Throws as
  /// LocalEvaluation::run().
  void run(std::span<const SumNode> nodes, Complex* spectra, double* values) const {
    if (problem.count == 0) return;
    const std::int64_t of_all = problem.batch * problem.count;
    const Sums sums = reserve_sums<Exec>(memory, problem.batch * of_x() + of_all * of_term(), 1);
    const auto z = tree_memory.spectrum.get<Complex, Space>(
        transform.spectrum_size(), "misfit::DistributedDataFidelity::spectrum");
    std::vector<OwnNode> own;
    for (const SumNode& node : nodes) own.push_back({node, position_of(node.begin)});
    const Passes passes{exec, problem, prepared};
    problem.operator_at(0).term_maker().template with_terms<Wanted>([&](const auto& make) {
      const auto* const of_signals = InOneTransform<Wanted, Exec, Op, D, T, U>{passes}.all_terms(
          make, memory, context, indices);
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        transform_x(passes, b, z.data(), sums.first + b * of_x());
        Complex* const of_b =
            has_gradient ? spectra + b * static_cast<std::int64_t>(transform.spectrum_size())
                         : nullptr;
        take(own, of_signals + b * problem.count, z.data(), of_b,
             sums.first + problem.batch * of_x() + b * problem.count * of_term());
      }
    });
    read(sums.first, values);
    if constexpr (has_gradient) mark_not_finite(spectra);
  }

  /// Where x is not finite on this rank, the gradient is NaN on all: the transform back makes all
  /// of it of each entry of the sum. Public for nvcc.
  void mark_not_finite(Complex* spectra) const {
    const auto totals = totals_of();
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      if (totals(b).value == 0) continue;
      Complex* const first = spectra + b * static_cast<std::int64_t>(transform.spectrum_size());
      for_indices(
          exec, "misfit::DistributedDataFidelity::not_finite", 1,
          KOKKOS_LAMBDA(const std::int64_t) { *first = Complex(NAN, NAN); });
    }
  }

  const Exec& exec;
  const LocalProblem<Op, D, T, U>& problem;
  const Transform& transform;
  const SumTree& tree;
  const std::vector<int>& terms;  ///< of the tree that are operators of the problem, ascending
  PreparedData& prepared;
  const std::vector<int>& indices;  ///< of this rank's operators
  EvaluationMemory& memory;
  TreeMemory& tree_memory;
  ErrorContext& context;

 private:
  using Passes = InPasses<Wanted, Exec, Op, D, T, U>;

  std::int64_t of_x() const {
    return Transform::sums_x ? transform.sums_of_x()
                             : Tiles(static_cast<std::size_t>(problem.unknowns)).count;
  }
  std::int64_t of_term() const { return on_cpu ? transform.tiles() : transform.sums_of_term(); }
  std::int64_t position_of(int i) const {
    return std::lower_bound(terms.begin(), terms.end(), i) - terms.begin();
  }

  void transform_x(const Passes& passes, std::int64_t b, Complex* z, PartialSum* sums) const {
    const auto x = passes.x_of(b);
    if constexpr (Transform::sums_x) {
      transform.forward(exec, x.data(), z, sums);
    } else {
      const Vector<T, Space> none;
      sum_tiles(exec, "misfit::DistributedDataFidelity::start", Tiles(x.extent(0)),
                ZeroTimes<Quantity::value, decltype(x), Vector<T, Space>>{x, none}, sums);
      transform.forward(exec, x.data(), z, nullptr);
    }
  }

  /// One signal of all nodes.
  template <typename Term>
  void take(const std::vector<OwnNode>& own, const Term* of_signal, const Complex* z,
            Complex* spectra, PartialSum* sums) const {
    const auto size = static_cast<std::int64_t>(transform.spectrum_size());
    if constexpr (on_cpu) {
      for_indices(exec, "misfit::DistributedDataFidelity::spectrum_tree",
                  static_cast<std::size_t>(transform.tiles()),
                  SpectrumTreeSweep<Wanted, Transform, Term>{transform, tree, own, of_signal, z,
                                                             spectra, problem.batch * size, sums});
    } else {
      const TreeNodeSum<Exec, Complex> sum{exec, tree, tree_memory.halves,
                                           transform.spectrum_size()};
      const auto take_term = [&](int i, Complex* out) {
        const std::int64_t k = position_of(i);
        transform.take_all(exec, of_signal + k, z, out, sums + k * of_term());
      };
      for (const OwnNode& node : own) {
        sum.take(node.node, spectra, std::ref(take_term));
        if constexpr (has_gradient) spectra += problem.batch * size;
      }
    }
  }

  // Of each signal: 0, or NaN where x is not finite; behind them those of the terms.
  auto totals_of() const {
    return memory.totals.get<PartialSum, Kokkos::HostSpace>(
        static_cast<std::size_t>(problem.batch * (1 + problem.count)),
        "misfit::DistributedDataFidelity::totals");
  }

  void read(const PartialSum* sums, double* values) const {
    const std::int64_t of_all = problem.batch * problem.count;
    const auto totals = totals_of();
    PartialSum* const of_terms = totals.data() + problem.batch;
    total(exec, sums, of_x(), problem.batch, memory.totals_on_device, totals.data());
    total(exec, sums + problem.batch * of_x(), of_term(), of_all, memory.totals_on_device,
          of_terms);
    for (std::int64_t k = 0; k < problem.count; ++k)
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        const PartialSum& sum = of_terms[b * problem.count + k];
        if (sum.outside > 0)
          throw_first_outside(exec, problem, memory, context, indices, sum.outside);
        values[terms[static_cast<std::size_t>(k)] * problem.batch + b] =
            problem.factor * (sum.value + totals(b).value);
      }
  }
};

}  // namespace misfit::detail
