// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

/// What is compiled once, in core/, for the scalar types: `macro(prefix, Exec, T)` for each, with
/// `extern` as prefix in the header and nothing in the source.
#define MISFIT_FOR_SCALARS(macro, prefix, Exec)          \
  macro(prefix, Exec, float) macro(prefix, Exec, double) \
      macro(prefix, Exec, Kokkos::complex<float>) macro(prefix, Exec, Kokkos::complex<double>)
