// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/distance_entry.hpp>
#include <misfit/detail/fft_grid.hpp>
#include <misfit/detail/fft_passes.hpp>
#include <misfit/detail/fft_pool.hpp>
#include <misfit/detail/finite.hpp>
#include <misfit/detail/flipped_kernel.hpp>
#include <misfit/detail/scalar.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/origin.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// z_k = scale φ_0(k0) φ_1(k1) φ_2(k2), the phases of one dimension behind those of the other.
template <typename Z>
struct Phases {
  KOKKOS_FORCEINLINE_FUNCTION Z of_row(std::int64_t k0, std::int64_t k1) const {
    return scale * (tables[k0] * tables[n0 + k1]);
  }
  KOKKOS_FORCEINLINE_FUNCTION const Z* of_last() const { return tables + n0 + n1; }

  const Z* tables;
  std::int64_t n0, n1;
  Real<Z> scale;
};

/// y_q = m_q z_k v, the end of a forward transform.
template <typename Z, typename M, typename Y>
struct PutMeasurement {
  struct Row {
    template <typename C>
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t q, std::int64_t k2, C& v, double&,
                                                double&) const {
      y(q) = m(q) * (row * phase[k2] * v);
    }
    void prefetch(std::int64_t q, std::int64_t, std::int64_t count) const {
      prefetch_view(m, q, count);
      prefetch_view(y, q, count);
    }
    Z row;
    const Z* phase;
    M m;
    Y y;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t k0, std::int64_t k1) const {
    return {phases.of_row(k0, k1), phases.of_last(), m, y};
  }
  Phases<Z> phases;
  M m;
  Y y;
};

/// v = conj(m_q z_k) y_q, the beginning of an adjoint.
template <typename Z, typename M, typename Y>
struct GetMeasurement {
  struct Row {
    template <typename C>
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t q, std::int64_t k2, C& v, double&,
                                                double&) const {
      v = conj(row * phase[k2]) * (conj(m(q)) * y(q));
    }
    void prefetch(std::int64_t q, std::int64_t, std::int64_t count) const {
      prefetch_view(m, q, count);
      prefetch_view(y, q, count);
    }
    Z row;
    const Z* phase;
    M m;
    Y y;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t k0, std::int64_t k1) const {
    return {phases.of_row(k0, k1), phases.of_last(), m, y};
  }
  Phases<Z> phases;
  M m;
  Y y;
};

/// u = m_q z_k v, its distance from y_q, and v = conj(m_q z_k) factor ∇d: the end of a forward
/// transform and the beginning of the adjoint.
template <Want Wanted, typename Z, typename M, typename Y, typename D>
struct CompareMeasurement {
  struct Row {
    template <typename C>
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t q, std::int64_t k2, C& v,
                                                double& value, double& outside) const {
      const Z z = row * phase[k2];
      const C u = m(q) * (z * v), data = y(q);
      const C r = evaluate_entry<Wanted, D, C>(distance, q, u, data, factor, value, outside);
      if constexpr (Wanted != Want::value) v = conj(z) * (conj(m(q)) * r);
    }
    void prefetch(std::int64_t q, std::int64_t, std::int64_t count) const {
      prefetch_view(m, q, count);
      prefetch_view(y, q, count);
    }
    Z row;
    const Z* phase;
    M m;
    Y y;
    D distance;
    Real<Z> factor;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t k0, std::int64_t k1) const {
    return {phases.of_row(k0, k1), phases.of_last(), m, y, distance, factor};
  }
  Phases<Z> phases;
  M m;
  Y y;
  D distance;
  Real<Z> factor;
};

/// A x = m ∘ F (c ∘ x) with F orthonormal: what Fourier and CoilFourier are. m and c are Views, or
/// Ones.
template <typename T, typename M, typename C>
class MaskedFourier {
  static_assert(Scalar<T> && is_complex<T>,
                "misfit: Fourier transforms complex images; for real ones see FourierBlur");
  using R = Real<T>;
  using Space = std::conditional_t<is_ones<M>, typename C::memory_space, typename M::memory_space>;
  template <typename V>
  static constexpr bool holds_t = std::is_same_v<typename V::non_const_value_type, T>;

 public:
  using value_type = T;

  std::size_t domain_size() const { return shape_.size(); }
  std::size_t range_size() const { return shape_.size(); }
  const Shape& domain_shape() const { return shape_; }
  const Shape& range_shape() const { return shape_; }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
  requires(holds_t<X>&& holds_t<Y>) void apply(const Exec& exec, const X& x, const Y& y) const {
    with_phases([&](const auto& phases) {
      using Z = std::remove_const_t<std::remove_pointer_t<decltype(phases.tables)>>;
      fft_->template run<true, false>(exec, LoadTimes<Coils, X>{coils_, x},
                                      PutMeasurement<Z, Masks, Y>{phases, mask_, y}, Nothing{},
                                      nullptr);
    });
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
  requires(holds_t<X>&& holds_t<Y>) void apply_adjoint(const Exec& exec, const Y& y,
                                                       const X& x) const {
    with_phases([&](const auto& phases) {
      using Z = std::remove_const_t<std::remove_pointer_t<decltype(phases.tables)>>;
      fft_->template run<false, true>(exec, Nothing{},
                                      GetMeasurement<Z, Masks, Y>{phases, mask_, y},
                                      AddTimes<Coils, X>{coils_, x}, nullptr);
    });
  }

  /// How many sums the two calls below leave.
  template <typename D>
  requires SeparableDistance<D, T> std::size_t partial_sums(const D&)
  const { return static_cast<std::size_t>(fft_->sums()); }

  /// Leaves d(A x, y) in `sums`. Asynchronous on `exec`.
  template <typename Exec, typename D, typename X, typename Y, typename Sums>
  requires(SeparableDistance<D, T>&& holds_t<X>) void fused_fn(const Exec& exec, const D& distance,
                                                               const X& x, const Y& y,
                                                               const Sums& sums) const {
    with_phases([&](const auto& phases) {
      using Z = std::remove_const_t<std::remove_pointer_t<decltype(phases.tables)>>;
      fft_->template run<true, false>(
          exec, LoadTimes<Coils, X>{coils_, x},
          CompareMeasurement<Want::value, Z, Masks, Y, D>{phases, mask_, y, distance, R(1)},
          Nothing{}, sums.data());
    });
  }

  /// The same, and g += factor A^H ∇d(A x, y): the distance, the mask and the scale between the two
  /// transforms, the coil map in their outer passes. Asynchronous on `exec`.
  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
  requires(SeparableDistance<D, T>&& DifferentiableDistance<D, T, Exec>&&
               holds_t<X>) void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x,
                                                  const Y& y, double factor, const G& g,
                                                  const Sums& sums) const {
    with_phases([&](const auto& phases) {
      using Z = std::remove_const_t<std::remove_pointer_t<decltype(phases.tables)>>;
      fft_->template run<true, true>(exec, LoadTimes<Coils, X>{coils_, x},
                                     CompareMeasurement<Want::both, Z, Masks, Y, D>{
                                         phases, mask_, y, distance, static_cast<R>(factor)},
                                     AddTimes<Coils, G>{coils_, g}, sums.data());
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
    set_phases(grid);
    fft_ = shared_by_key<Fft<T, Space>>(grid);
  }

 private:
  using Masks = typename M::const_type;
  using Coils = typename C::const_type;

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

  /// The transform of an image whose coordinates are counted from c, at frequencies counted from
  /// c, is that of its entries times Π e^{2πi (k − c) c / n}: signs where all n are even. Where c
  /// is 0 that is 1.
  void set_phases(const FftGrid& grid) {
    bool real = true;
    std::vector<T> phases;
    for (int d = 0; d < 3; ++d) {
      const std::int64_t n = grid.n[d], c = grid.origin[d];
      real = real && (c == 0 || 2 * c == n);
      for (std::int64_t k = 0; k < n; ++k) {
        // Reduced before the angle, so that it is right to rounding; halves and wholes exactly.
        const std::int64_t turns = ((k - c + n) % n) * c % n;
        const double angle = 2 * M_PI * static_cast<double>(turns) / static_cast<double>(n);
        const double sign = turns == 0 ? 1 : -1;
        phases.push_back(turns == 0 || 2 * turns == n
                             ? make_scalar<T>(sign, 0)
                             : make_scalar<T>(std::cos(angle), std::sin(angle)));
      }
    }
    if (real) {
      std::vector<R> signs;
      for (const T& z : phases) signs.push_back(z.real());
      signs_ = in_space<Space>(signs, "misfit::Fourier::signs");
    } else {
      phases_ = in_space<Space>(phases, "misfit::Fourier::phases");
    }
  }

  template <typename Body>
  void with_phases(const Body& body) const {
    const FftGrid& grid = fft_->grid();
    const auto scale = static_cast<R>(1 / std::sqrt(static_cast<double>(grid.image_size())));
    if (signs_.size() > 0)
      body(Phases<R>{signs_.data(), grid.n[0], grid.n[1], scale});
    else
      body(Phases<T>{phases_.data(), grid.n[0], grid.n[1], scale});
  }

  Shape shape_;
  Masks mask_;
  Coils coils_;
  Kokkos::View<const R*, Space> signs_;
  Kokkos::View<const T*, Space> phases_;  // where one of the signs is none
  std::shared_ptr<const Fft<T, Space>> fft_;
};

}  // namespace misfit::detail
