// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/evaluation/argument_types.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/operator_calls.hpp>
#include <misfit/detail/evaluation/solver_calls.hpp>
#include <misfit/detail/views/missing_exec.hpp>
#include <misfit/distribution_plan.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/measurements.hpp>
#include <misfit/partition.hpp>
#include <misfit/slab_part.hpp>
#include <misfit/slabs.hpp>
#include <misfit/solver.hpp>
#include <misfit/split_partition.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit {

/// The operators A_0 … A_{n−1}, all with one domain: each owned by one rank, or in parts on several
/// (SplitPartition, Slabs, Ensemble).
///
/// x and everything else in the domain is replicated: every rank holds all of it, and all ranks the
/// same; but with Slabs and with an Ensemble each rank has a piece of it. Calls with Scope::global
/// are collective and return the same on every rank; those with Scope::local do not communicate,
/// unless x is in pieces, and concern this rank's operators alone. An error in a collective call is
/// thrown on every rank. One object is not used from two threads, nor on two instances, at once.
///
/// Views of signals and measurements may have any layout (SignalsOn); those that are not contiguous
/// signal by signal are copied in every call. Outputs may not share memory with inputs.
template <typename Op>
class DistributedOperator : private detail::CallsWithoutExec {
  static_assert(detail::OperatorArgument<Op>::valid);

 public:
  /// The type of A_i, or of its parts.
  using operator_type = Op;

  /// Round-robin: operator i on rank i mod P. As the constructor below.
  template <detail::Factory Factory>
  DistributedOperator(MPI_Comm comm, int n, Factory&& factory)
      : DistributedOperator(comm, Partition::round_robin(n), std::forward<Factory>(factory)) {}

  /// Calls factory(i), or factory(i, k) where it takes two arguments, for every operator i that
  /// `partition` gives to this rank, in ascending order: k counts them from 0.
  ///
  /// Collective over `comm`, which is duplicated. Throws ArgumentError if n or the partition
  /// differs between ranks or the operators differ in domain size; CallbackError if a factory
  /// throws.
  template <detail::Factory Factory>
  DistributedOperator(MPI_Comm comm, const Partition& partition, Factory&& factory)
      : internals_(comm, partition, std::forward<Factory>(factory)) {}

  /// The same operators cut into parts, which `partition` deals out to ranks: a rank has parts of
  /// consecutive operators, and an operator may be on several ranks. x is whole on every rank.
  /// Operators model SplittableOperator, and `Op` is the type of their parts.
  ///
  /// factory(i), or factory(i, k), makes the whole operator, which is freed after its part was
  /// taken; factory(i, rows), with a `const Rows&`, makes the part itself. Collective as above, and
  /// throws as that; ArgumentError too if ranks see an operator of other sizes.
  template <detail::Factory Factory>
  DistributedOperator(MPI_Comm comm, const SplitPartition& partition, Factory&& factory)
      : internals_(comm, partition, std::forward<Factory>(factory)) {}

  /// The same over the ranks of `communicator`, which is duplicated.
  template <typename Spread, detail::Factory Factory>
    requires std::same_as<Spread, int> || std::same_as<Spread, Partition> ||
             std::same_as<Spread, SplitPartition>
  DistributedOperator(const Communicator& communicator, const Spread& n_or_partition,
                      Factory&& factory)
      : DistributedOperator(communicator.native(), n_or_partition, std::forward<Factory>(factory)) {
  }

  /// Operators that are parallel programs in the members of `ensemble`: `n_or_partition` deals them
  /// out to members, and each is made by factory(i), or factory(i, k), on all ranks of its member.
  ///
  /// x and all else in the domain is this rank's piece, of as many entries as its operators' own
  /// domain_size(), and y_i what its operator gives on this rank, of range_size() entries, maybe
  /// none. All members cut x alike. Ranks of a member call operators in the same order; these may
  /// exchange what they need over ensemble.space(), and no rank leaves an operator, or a factory,
  /// by an exception while others wait in it: what may fail on one rank alone stands in
  /// ensemble.space().agree(). A gradient is summed over members, a value over all ranks; all calls
  /// are collective whatever the scope, as with slabs.
  ///
  /// Collective over all ranks; throws as above, and ArgumentError if members cut x otherwise.
  template <typename Spread, detail::Factory Factory>
    requires std::same_as<Spread, int> || std::same_as<Spread, Partition>
  DistributedOperator(const Ensemble& ensemble, const Spread& n_or_partition, Factory&& factory)
      : internals_(detail::Internals::of(ensemble), detail::as_partition(n_or_partition),
                   std::forward<Factory>(factory)) {}

  /// The n operators factory(i) or factory(i, k) of an image in `slabs`, each cut into a part for
  /// every slab. Such operators model SlabOperator; `Op` is the type of their parts.
  ///
  /// x and all else in the domain is then this rank's slab, of slabs.owned_size() entries, and y_i
  /// its rows of measurement i. Every rank has parts of all operators, but of those that have no
  /// outputs in its slab; where the slabs are those of an Ensemble, of the operators i of its
  /// member, i mod ensemble.size(), and gradients are summed over members. In each call ranks
  /// exchange the rows of x that their neighbours read, and those of the gradient, whatever the
  /// scope: all calls are collective. With Scope::local a value is this rank's share, a gradient is
  /// as with Scope::global.
  ///
  /// Collective over the ranks of `slabs`, whose communicator is duplicated. All operators are made
  /// whole on every rank, and freed at the end. Throws ArgumentError if n differs between ranks,
  /// or a halo between those of a member, if an operator is of images of another size, or if only
  /// some of a member's are circular along the cut; CallbackError if a factory throws.
  template <detail::Factory Factory>
  DistributedOperator(const Slabs& slabs, int n, Factory&& factory)
      : internals_(detail::Internals::of(slabs), slabs.space(), n, std::forward<Factory>(factory)) {
  }

  /// The same where no rank can have an operator whole: factory(i, slab) makes its part for this
  /// rank's slab, which has ghost rows as `width` says, as a SlabPart of this rank's rows and ghost
  /// rows. It is called for all n operators, or those of this rank's member, on ranks that own
  /// rows.
  ///
  /// Collective; throws as above, and ArgumentError if the outputs of all slabs are not each row of
  /// a measurement once.
  template <detail::FactoryOfSlabParts Factory>
  DistributedOperator(const Slabs& slabs, const HaloWidth& width, int n, Factory&& factory)
      : internals_(detail::Internals::of(slabs), slabs.space(), width, n,
                   std::forward<Factory>(factory)) {}

  /// The ranks, in a duplicate of the communicator that was given.
  const Communicator& communicator() const noexcept { return internals_.communicator(); }

  using CallsWithoutExec::adjoint;
  using CallsWithoutExec::forward;
  using CallsWithoutExec::least_squares;
  using CallsWithoutExec::normal;
  using CallsWithoutExec::vjp;

  /// n, the number of operators of all ranks.
  int size() const noexcept { return internals_.size(); }
  /// The rank that owns operator i; −1 where operators are in parts.
  int owner(int i) const { return internals_.owner(i); }
  /// The indices i of this rank's operators, ascending.
  const std::vector<int>& local_indices() const noexcept { return internals_.local_indices(); }
  /// The k-th operator of this rank: A_i with i = local_indices()[k].
  const Op& local_operator(std::size_t k) const { return local_operators()[k]; }
  /// All operators of this rank, in the order of local_indices().
  const std::vector<Op>& local_operators() const noexcept { return internals_.local_operators(); }

  /// Which rows of its measurement the k-th operator of this rank gives, along the dimension that
  /// is cut; none where misfit has not cut it.
  std::optional<Rows> local_rows(std::size_t k) const {
    const Rows* const rows = internals_.rows(k);
    return rows == nullptr ? std::nullopt : std::optional(*rows);
  }

  /// The number of unknowns; 0 if there are no operators. That of this rank's piece of x, where x
  /// is in pieces.
  std::size_t domain_size() const noexcept { return internals_.domain_size(); }
  /// The number of entries of measurement i, of any rank's operator; of this rank's part of it, or
  /// 0, where operators are in parts.
  std::size_t range_size(int i) const { return internals_.range_size(i); }
  /// The largest measurement of this rank.
  std::size_t max_local_range_size() const noexcept { return internals_.max_local_range_size(); }

  /// The measurements y_i = factory(i) of this rank's operators, checked; or factory(i, k), as in
  /// the constructor. Collective; blocks.
  ///
  /// Each is a View of shape (m_i) or (B, m_i), complete or filled on `exec`. It is shared, or
  /// copied where it is not contiguous signal by signal. Where operators are in parts it has this
  /// rank's rows, or is the whole measurement of which these are copied; factory(i, rows) is told
  /// which they are, a `const Rows&` of the dimension that is cut. Throws ArgumentError if one has
  /// another size than its operator's range or an entry that is not finite, CallbackError if a
  /// factory throws.
  template <ExecutionSpace Exec, detail::Factory Factory>
  auto measurements(const Exec& exec, Factory&& factory) const {
    using V = detail::MadeBy<Factory>;
    static_assert(detail::SignalsArgument<detail::argument::y, V, Exec>::valid);
    return internals_.template measurements<V>(
        exec, [] {},
        [&](std::size_t k) {
          return detail::make(factory, local_indices()[k], k, internals_.rows(k));
        });
  }

  /// The same from a list of this rank's Views, or of all n of which only this rank's are read.
  template <ExecutionSpace Exec, MeasurementList Y>
    requires(!detail::Factory<const Y>)
  auto measurements(const Exec& exec, const Y& y) const {
    using V = MeasurementView<Y>;
    static_assert(detail::SignalsArgument<detail::argument::y, V, Exec>::valid);
    return internals_.template measurements<V>(
        exec, [&] { internals_.require_count(y); },
        [&](std::size_t k) { return internals_.local_measurement(y, k); });
  }

  /// The same on the default instance of the execution space of the Views.
  template <typename Source>
    requires detail::Factory<Source> || MeasurementList<std::remove_cvref_t<Source>>
  auto measurements(Source&& source) const {
    using Exec = typename detail::MeasurementsFrom<Source>::execution_space;
    std::optional<Exec> exec;  // which may take memory
    communicator().agree("measurements", [&] { exec.emplace(); });
    return measurements(*exec, std::forward<Source>(source));
  }

  /// What every rank has, sends and needs in memory for one signal of entries `T`, so that it can
  /// be printed before the first call. The same on all ranks. Collective; blocks.
  template <Scalar T>
  DistributionPlan plan() const {
    return internals_.template plan<T>();
  }

  /// Frees what calls keep for the next: memory to work in, and what operators made of the data,
  /// with a copy of these. The next call allocates again. Not collective.
  void clear_caches() const { internals_.clear_caches(); }

  /// Views for the measurements of this rank's operators, of shape (m_i), set to 0: for forward()
  /// with Scope::local. Collective; blocks.
  template <Scalar T, typename Space = Kokkos::DefaultExecutionSpace::memory_space>
  std::vector<Vector<T, Space>> allocate_measurements() const {
    std::vector<Vector<T, Space>> views;
    communicator().agree("allocate_measurements", [&] {
      for (const int i : local_indices()) views.emplace_back("misfit::measurement", range_size(i));
    });
    return views;
  }

  /// The same for a batch, of shape (batch, m_i).
  template <Scalar T, typename Space = Kokkos::DefaultExecutionSpace::memory_space>
  std::vector<Kokkos::View<T**, Kokkos::LayoutRight, Space>> allocate_measurements(
      std::size_t batch) const {
    std::vector<Kokkos::View<T**, Kokkos::LayoutRight, Space>> views;
    communicator().agree("allocate_measurements", [&] {
      for (const int i : local_indices())
        views.emplace_back("misfit::measurement", batch, range_size(i));
    });
    return views;
  }

  /// Sets y_i = A_i(x) for this rank's operators; with Scope::global for all n, on every rank.
  ///
  /// `x` has shape (domain_size) or (B, domain_size), the Views of `y` (m_i) or (B, m_i). Where
  /// operators are in parts, `y` has this rank's alone, whatever the scope. Locally,
  /// `y` may have either length and the call is asynchronous on `exec`; globally it is collective,
  /// blocks, and `y` has n Views on every rank. Throws ArgumentError if a size differs, or if Views
  /// of `y` share memory with each other or with `x`. `x` is SignalsOn<Exec>, `y`
  /// MeasurementOutputsOn<Exec>, as in the calls below.
  template <ExecutionSpace Exec, typename X, typename Y>
  void forward(const Exec& exec, const X& x, const Y& y, Scope scope) const {
    static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                  detail::MeasurementsOutput<detail::argument::y, Y, Exec>::valid &&
                  detail::Applied<Op, X, Y, Exec>::valid);
    detail::forward(exec, internals_, x, y, scope);
  }

  /// Sets x = Σ A_i^H y_i; with Scope::local over this rank's operators only.
  ///
  /// For linear operators. `y` is given locally or globally. Collective unless local; blocks.
  template <ExecutionSpace Exec, typename Y, typename X>
  void adjoint(const Exec& exec, const Y& y, const X& x, Scope scope = Scope::global) const {
    static_assert(detail::MeasurementsArgument<detail::argument::y, Y, Exec>::valid &&
                  detail::OutputArgument<detail::argument::x, X, Exec>::valid &&
                  detail::Linear<Op, X, Y, Exec>::valid);
    detail::adjoint(exec, internals_, y, x, scope);
  }

  /// Sets g = Σ J_i(x)^H r_i, with J_i the derivative of A_i. As adjoint().
  template <ExecutionSpace Exec, typename X, typename R, typename G>
  void vjp(const Exec& exec, const X& x, const R& r, const G& g,
           Scope scope = Scope::global) const {
    static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                  detail::MeasurementsArgument<detail::argument::r, R, Exec>::valid &&
                  detail::OutputArgument<detail::argument::g, G, Exec>::valid &&
                  detail::SameScalar<X, G>::valid && detail::Differentiated<Op, X, R, Exec>::valid);
    detail::vjp(exec, internals_, x, r, g, scope);
  }

  /// Sets g = Σ A_i^H A_i x. For linear operators. `g` may not be `x`. Collective unless local;
  /// blocks.
  ///
  /// An x that is not finite gives a g that is not.
  template <ExecutionSpace Exec, typename X, typename G>
  void normal(const Exec& exec, const X& x, const G& g, Scope scope = Scope::global) const {
    static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                  detail::OutputArgument<detail::argument::g, G, Exec>::valid &&
                  detail::SameScalar<X, G>::valid && detail::LinearAlone<Op, X, Exec>::valid);
    detail::normal(exec, internals_, x, g, scope);
  }

  /// ‖A‖², the largest eigenvalue of Σ A_i^H A_i, by the Lanczos method on signals of type `T`: an
  /// estimate from below, up to rounding. For step sizes see norm_squared_bound().
  ///
  /// Converged when the residual |A^H A v − value v| is at most `tolerance` · value and, but for
  /// one in a thousand random starts, no eigenvalue lies above (1 + tolerance) · value. The
  /// residual is the method's own estimate, for which v is not formed. That takes about log(2000
  /// √n) / (2 √tolerance) iterations where eigenvalues lie dense below the largest, a few where
  /// they do not. ‖A‖² need not lie in the range of `T`.
  ///
  /// Starts from fixed numbers, so that the result is the same at every number of ranks up to
  /// rounding. Takes three vectors of the domain. Collective; blocks. For linear operators.
  template <Scalar T, ExecutionSpace Exec>
  NormResult norm_squared(const Exec& exec, SolverOptions options = {.tolerance = 1e-3,
                                                                     .max_iterations = 500}) const {
    return detail::norm_squared<T>(exec, internals_, options);
  }

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
  double norm_squared_bound(const Exec& exec) const {
    return detail::norm_squared_bound<T>(exec, internals_);
  }

  /// Sets x to the least-squares solution, argmin Σ |A_i x − y_i|² + λ |x|² with λ =
  /// `options.tikhonov` (of least norm where there are several), by conjugate gradients on the
  /// normal equations, started from 0.
  ///
  /// Converged when |Σ A_i^H (A_i x − y_i) + λ x| ≤ tolerance · |Σ A_i^H y_i|, by the method's own
  /// residual, which drifts from that of x as roundings add up. Returns a SolverResult; for a
  /// batch, of which every signal converges by itself, a BatchSolverResult. A signal whose data are
  /// not finite becomes NaN and does not stop the others. Where A_i^H A_i of a vector of length 1
  /// has no normal numbers of the scalar type, digits are lost, or it does not converge.
  /// Collective; blocks.
  /// Throws ArgumentError if the options are negative or not finite, or differ between ranks.
  template <ExecutionSpace Exec, typename Y, typename X>
  auto least_squares(const Exec& exec, const Y& y, const X& x,
                     LeastSquaresOptions options = {}) const {
    static_assert(detail::MeasurementsArgument<detail::argument::y, Y, Exec>::valid &&
                  detail::OutputArgument<detail::argument::x, X, Exec>::valid &&
                  detail::Linear<Op, X, Y, Exec>::valid);
    return detail::least_squares(exec, internals_, y, x, options);
  }

 private:
  friend struct detail::Internals;

  detail::OperatorStack<Op> internals_;
};

/// \cond
template <typename Comm, typename Spread, typename Factory>
  requires(!std::same_as<Comm, Slabs>)
DistributedOperator(const Comm&, const Spread&, Factory&&)
    -> DistributedOperator<detail::MadeBy<Factory>>;
template <typename Comm, typename Factory>
DistributedOperator(const Comm&, const SplitPartition&, Factory&&)
    -> DistributedOperator<typename detail::SplitPartOf<Factory>::type>;
template <typename Factory>
DistributedOperator(const Slabs&, const HaloWidth&, int, Factory&&)
    -> DistributedOperator<detail::OpOfSlabParts<Factory>>;
template <typename Factory>
DistributedOperator(const Slabs&, int, Factory&&)
    -> DistributedOperator<detail::PartOf<detail::MadeBy<Factory>>>;
/// \endcond

}  // namespace misfit
