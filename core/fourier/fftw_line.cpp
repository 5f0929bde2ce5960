// SPDX-License-Identifier: BSD-3-Clause
#include "fftw.hpp"

#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <limits>
#include <map>
#include <string>
#include <tuple>

// FFTW's plans are estimated, not measured: a measurement would choose other sums from run to run
// and from rank to rank, and with them other last bits. Estimates are good for the only thing asked
// of FFTW here: one line of entries, one behind the other.

namespace misfit::detail {

template <typename R>
std::shared_ptr<const FftwLine<R>> FftwLine<R>::of(std::int64_t n, FftKind kind) {
  static std::map<std::tuple<std::int64_t, FftKind>, std::weak_ptr<const FftwLine>> plans;
  const std::lock_guard lock(fftw_planner());
  auto& known = plans[{n, kind}];
  auto plan = known.lock();
  if (!plan) known = plan = std::shared_ptr<const FftwLine>(new FftwLine(n, kind));
  return plan;
}

template <typename R>
FftwLine<R>::FftwLine(std::int64_t length, FftKind kind) {
  using Library = Fftw<R>;
  if (length > std::numeric_limits<int>::max())
    throw ArgumentError("Fourier transform: " + std::to_string(length) +
                        " entries in one dimension are too many");
  const int n = static_cast<int>(length);
  // Planning wants to see how lines are aligned, and does not touch them.
  const Kokkos::View<Complex*, Kokkos::HostSpace> in("misfit::FftwLine::in", n),
      out("misfit::FftwLine::out", n);
  const unsigned how = FFTW_ESTIMATE;
  if (kind == FftKind::real_forward)
    plan_ = Library::real_forward(n, reinterpret_cast<R*>(in.data()), as_fftw(out.data()), how);
  else if (kind == FftKind::real_backward)
    plan_ = Library::real_backward(n, as_fftw(in.data()), reinterpret_cast<R*>(out.data()), how);
  else
    plan_ = Library::complex(n, as_fftw(in.data()), as_fftw(out.data()),
                             kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, how);
  if (plan_ == nullptr) throw Error("FFTW made no plan for " + std::to_string(n) + " entries");
}

// Not under the lock of of(), which never drops the last owner of a plan.
template <typename R>
FftwLine<R>::~FftwLine() {
  destroy_fftw_plan<R>(plan_);
}

template <typename R>
void FftwLine<R>::operator()(Complex* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwLine<R>::operator()(R* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwLine<R>::operator()(Complex* in, R* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}

template class FftwLine<float>;
template class FftwLine<double>;

}  // namespace misfit::detail
