// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Stands for the SharedTransform of operators that have none.
struct NoTransform {
  using Key = std::array<std::int64_t, 0>;
};
template <typename Op>
struct TransformOf {
  using type = NoTransform;
};
template <typename Op>
  requires requires { requires Op::shares_spectrum; }
struct TransformOf<Op> {
  using type = typename Op::SharedTransform;
};

/// How the sum over the operators of a stack is taken in the order of their SumTree.
template <typename Op>
class TreeOrder {
  using Transform = typename TransformOf<Op>::type;
  static constexpr bool may_share = !std::is_same_v<Transform, NoTransform>;

 public:
  /// Not collective.
  TreeOrder(const RankOperators<Op>& own, int rank, int ranks) : sum_(own.owners, rank, ranks) {
    if constexpr (requires(const Op& op) { op.rows_at_once(); })
      for (const Op& op : own.operators) row_plans_.emplace_back(&op, 1);
  }
  /// What all ranks must know of each other's operators. Collective; blocks.
  void agree(const CollectiveCalls& calls, const RankOperators<Op>& own) {
    in_pairs_ = calls.sums_in_pairs();
    if constexpr (may_share) {
      if (own.size() == 0) return;
      typename Transform::Key key{};  // of operator 0, from its rank; the others add 0
      if (own.owners[0] == calls.rank()) key = own.operators[0].shared_transform().key();
      calls.sum(key.data(), key.size());
      double differ = 0;
      for (const Op& op : own.operators)
        if (op.shared_transform().key() != key) differ = 1;
      if (calls.largest(differ) == 0) key_ = key;
    }
  }

  TreeSum& sum() { return sum_; }
  /// See CollectiveCalls.
  bool sums_in_pairs() const { return in_pairs_; }
  /// How the rows of each of this rank's operators are cut.
  const std::vector<RowPlan>& row_plans() const { return row_plans_; }
  /// Whether the operators of all ranks are one transform of x, and all ranks have the same bits of
  /// the transform back. Collective in its first call, for `call`, whose arguments `check()`
  /// checks; blocks.
  template <typename Exec, typename Check>
  bool in_one_transform(const Exec& exec, const CollectiveCalls& calls, const Call& call,
                        const Check& check, Workspace& memory) {
    if (!key_) return false;
    if (!same_bits_) {
      double bits = 0;
      calls.together(call, [&](ErrorContext&) {
        check();
        bits = transform().fingerprint(exec, memory);
      });
      const double largest = calls.largest(bits);
      same_bits_ = -calls.largest(-bits) == largest;
    }
    return *same_bits_;
  }
  /// That transform, on ranks without operators too. Takes memory when it is called first.
  const Transform& transform() {
    if (!transform_) transform_.emplace(*key_);
    return *transform_;
  }
  void clear_caches() { transform_.reset(); }

 private:
  TreeSum sum_;
  bool in_pairs_ = false;
  std::vector<RowPlan> row_plans_;
  std::optional<typename Transform::Key> key_;
  std::optional<bool> same_bits_;
  std::optional<Transform> transform_;
};

}  // namespace misfit::detail
