// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/flipped_kernel.hpp>
#include <misfit/detail/fourier/common_transform.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/image_bounds.hpp>
#include <misfit/detail/fourier/kernel_image.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/fourier/run_terms.hpp>
#include <misfit/detail/fourier/spectrum_passes.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/upload.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit {

/// Circular convolution by Fourier transforms: what Blur is with Padding::circular, at a cost that
/// does not depend on the size of the kernel. Images of real `T` take transforms of half the size.
///
/// A kernel without negative entries leaves a real image as far from 0 as it was: results lie
/// between Σh min x and Σh max x, and what rounding puts beyond is cut off, in A and in A^H. (So
/// for kernels without positive entries.) Images that are not negative have blurs that are not, and
/// Poisson and Amplitude take them; see also rounding().
///
/// With L2 misfit takes value and gradient in two transforms, for the residual stays in Fourier
/// space: g = F^−1 (conj(h) (h F x − F y) / σ²). For that F y is kept with each y, and a copy of y
/// that tells whether it has changed: twice the memory of y more. (On a GPU F y is computed every
/// time.) Operators of one shape share plans and memory to work in; those of a rank, on a CPU, take
/// one transform of x and one of the gradient together. On a CPU a call is complete when it
/// returns.
///
/// For a Shape{4}, h = (1, 2, 4) and x = (1, 0, 0, 0): A x = (2, 4, 0, 1), A^H A x = (21, 10, 8,
/// 10).
template <Scalar T, typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class FourierBlur {
  using R = detail::Real<T>;
  using Complex = Kokkos::complex<R>;
  template <typename V>
  static constexpr bool holds_t = std::is_same_v<typename V::non_const_value_type, T>;

 public:
  /// Of images.
  using value_type = T;

  /// h = `kernel`, a View of rank 1, 2 or 3, as in Blur; one of real entries also for complex `T`.
  /// Copied. Blocks.
  ///
  /// Throws ArgumentError if h is empty, not finite, of a higher rank than `shape`, or so large
  /// that it would go round the image more than once.
  template <KokkosView Kernel>
  FourierBlur(const Shape& shape, const Kernel& kernel)
      : shape_(shape), grid_(grid_of<Kernel>(shape)) {
    using Value = typename Kernel::non_const_value_type;
    static_assert(std::is_same_v<detail::Real<Value>, R> &&
                      (detail::is_complex<T> || !detail::is_complex<Value>),
                  "misfit: the kernel has the precision of the image, and is real if that is");
    fft_ = detail::shared_by_key<detail::Fft<T, MemorySpace>>(grid_);
    const auto flipped = detail::flipped_kernel<Value>(kernel, "FourierBlur");
    kernel_ = detail::kernel_sums(flipped.entries);
    set_spectrum(flipped, static_cast<std::size_t>(Kernel::rank));
  }

  /// A move is a copy: it leaves the source as it was.
  FourierBlur(const FourierBlur&) = default;
  /// Likewise.
  FourierBlur& operator=(const FourierBlur&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return shape_.size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return shape_; }
  /// The shape of A x.
  const Shape& range_shape() const { return shape_; }

  /// ‖A‖², the largest |F h|² without scale. Blocks.
  double norm_squared_bound() const {
    return detail::largest_squared_abs(typename MemorySpace::execution_space{}, spectrum_);
  }

  /// ρ = u log₂(2N) ‖h‖₂, with u the unit roundoff of T and N the size of an image: entries of A x
  /// are off by no more than ρ ‖x‖₂ (see RoundingOperator).
  ///
  /// A transform F of N entries is off by c u log₂ N in norm, relative, with c < 7 at worst (N. J.
  /// Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 24.1). What that puts
  /// into F x, and into F h, reaches an entry of A x through F^−1 as at most that times ‖h‖₂ ‖x‖₂,
  /// by Cauchy and Schwarz; so does what F^−1 adds, relative to Σ_k |(F h)_k (F x)_k| / N. But
  /// roundings are nearly independent, and most of their sum cancels: of images of 7² to 1024²
  /// entries, points, lines, discs and noise, no entry was off by more than 0.6 ρ ‖x‖₂, and most
  /// images had none beyond 0.1 ρ ‖x‖₂.
  double rounding() const {
    return detail::unit_roundoff<T> * kernel_.norm *
           std::log2(2.0 * static_cast<double>(grid_.image_size()));
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires(holds_t<X> && holds_t<Y>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    fft_->template run<true, true>(exec, load(x),
                                   detail::TimesSpectrum<false, Complex>{spectrum_.data(), scale()},
                                   store<false>(exec, x, y), nullptr);
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires(holds_t<X> && holds_t<Y>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    fft_->template run<true, true>(exec, load(y),
                                   detail::TimesSpectrum<true, Complex>{spectrum_.data(), scale()},
                                   store<true>(exec, y, x), nullptr);
  }

  /// F y, which the fused passes are given for y: as many entries, and how to set them.
  /// Asynchronous on `exec`.
  std::size_t prepared_size() const {
    const auto entries = static_cast<std::size_t>(grid_.batch * grid_.spectrum_size());
    return entries * (sizeof(Complex) / sizeof(T));
  }
  /// Sets `prepared` = F y (see PreparingOperator). Asynchronous on `exec`.
  template <typename Exec, typename Y, typename P>
    requires(holds_t<Y>)
  void prepare(const Exec& exec, const Y& y, const P& prepared) const {
    fft_->template run<true, false>(
        exec, load(y), detail::PutSpectrum<Complex>{reinterpret_cast<Complex*>(prepared.data())},
        detail::Nothing{}, nullptr);
  }

  /// How many sums the calls below leave (see FusedOperator).
  template <UniformDistance D>
  std::size_t partial_sums(const D&) const {
    return static_cast<std::size_t>(fft_->sums());
  }

  /// Leaves d(A x, y) in `sums`, by Parseval's theorem: one transform. Asynchronous on `exec`.
  template <typename Exec, UniformDistance D, typename X, typename P, typename Sums>
    requires(holds_t<X>)
  void fused_fn(const Exec& exec, const D& distance, const X& x, const P& prepared,
                const Sums& sums) const {
    fft_->template run<true, false>(exec, load(x), compare<false>(distance, 1.0, prepared.data()),
                                    detail::Nothing{}, sums.data());
  }

  /// The same, and g += factor A^H ∇d(A x, y): two transforms. Asynchronous on `exec`.
  template <typename Exec, UniformDistance D, typename X, typename P, typename G, typename Sums>
    requires(holds_t<X>)
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const P& prepared,
                         double factor, const G& g, const Sums& sums) const {
    fft_->template run<true, true>(exec, load(x), compare<true>(distance, factor, prepared.data()),
                                   add(g), sums.data());
  }

  /// The same, but sets g, to NaN where x is not finite: no pass before it has to.
  template <typename Exec, UniformDistance D, typename X, typename P, typename G, typename Sums>
    requires(holds_t<X> && detail::Fft<T, MemorySpace>::sums_planes)
  void fused_fn_and_set_grad(const Exec& exec, const D& distance, const X& x, const P& prepared,
                             double factor, const G& g, const Sums& sums) const {
    fft_->template run<true, true>(exec, load(x), compare<true>(distance, factor, prepared.data()),
                                   detail::set_times(detail::Ones<R>(), g), sums.data());
  }

  /// \cond
  // Several at once: as in detail::MaskedFourier.
  static constexpr bool shares_spectrum = detail::Fft<T, MemorySpace>::sums_planes;
  const FourierBlur& term_maker() const { return *this; }
  const void* transform() const { return fft_.get(); }
  using SharedTransform = detail::CommonTransform<T, MemorySpace, true>;
  SharedTransform shared_transform() const { return SharedTransform(fft_); }
  template <detail::Quantity Wanted, typename Body>
  void with_terms(const Body& body) const {
    body(
        []<typename D>(const FourierBlur& op, const D* distance, const T* prepared, double factor) {
          constexpr bool with_gradient = Wanted != detail::Quantity::value;
          return op.compare<with_gradient>(*distance, factor, prepared);
        });
  }
  std::size_t sums_of_terms(std::int64_t count) const {
    return detail::sums_of_terms(*fft_, count);
  }
  template <detail::Quantity Wanted, typename Exec, typename Term, typename X, typename G,
            typename Sums>
  void evaluate_terms(const Exec& exec, const Term* terms, std::int64_t count, const X& x,
                      const G& g, const Sums& sums) const {
    detail::run_terms<Wanted>(exec, *fft_, terms, count, x, g, sums);
  }
  /// \endcond

 private:
  template <typename X>
  static auto load(const X& x) {
    return detail::load_times(detail::Ones<R>(), x);
  }
  template <typename X>
  static auto add(const X& x) {
    return detail::add_times(detail::Ones<R>(), x);
  }

  /// Sets `to`, or adds to it, a convolution of `from`.
  template <bool Adds, typename Exec, typename In, typename Out>
  auto store(const Exec& exec, const In& from, const Out& to) const {
    if constexpr (!detail::is_complex<T>) {
      using Within = detail::BoundsFor<Exec, T>;
      const Within within = kernel_.of_one_sign
                                ? detail::convolution_bounds<Exec, T>(
                                      exec, from.data(), shape_.size(), kernel_.sum, bounds_)
                                : Within{};
      return detail::StoreWithin<Adds, T, Within>{to.data(), within};
    } else if constexpr (Adds) {
      return add(to);
    } else {
      return detail::Put<T>{to.data()};
    }
  }

  /// What makes transforms there and back the identity.
  R scale() const { return static_cast<R>(1.0 / static_cast<double>(grid_.image_size())); }

  template <bool WithGradient, typename D>
  auto compare(const D& distance, double factor, const T* prepared) const {
    const double weight = distance.uniform_weight();
    const double half = 0.5 * weight / static_cast<double>(grid_.image_size());
    const double whole = factor * weight;
    const bool beyond = std::isnormal(whole) && !std::isnormal(static_cast<R>(whole));
    const double part = beyond ? std::sqrt(whole) : 1.0;
    return detail::CompareSpectrum<WithGradient, !detail::is_complex<T>, Complex>{
        spectrum_.data(),
        reinterpret_cast<const Complex*>(prepared),
        grid_.n[2],
        half,
        static_cast<R>(whole / part),
        static_cast<R>(part),
        scale()};
  }

  template <typename Kernel>
  static detail::FftGrid grid_of(const Shape& shape) {
    constexpr auto blurred = static_cast<std::size_t>(Kernel::rank);
    if (blurred > shape.rank())
      throw ArgumentError("FourierBlur: kernel of rank " + std::to_string(blurred) +
                          " for an image of shape " + shape.text());
    return detail::FftGrid(shape, blurred, !detail::is_complex<T>);
  }

  /// The transform of the kernel, with its entry c at 0, as an image.
  template <typename Value>
  void set_spectrum(const detail::FlippedKernel<Value>& flipped, std::size_t rank) {
    const std::vector<T> image = detail::kernel_image<T>(grid_, flipped, rank);
    detail::FftGrid one = grid_;
    one.batch = 1;
    const Kokkos::View<Complex*, MemorySpace> spectrum(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::FourierBlur::spectrum"),
        static_cast<std::size_t>(one.spectrum_size()));
    const typename MemorySpace::execution_space exec;
    const auto entries = detail::in_space<MemorySpace>(image, "misfit::FourierBlur::kernel");
    const auto fft = detail::shared_by_key<detail::Fft<T, MemorySpace>>(one);  // until the fence
    fft->template run<true, false>(exec, load(entries),
                                   detail::PutSpectrum<Complex>{spectrum.data()}, detail::Nothing{},
                                   nullptr);
    detail::fence(exec, "misfit::FourierBlur: the kernel's spectrum is ready");
    spectrum_ = spectrum;
  }

  Shape shape_;
  detail::FftGrid grid_;
  detail::KernelSums kernel_;
  mutable detail::Workspace bounds_;
  Kokkos::View<const Complex*, MemorySpace> spectrum_;
  std::shared_ptr<const detail::Fft<T, MemorySpace>> fft_;
};

/// \cond
template <KokkosView Kernel>
FourierBlur(const Shape&, const Kernel&) -> FourierBlur<typename Kernel::non_const_value_type>;
/// \endcond

}  // namespace misfit
