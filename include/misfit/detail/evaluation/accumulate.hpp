// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

namespace misfit::detail {

/// Stands for the x of a call that has none.
struct NoSignals {};

template <typename X>
struct PackedInput {
  using type = Packed<typename X::const_type>;
};
template <>
struct PackedInput<NoSignals> {
  using type = NoSignals;
};

/// A call that sets `out`, an argument called `name`, to a sum of vectors of the domain over the
/// operators, from `x`, or from none.
template <typename Exec, typename X, typename Out, typename Op>
struct Accumulation {
  static constexpr bool has_x = !std::is_same_v<X, NoSignals>;
  using T = typename Out::non_const_value_type;
  using Input = typename PackedInput<X>::type;

  const Exec& exec;
  const OperatorStack<Op>& operators;
  const char* region;
  const X& x;
  const char* name;
  const Out& out;
  Scope scope;
  const char* x_name = "x";

  /// `check(context)` throws if other arguments do not fit; `part(context, x, sum)` sets packed
  /// signals to this rank's part, from packed signals.
  template <typename Check, typename Part>
  void run(const Check& check, const Part& part) const {
    const Region in_profiles(region);
    Input input;
    Output<Out> output;
    const auto prepare_all = [&](ErrorContext& context) { prepare(check, context, input, output); };
    if (operators.in_pieces())
      on_pieces(prepare_all, part, input, output);
    else
      on_replicated(prepare_all, part, input, output);
    output.give_back(exec, out);
  }

  /// The same by operators: `start(x, sum)` begins a part, `term(k, x, sum)` adds that of the k-th
  /// operator of this rank, and `end(context)` throws where one cannot be had. With memory for a
  /// `tree`, in the order of the tree of the operators, which are whole, as x is.
  template <typename Check, typename Start, typename Term, typename End>
  void run_by_operators(TreeMemory* tree, const Check& check, const Start& start, const Term& term,
                        const End& end) const {
    if (tree != nullptr) return in_tree_order(*tree, check, start, term, end);
    run(check, [&](ErrorContext& context, const auto& signals, const auto& sum) {
      start(signals, sum);
      operators.for_each_local(context, [&](std::size_t k, const Op&) { term(k, signals, sum); });
      end(context);
    });
  }

 private:
  template <typename Check, typename Start, typename Term, typename End>
  void in_tree_order(TreeMemory& memory, const Check& check, const Start& start, const Term& term,
                     const End& end) const {
    const Region in_profiles(region);
    Input input;
    Output<Out> output;
    TreeOrder<Op>& order = operators.tree_order(call(), [&] { check_signals(); });
    TreeSum& tree = order.sum();
    TreeCall<Exec, T> in_order(exec, operators.calls(), order.sums_in_pairs(), tree, memory);
    const std::size_t batch = batch_size(out), n = signal_size(out);
    const auto work = [&](ErrorContext& context) {
      prepare(check, context, input, output);
      T* vectors = in_order.reserve(output.entries);
      const auto set_term = [&](int i, T* entries) {
        context.operator_index = i;
        const auto sum = packed_signals<Out>(entries, batch, n);
        start(input, sum);
        term(operators.place_of(i), input, sum);
      };
      for (const SumNode& node : tree.own_nodes()) {
        in_order.node_sum(batch * n).take(node, vectors, std::ref(set_term));
        vectors += batch * n;
      }
      context.operator_index = -1;
      end(context);
      fence(exec, "misfit::DistributedOperator: this rank's part is ready");
    };
    in_order.run(call(), work, {}, output.entries);
    output.give_back(exec, out);
  }

  Call call() const {
    return Call(name_in(region),
                {{"n", operators.size()},
                 {"the number of unknowns", operators.agreed_unknowns(out)},
                 {"the number of signals", static_cast<std::int64_t>(batch_size(out))},
                 {"the tag of the scalar type", type_tag<Out>()}});
  }
  void check_signals() const {
    require_signals(name, out, batch_size(out), operators.unknowns_for(out));
    if constexpr (has_x) {
      require_signals(x_name, x, batch_size(out), operators.unknowns_for(out));
      require_apart(x_name, x, name, out);
    }
  }

  template <typename Check>
  void prepare(const Check& check, ErrorContext& context, Input& input, Output<Out>& output) const {
    check_signals();
    check(context);
    if constexpr (has_x) input = pack(exec, x, operators.memory().packed_input);
    output.take(out, operators.memory().packed_output);
  }

  template <typename Prepare, typename Part>
  void on_replicated(const Prepare& prepare, const Part& part, const Input& input,
                     const Output<Out>& output) const {
    const auto work = [&](ErrorContext& context) {
      prepare(context);
      part(context, input, output.signals);
      context.operator_index = -1;
      fence(exec, "misfit::DistributedOperator: this rank's part is ready");
    };
    if (scope == Scope::local)
      operators.calls().alone(call(), work);
    else
      operators.calls().sum_together(exec, call(), work, {}, output.entries);
  }

  template <typename Prepare, typename Part>
  void on_pieces(const Prepare& prepare, const Part& part, const Input& input,
                 const Output<Out>& output) const {
    const std::size_t batch = batch_size(out), n = operators.local_domain_size(out);
    PieceCall<Exec, T> pieces(exec, operators.pieces(), batch);
    // Ranks agree first where they exchange something next.
    const bool apart = has_x || operators.communicate();
    if (apart)
      operators.calls().together(call(), [&](ErrorContext& context) {
        prepare(context);
        if constexpr (has_x) pieces.pack_input(input.data());
      });
    operators.calls().together(call(), [&](ErrorContext& context) {
      if (!apart) prepare(context);
      pieces.exchange();
      const auto sum = packed_signals<Out>(pieces.output(output.entries), batch, n);
      if constexpr (has_x)
        part(context, Input(packed_signals<typename X::const_type>(pieces.input(), batch, n)), sum);
      else
        part(context, input, sum);
      context.operator_index = -1;
      pieces.pack_output();
    });
    pieces.sum();
  }
};

}  // namespace misfit::detail
