// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace misfit {

/// How FFTW's plans for the Fourier operators are chosen, on a CPU.
enum class FourierPlanning {
  /// By rules alone: the same plans in every run, on every rank, whatever else uses FFTW. (Where a
  /// program has called fftw_plan_with_nthreads, it sets 1 while it makes operators.)
  estimate,
  /// By trying which are fastest, for up to seconds a shape. Another run or rank may choose others,
  /// whose results differ in their last bits, unless all it needs is in the same wisdom.
  measure
};

/// Sets how operators plan that this process makes from now on: FourierPlanning::estimate, unless
/// this was called. Those made before stay as they are. An operator plans when it is made.
void set_fourier_planning(FourierPlanning planning);

/// What was set.
FourierPlanning fourier_planning();

/// Writes what this process has measured for FFTW, in both precisions, to `file`. Throws FileError
/// if that fails.
void write_fourier_wisdom(const std::string& file);

/// Adds what write_fourier_wisdom() wrote to what is known. With FourierPlanning::measure,
/// operators of the shapes for which it was written then plan without measuring, and all processes
/// that read it get the same plans.
///
/// Throws FileError if the file cannot be read, holds something else, or comes from another build
/// of FFTW; what was known stays.
void read_fourier_wisdom(const std::string& file);

}  // namespace misfit
