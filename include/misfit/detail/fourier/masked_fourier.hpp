// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/fourier/common_transform.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/measurement_passes.hpp>
#include <misfit/detail/fourier/origin.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/fourier/run_terms.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

namespace misfit::detail {

/// A x = m ∘ F (c ∘ x) with F orthonormal: what Fourier and CoilFourier are. m and c are Views, or
/// Ones.
template <typename T, typename M, typename C>
class MaskedFourier {
  static_assert(Scalar<T> && is_complex<T>,
                "misfit: Fourier transforms complex images; for real ones see FourierBlur");
  static_assert(is_ones<M> || is_ones<C> ||
                    std::is_same_v<typename M::memory_space, typename C::memory_space>,
                "misfit: mask and coil map lie in one memory space");
  using R = Real<T>;
  using Space = std::conditional_t<is_ones<M>, typename C::memory_space, typename M::memory_space>;
  template <typename V>
  static constexpr bool holds_t = std::is_same_v<typename V::non_const_value_type, T>;

 public:
  using value_type = T;

  /// A move is a copy: it leaves the source as it was.
  MaskedFourier(const MaskedFourier&) = default;
  MaskedFourier& operator=(const MaskedFourier&) = default;

  std::size_t domain_size() const { return shape_.size(); }
  std::size_t range_size() const { return shape_.size(); }
  const Shape& domain_shape() const { return shape_; }
  const Shape& range_shape() const { return shape_; }

  /// d += max |m|² |c|². Blocks.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    double largest = 1;
    if constexpr (!is_ones<M>) largest = largest_squared_abs(exec, mask_);
    const auto c = entries_of(coils_);
    for_indices(
        exec, "misfit::Fourier::add_majorizer", domain_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { d(j) += largest * squared_abs(c[j]); });
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires(holds_t<X> && holds_t<Y>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    phases_.use([&](const auto* phases) {
      const auto to = measurement(phases, y.data());
      fft_->template run<true, false>(exec, load_times(coils_, x), put(to), Nothing{}, nullptr);
    });
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires(holds_t<X> && holds_t<Y>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    phases_.use([&](const auto* phases) {
      const auto from = measurement(phases, as_const(y.data()));
      fft_->template run<false, true>(exec, Nothing{}, get(from), add_times(coils_, x), nullptr);
    });
  }

  /// How many sums the two calls below leave.
  template <typename D>
    requires SeparableDistance<D, T>
  std::size_t partial_sums(const D&) const {
    return static_cast<std::size_t>(fft_->sums());
  }

  /// Leaves d(A x, y) in `sums`. Asynchronous on `exec`.
  template <typename Exec, typename D, typename X, typename Y, typename Sums>
    requires(SeparableDistance<D, T> && holds_t<X>)
  void fused_fn(const Exec& exec, const D& distance, const X& x, const Y& y,
                const Sums& sums) const {
    phases_.use([&](const auto* phases) {
      const auto with = measurement(phases, as_const(y.data()));
      fft_->template run<true, false>(exec, load_times(coils_, x),
                                      compare<Quantity::value>(with, distance, 1.0), Nothing{},
                                      sums.data());
    });
  }

  /// The same, and g += factor A^H ∇d(A x, y): the distance, the mask and the scale between the two
  /// transforms, the coil map in their outer passes. Asynchronous on `exec`.
  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires(SeparableDistance<D, T> && DifferentiableDistance<D, T, Exec> && holds_t<X>)
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const Y& y, double factor,
                         const G& g, const Sums& sums) const {
    compare_and_store(exec, distance, x, y, factor, add_times(coils_, g), sums);
  }

  /// The same, but sets g, to NaN where x is not finite: no pass before it has to.
  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires(SeparableDistance<D, T> && DifferentiableDistance<D, T, Exec> && holds_t<X> &&
             Fft<T, Space>::sums_planes)
  void fused_fn_and_set_grad(const Exec& exec, const D& distance, const X& x, const Y& y,
                             double factor, const G& g, const Sums& sums) const {
    compare_and_store(exec, distance, x, y, factor, set_times(coils_, g), sums);
  }

  /// One of several operators of one transform: its distance, its data, and where its sums go.
  template <typename D>
  struct Term {
    const MaskedFourier* op;
    const D* distance;
    const T* y;
    PartialSum* sums;
  };
  /// Makes terms: others do not see this base.
  const MaskedFourier& term_maker() const { return *this; }
  /// The same for operators that have the shape and the origin in common.
  const void* transform() const { return fft_.get(); }
  /// The transform, for those whose spectra are added.
  using SharedTransform = CommonTransform<T, Space, false>;
  SharedTransform shared_transform() const { return SharedTransform(fft_); }
  /// Whether operators of one transform have the spectrum of x in common: those without coil maps.
  static constexpr bool shares_spectrum = is_ones<C>;
  /// body(make), where make(op, distance, y, factor) is what `op`, of the transform of this one,
  /// does between the transforms: a term for evaluate_terms(). Distances may lie on a device.
  template <Quantity Wanted, typename Body>
  void with_terms(const Body& body) const {
    phases_.use([&](const auto* phases) {
      body([=]<typename D>(const MaskedFourier& op, const D* distance, const T* y, double factor) {
        const auto with = op.measurement(phases, y);
        using Z = std::remove_cvref_t<decltype(*phases)>;
        return MeasurementTerm<Wanted, Z, decltype(entries_of(op.mask_)), T, D>{
            with, distance, static_cast<R>(factor)};
      });
    });
  }
  /// How many sums evaluate_terms() leaves.
  std::size_t sums_of_terms(std::int64_t count) const {
    return detail::sums_of_terms(*fft_, count);
  }
  /// What the fused calls above do, of `count` terms at once. Where no pass before it has to, it
  /// sets g. Asynchronous on `exec`.
  template <Quantity Wanted, typename Exec, typename Term, typename X, typename G, typename Sums>
  void evaluate_terms(const Exec& exec, const Term* terms, std::int64_t count, const X& x,
                      const G& g, const Sums& sums) const {
    run_terms<Wanted>(exec, *fft_, terms, count, x, g, sums);
  }

  /// Whether evaluate_side_by_side() is faster for several operators of one transform.
  bool fits_one_core() const
    requires(Fft<T, Space>::takes_images_side_by_side)
  {
    return fft_->fits_one_core();
  }

  /// The sums of `count` operators of the transform of this one, of which term(w) is the w-th; and,
  /// unless Wanted is the value, g = Σ factor A^H ∇d(A x, y), NaN where x is not finite. Each is
  /// computed by one thread. Asynchronous on `exec`.
  template <Quantity Wanted, typename Exec, typename Terms, typename X, typename G>
  void evaluate_side_by_side(const Exec& exec, const Terms& term, std::int64_t count, const X& x,
                             double factor, const G& g) const {
    phases_.use([&](const auto* phases) {
      using Z = std::remove_cvref_t<decltype(*phases)>;
      fft_->template run_side_by_side<Wanted != Quantity::value>(
          exec, count, g.data(), Images<Wanted, Z, Terms>{phases, term, x.data(), factor});
    });
  }

 protected:
  MaskedFourier(const char* name, const Shape& shape, const M& mask, const C& coils, Origin origin)
      : shape_(shape), mask_(mask), coils_(coils) {
    if (shape.rank() > 3)
      throw ArgumentError(std::string(name) + ": shape " + shape.text() +
                          " has more than 3 dimensions");
    check(std::string(name) + ": mask", mask);
    check(std::string(name) + ": coil map", coils);
    FftGrid grid(shape, shape.rank(), false);
    if (origin == Origin::centre)
      for (int d = 0; d < 3; ++d) grid.origin[d] = grid.n[d] / 2;
    fft_ = shared_by_key<Fft<T, Space>>(grid);  // which refuses what is too large
    phases_ = OriginPhases<T, Space>(grid);
  }

 private:
  using Masks = typename M::const_type;
  using Coils = typename C::const_type;

  /// What HostFft does to the images of several operators.
  template <Quantity Wanted, typename Z, typename Terms>
  struct Images {
    auto load(std::int64_t w) const { return load_times(coils(w), x); }
    auto middle(std::int64_t w) const {
      constexpr Quantity what = Wanted == Quantity::value ? Quantity::value : Quantity::both;
      const auto one = term(w);
      return compare<what>(one.op->measurement(phases, one.y), *one.distance, factor);
    }
    auto set(std::int64_t w, T* sum) const { return set_times(coils(w), sum); }
    auto add(std::int64_t w, T* sum) const { return add_times(coils(w), sum); }
    PartialSum* sums(std::int64_t w) const { return term(w).sums; }
    const Coils& coils(std::int64_t w) const { return term(w).op->coils_; }

    const Z* phases;
    Terms term;
    const T* x;
    double factor;
  };

  template <typename Exec, typename D, typename X, typename Y, typename Store, typename Sums>
  void compare_and_store(const Exec& exec, const D& distance, const X& x, const Y& y, double factor,
                         const Store& store, const Sums& sums) const {
    phases_.use([&](const auto* phases) {
      const auto with = measurement(phases, as_const(y.data()));
      fft_->template run<true, true>(exec, load_times(coils_, x),
                                     compare<Quantity::both>(with, distance, factor), store,
                                     sums.data());
    });
  }

  template <typename V>
  void check(const std::string& what, const V& view) const {
    if constexpr (!is_ones<V>) {
      static_assert(static_cast<std::size_t>(V::rank) == 1 &&
                        !std::is_same_v<typename V::array_layout, Kokkos::LayoutStride>,
                    "misfit: masks and coil maps are contiguous Views of rank 1");
      static_assert(std::is_same_v<Real<typename V::non_const_value_type>, R>,
                    "misfit: masks and coil maps have the precision of the image");
      if (view.extent(0) != shape_.size())
        throw ArgumentError(what + ": has " + std::to_string(view.extent(0)) +
                            " entries, the image has " + std::to_string(shape_.size()));
      require_finite(typename V::execution_space{}, what.c_str(), view);
    }
  }

  template <typename Z, typename Mask>
  static PutMeasurement<Z, Mask, T> put(const Measurement<Z, Mask, T>& to) {
    return {to};
  }
  template <typename Z, typename Mask>
  static GetMeasurement<Z, Mask, T> get(const Measurement<Z, Mask, const T>& from) {
    return {from};
  }

  static const T* as_const(const T* entries) { return entries; }

  template <typename Z, typename U>
  auto measurement(const Z* phases, U* y) const {
    const FftGrid& grid = fft_->grid();
    const auto scale = static_cast<R>(1 / std::sqrt(static_cast<double>(grid.image_size())));
    return Measurement<Z, decltype(entries_of(mask_)), U>{phases, grid.n[0],         grid.n[1],
                                                          scale,  entries_of(mask_), y};
  }

  template <Quantity Wanted, typename Z, typename Mask, typename D>
  static auto compare(const Measurement<Z, Mask, const T>& with, const D& distance, double factor) {
    return CompareMeasurement<Wanted, Z, Mask, T, D>{with, distance, static_cast<R>(factor)};
  }

  Shape shape_;
  Masks mask_;
  Coils coils_;
  OriginPhases<T, Space> phases_;
  std::shared_ptr<const Fft<T, Space>> fft_;
};

}  // namespace misfit::detail
