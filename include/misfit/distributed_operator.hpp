// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/evaluation/call_arguments.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/detail/views/missing_exec.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>
#include <misfit/partition.hpp>
#include <misfit/solver.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit {

/// The operators A_0 … A_{n−1}, each owned by one rank, all with one domain.
///
/// x and everything else in the domain is replicated: every rank holds all of it, and all ranks the
/// same. Calls with Scope::global are collective and return the same on every rank; those with
/// Scope::local do not communicate and concern this rank's operators alone. An error in a
/// collective call is thrown on every rank. One object is not used from two threads at once.
///
/// Views of signals and measurements may have any layout (SignalsOn); those that are not contiguous
/// signal by signal are copied in every call. Outputs may not share memory with inputs.
template <typename Op>
class DistributedOperator : private detail::CallsWithoutExec {
  static_assert(detail::OperatorArgument<Op>::valid);

 public:
  using operator_type = Op;

  /// Round-robin: operator i on rank i mod P. As the constructor below.
  template <std::invocable<int> Factory>
  DistributedOperator(MPI_Comm comm, int n, Factory&& factory)
      : DistributedOperator(comm, Partition::round_robin(n), std::forward<Factory>(factory)) {}

  /// Calls factory(i) for every operator i that `partition` gives to this rank, in ascending order.
  ///
  /// Collective over `comm`, which is duplicated. Throws ArgumentError if n or the partition
  /// differs between ranks or the operators differ in domain size; CallbackError if a factory
  /// throws.
  template <std::invocable<int> Factory>
  DistributedOperator(MPI_Comm comm, const Partition& partition, Factory&& factory)
      : communicator_(comm) {
    communicator_.together({"DistributedOperator", {{"n", partition.size()}}}, [&](detail::ErrorContext&) {
      owners_ = partition.owners(communicator_.size());
    });
    const auto map = detail::fingerprint(owners_.data(), owners_.size() * sizeof(int));
    communicator_.together({"DistributedOperator",
                            {{"n", partition.size()}, {"the fingerprint of the partition", map}}},
                           [&](detail::ErrorContext& context) {
                             for (int i = 0; i < size(); ++i) {
                               if (owner(i) != communicator_.rank()) continue;
                               context.operator_index = i;
                               local_.push_back(factory(i));
                               indices_.push_back(i);
                             }
                           });
    exchange_sizes();
  }

  const Communicator& communicator() const noexcept { return communicator_; }

  using CallsWithoutExec::adjoint;
  using CallsWithoutExec::forward;
  using CallsWithoutExec::least_squares;
  using CallsWithoutExec::normal;
  using CallsWithoutExec::vjp;

  /// n, the number of operators of all ranks.
  int size() const noexcept { return static_cast<int>(owners_.size()); }
  int owner(int i) const { return owners_[static_cast<std::size_t>(i)]; }
  /// The indices i of this rank's operators, ascending.
  const std::vector<int>& local_indices() const noexcept { return indices_; }
  /// The k-th operator of this rank: A_i with i = local_indices()[k].
  const Op& local_operator(std::size_t k) const { return local_[k]; }

  /// All operators of this rank, in the order of local_indices().
  const std::vector<Op>& local_operators() const noexcept { return local_; }

  /// The number of unknowns; 0 if there are no operators.
  std::size_t domain_size() const noexcept { return domain_size_; }
  /// The number of entries of measurement i, of any rank's operator.
  std::size_t range_size(int i) const { return range_sizes_[static_cast<std::size_t>(i)]; }
  /// The largest measurement of this rank.
  std::size_t max_local_range_size() const noexcept { return max_local_range_size_; }

  /// The measurements y_i = factory(i) of this rank's operators, checked. Collective; blocks.
  ///
  /// Each is a View of shape (m_i) or (B, m_i), complete or filled on the default instance of its
  /// execution space. It is shared, or copied where it is not contiguous signal by signal. Throws
  /// ArgumentError if one has another size than its operator's range or an entry that is not
  /// finite, CallbackError if a factory throws.
  template <std::invocable<int> Factory>
  auto measurements(Factory&& factory) const {
    using V = std::remove_cvref_t<std::invoke_result_t<Factory&, int>>;
    static_assert(
        detail::SignalsArgument<detail::argument::y, V, typename V::execution_space>::valid);
    std::vector<detail::Kept<V>> local;
    communicator_.together({"measurements", {}}, [&](detail::ErrorContext& context) {
      for (const int i : indices_) {
        context.operator_index = i;
        local.push_back(kept_measurement(factory(i), i));
      }
    });
    return Measurements<detail::Kept<V>>(std::move(local));
  }

  /// The same from a list of this rank's Views, or of all n of which only this rank's are read.
  template <MeasurementList Y>
  requires(!std::invocable<const Y&, int>) auto measurements(const Y& y) const {
    using V = MeasurementView<Y>;
    static_assert(
        detail::SignalsArgument<detail::argument::y, V, typename V::execution_space>::valid);
    std::vector<detail::Kept<V>> local;
    communicator_.together({"measurements", {}}, [&](detail::ErrorContext& context) {
      require_count(y);
      for (std::size_t k = 0; k < local_.size(); ++k) {
        context.operator_index = indices_[k];
        local.push_back(kept_measurement(local_measurement(y, k), indices_[k]));
      }
    });
    return Measurements<detail::Kept<V>>(std::move(local));
  }

  /// The k-th measurement of this rank in a list that require_count() accepts.
  template <MeasurementList Y>
  decltype(auto) local_measurement(const Y& y, std::size_t k) const {
    const bool of_all = y.size() != local_.size();
    return y[of_all ? static_cast<std::size_t>(indices_[k]) : k];
  }

  /// How the rows of this rank's operators are cut, if they can be taken by rows.
  const detail::RowPlan& row_plan() const noexcept { return row_plan_; }

  /// What this rank's operators made of the data of the last calls.
  detail::PreparedData& prepared_data() const noexcept { return prepared_data_; }

  /// Throws ArgumentError unless `y` has one View for each operator of this rank, or for each of
  /// all.
  template <MeasurementList Y>
  void require_count(const Y& y) const {
    if (y.size() == local_.size() || y.size() == owners_.size()) return;
    throw ArgumentError("y: has " + std::to_string(y.size()) + " measurements, this rank owns " +
                        std::to_string(local_.size()) + " of " + std::to_string(owners_.size()) +
                        " operators");
  }

  /// Sets y_i = A_i(x) for this rank's operators; with Scope::global for all n, on every rank.
  ///
  /// `x` has shape (domain_size) or (B, domain_size), the Views of `y` (m_i) or (B, m_i). Locally,
  /// `y` may have either length and the call is asynchronous on `exec`; globally it is collective,
  /// blocks, and `y` has n Views on every rank. Throws ArgumentError if a size differs, or if Views
  /// of `y` share memory with each other or with `x`. `x` is SignalsOn<Exec>, `y`
  /// MeasurementOutputsOn<Exec>, as in the calls below.
  template <ExecutionSpace Exec, typename X, typename Y>
  void forward(const Exec& exec, const X& x, const Y& y, Scope scope = Scope::local) const;

  /// Sets x = Σ A_i^H y_i; with Scope::local over this rank's operators only.
  ///
  /// For linear operators. `y` is given locally or globally. Collective unless local; blocks.
  template <ExecutionSpace Exec, typename Y, typename X>
  void adjoint(const Exec& exec, const Y& y, const X& x, Scope scope = Scope::global) const;

  /// Sets g = Σ J_i(x)^H r_i, with J_i the derivative of A_i. As adjoint().
  template <ExecutionSpace Exec, typename X, typename R, typename G>
  void vjp(const Exec& exec, const X& x, const R& r, const G& g, Scope scope = Scope::global) const;

  /// Sets g = Σ A_i^H A_i x. For linear operators. `g` may not be `x`. Collective unless local;
  /// blocks.
  ///
  /// An x that is not finite gives a g that is not.
  template <ExecutionSpace Exec, typename X, typename G>
  void normal(const Exec& exec, const X& x, const G& g, Scope scope = Scope::global) const;

  /// ‖A‖², the largest eigenvalue of Σ A_i^H A_i, by the Lanczos method on signals of type `T`: an
  /// estimate from below, up to rounding. For step sizes see norm_squared_bound().
  ///
  /// Converged when the residual |A^H A v − value v| is at most `tolerance` · value, and no
  /// eigenvalue lies above (1 + tolerance) · value but in one of a thousand random starts; the
  /// residual is the method's own, of which v is not formed. That takes about
  /// log(2000 √n) / (2 √tolerance) iterations where eigenvalues lie dense below the largest, a few
  /// where they do not. ‖A‖² need not lie in the range of `T`.
  ///
  /// Starts from fixed numbers, so that the result is the same at every number of ranks up to
  /// rounding. Takes three vectors of the domain. Collective; blocks. For linear operators.
  template <Scalar T, ExecutionSpace Exec>
  NormResult norm_squared(const Exec& exec,
                          SolverOptions options = {.tolerance = 1e-3, .max_iterations = 500}) const;

  /// A number that ‖A‖² is not above: gradient descent with a step of 1 / (this · L), where the
  /// gradient of the distance has the Lipschitz constant L, never goes up.
  ///
  /// From the structure of the operators, without iterations: the largest entry of a diagonal D
  /// with Σ A_i^H A_i ⪯ D, to which every operator adds (see BoundedOperator). Exact for masks, for
  /// coils and for non-negative matrices with equal sums; seldom more than twice ‖A‖² for
  /// non-negative ones. Roundings of operators on signals of type `T` are included. Takes a vector
  /// of double. Collective; blocks. Throws ArgumentError if an AnyOperator holds an operator
  /// without a bound.
  template <Scalar T, ExecutionSpace Exec>
  double norm_squared_bound(const Exec& exec) const;

  /// Sets x to the least-squares solution, argmin Σ |A_i x − y_i|² + λ |x|² with λ =
  /// `options.tikhonov` (of least norm where there are several), by conjugate gradients on the
  /// normal equations, started from 0.
  ///
  /// Converged when |Σ A_i^H (A_i x − y_i) + λ x| ≤ tolerance · |Σ A_i^H y_i|. Returns a
  /// SolverResult; for a batch, of which every signal converges by itself, a BatchSolverResult. A
  /// signal whose data are not finite becomes NaN and does not stop the others. Collective; blocks.
  /// Throws ArgumentError if the options are negative or not finite, or differ between ranks.
  template <ExecutionSpace Exec, typename Y, typename X>
  auto least_squares(const Exec& exec, const Y& y, const X& x,
                             LeastSquaresOptions options = {}) const;

 private:
  void exchange_sizes();

  // The measurement y_i, checked; a copy if it is not packed.
  template <typename V>
  detail::Kept<V> kept_measurement(const V& y, int i) const {
    detail::require_signals("y", y, detail::batch_size(y), range_size(i));
    auto kept = detail::keep(y);
    detail::require_finite(typename V::execution_space{}, "y", detail::all_signals(kept));
    return kept;
  }

  // The number of unknowns: that of `view` where there are no operators.
  template <typename V>
  std::size_t unknowns_for(const V& view) const {
    return size() > 0 ? domain_size_ : detail::signal_size(view);
  }

  // Runs `work(context, signals)`, which sets packed signals to this rank's part of vectors of the
  // domain, and sets `out`, an argument called `name`, to their sums over the ranks.
  template <typename Exec, typename Out, typename Work>
  void accumulate(const Exec& exec, const char* region, const char* name, const Out& out,
                  Scope scope, Work&& work) const;

  // Checks this rank's measurements in `y`, an input called `name`, against the output `out`.
  // Returns memory in which each of them can be packed in turn.
  template <typename Y, typename Out>
  auto check_measurements(const char* name, const Y& y, const char* out_name, const Out& out,
                          detail::ErrorContext& context) const;

  Communicator communicator_;
  std::vector<int> owners_;
  std::vector<int> indices_;
  std::vector<Op> local_;
  std::vector<std::size_t> range_sizes_;
  std::size_t domain_size_ = 0;
  std::size_t max_local_range_size_ = 0;
  detail::RowPlan row_plan_;
  mutable detail::PreparedData prepared_data_;
  mutable detail::Workspace workspace_;
  mutable detail::Workspace packed_input_, packed_measurement_, packed_output_;
  mutable detail::Workspace solver_workspace_;
};

template <typename Factory>
DistributedOperator(MPI_Comm, int, Factory&&)
    -> DistributedOperator<std::remove_cvref_t<std::invoke_result_t<Factory&, int>>>;
template <typename Factory>
DistributedOperator(MPI_Comm, const Partition&, Factory&&)
    -> DistributedOperator<std::remove_cvref_t<std::invoke_result_t<Factory&, int>>>;

}  // namespace misfit

#include <misfit/detail/evaluation/distributed_operator_impl.hpp>
#include <misfit/detail/evaluation/distributed_solvers_impl.hpp>
