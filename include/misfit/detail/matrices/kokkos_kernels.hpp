// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that knows what differs between Kokkos Kernels 3.4 and newer ones.

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/views.hpp>

#include <KokkosBlas2_gemv.hpp>
#include <KokkosSparse_CrsMatrix.hpp>
#include <KokkosSparse_spmv.hpp>
#include <Kokkos_Core.hpp>

#include <cstddef>

namespace misfit::detail {

/// Runs `call()` of a Kokkos Kernels that knows no instances: after the work on `exec`, and done
/// when this returns.
template <typename Other, typename Exec, typename Call>
void run_on_default_instance(const Exec& exec, Call&& call) {
  fence(exec, "misfit: before a call on the default instance");
  call();
  fence(Other{}, "misfit: after a call on the default instance");
}

/// y = beta y where beta is 0 or 1. Asynchronous on `exec`.
template <typename Exec, typename Y, typename T>
void keep_or_clear(const Exec& exec, const T& beta, const Y& y) {
  if (beta == T(0)) fill(exec, T(0), y);
}

template <typename T, typename Layout, typename Exec>
using MatrixView = Kokkos::View<const T**, Layout, typename Exec::memory_space,
                                Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

template <typename Exec, typename T, typename Layout>
void gemv_of(const Exec& exec, const char* mode, const MatrixView<T, Layout, Exec>& a,
             const Vector<const T, typename Exec::memory_space>& x, const T& beta,
             const Vector<T, typename Exec::memory_space>& y) {
  const T one(1);
  if (a.extent(0) == 0 || a.extent(1) == 0)
    keep_or_clear(exec, beta, y);
  else if constexpr (requires { KokkosBlas::gemv(exec, mode, one, a, x, beta, y); })
    KokkosBlas::gemv(exec, mode, one, a, x, beta, y);
  else
    run_on_default_instance<typename MatrixView<T, Layout, Exec>::execution_space>(
        exec, [&] { KokkosBlas::gemv(mode, one, a, x, beta, y); });
}

/// y = op(A) x + beta y, where op(A) is A for 'N' and A^H for 'C' and beta is 0 or 1. A may have no
/// rows or no columns. Asynchronous on `exec` where Kokkos Kernels can.
template <typename Exec, typename A, typename X, typename Y>
void gemv(const Exec& exec, const char* mode, const A& a, const X& x,
          typename Y::const_value_type& beta, const Y& y) {
  gemv_of<Exec, typename Y::value_type, typename A::array_layout>(exec, mode, a, x, beta, y);
}

template <typename Exec, typename Value, typename Ordinal, typename Offset, typename Device>
void spmv_of(const Exec& exec, const CompressedRows<Value, Ordinal, Offset, Device>& a,
             const Vector<const Value, typename Device::memory_space>& x, const Value& beta,
             const Vector<Value, typename Device::memory_space>& y) {
  using Matrix = KokkosSparse::CrsMatrix<const Value, const Ordinal, Device,
                                         Kokkos::MemoryTraits<Kokkos::Unmanaged>, const Offset>;
  if (a.values.extent(0) == 0) return keep_or_clear(exec, beta, y);
  const Matrix matrix("misfit::Sparse", static_cast<Ordinal>(a.n_rows()),
                      static_cast<Ordinal>(a.n_columns), static_cast<Offset>(a.values.extent(0)),
                      a.values, a.row_map, a.columns);
  const Value one(1);
  if constexpr (requires { KokkosSparse::spmv(exec, "N", one, matrix, x, beta, y); })
    KokkosSparse::spmv(exec, "N", one, matrix, x, beta, y);
  else
    run_on_default_instance<typename Device::execution_space>(
        exec, [&] { KokkosSparse::spmv("N", one, matrix, x, beta, y); });
}

/// y = A x + beta y for a sparse A, where beta is 0 or 1. Asynchronous on `exec` where Kokkos
/// Kernels can.
template <typename Exec, typename Value, typename Ordinal, typename Offset, typename Device,
          typename X, typename Y>
void spmv(const Exec& exec, const CompressedRows<Value, Ordinal, Offset, Device>& a, const X& x,
          const Value& beta, const Y& y) {
  spmv_of<Exec, Value, Ordinal, Offset, Device>(exec, a, x, beta, y);
}

// Compiled once, in core/, for the default execution space and the usual indices, where that is a
// GPU: the passes of a CPU call neither.
#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL) || \
    defined(MISFIT_DEVICE_FORMS)
#define MISFIT_FOR_PRODUCTS(macro, prefix) \
  MISFIT_FOR_SCALARS(macro, prefix, Kokkos::DefaultExecutionSpace)
#else
#define MISFIT_FOR_PRODUCTS(macro, prefix)
#endif

#define MISFIT_GEMV(prefix, Exec, T, Layout)                        \
  prefix template void gemv_of<Exec, T, Layout>(                    \
      const Exec&, const char*, const MatrixView<T, Layout, Exec>&, \
      const Vector<const T, Exec::memory_space>&, const T&, const Vector<T, Exec::memory_space>&);
#define MISFIT_GEMVS(prefix, Exec, T)              \
  MISFIT_GEMV(prefix, Exec, T, Kokkos::LayoutLeft) \
  MISFIT_GEMV(prefix, Exec, T, Kokkos::LayoutRight)
MISFIT_FOR_PRODUCTS(MISFIT_GEMVS, extern)

#define MISFIT_SPMV(prefix, Exec, T, Offset)                                               \
  prefix template void spmv_of(                                                            \
      const Exec&, const CompressedRows<T, int, Offset, Kokkos::View<int*>::device_type>&, \
      const Vector<const T>&, const T&, const Vector<T>&);
#define MISFIT_SPMVS(prefix, Exec, T) \
  MISFIT_SPMV(prefix, Exec, T, int) MISFIT_SPMV(prefix, Exec, T, std::size_t)
MISFIT_FOR_PRODUCTS(MISFIT_SPMVS, extern)

}  // namespace misfit::detail
