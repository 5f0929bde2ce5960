// SPDX-License-Identifier: BSD-3-Clause
#include "fftw.hpp"

#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <tuple>

// FFTW's plans are estimated by default, not measured: a measurement chooses other sums from run to
// run and from rank to rank, and with them other last bits. But where FFTW knows of a measured plan
// it takes that for an estimate, too: so it has to forget, for as long as it estimates.

namespace misfit::detail {

template <typename R>
std::shared_ptr<const FftwPlan<R>> FftwPlan<R>::of(const FftLineGroup& lines, FftKind kind,
                                                   FourierPlanning planning) {
  using Key = std::tuple<FftLineGroup, FftKind, FourierPlanning>;
  static std::map<Key, std::weak_ptr<const FftwPlan>> plans;
  // Made with its counts of owners, in one: else it would end here, and wait for this lock, where
  // there is no memory for these.
  struct Counted : FftwPlan {
    Counted(const FftLineGroup& l, FftKind k, FourierPlanning p) : FftwPlan(l, k, p) {}
  };
  const std::lock_guard lock(fftw_planner());
  std::erase_if(plans, [](const auto& plan) { return plan.second.expired(); });
  auto& known = plans[{lines, kind, planning}];
  auto plan = known.lock();
  if (!plan) known = plan = std::make_shared<const Counted>(lines, kind, planning);
  return plan;
}

template <typename R>
FftwPlan<R>::FftwPlan(const FftLineGroup& lines, FftKind kind, FourierPlanning planning) {
  using Library = Fftw<R>;
  const bool measured = planning == FourierPlanning::measure;
  if (lines.n > std::numeric_limits<int>::max())
    throw ArgumentError("Fourier transform: " + std::to_string(lines.n) +
                        " entries in one dimension are too many");
  const int n = static_cast<int>(lines.n);
  // An estimate wants to see how lines are aligned, and does not touch them.
  const std::int64_t all =
      measured ? (lines.n - 1) * lines.stride + (lines.count - 1) * lines.distance + 1 : lines.n;
  // Of reals: to end a View of complex numbers takes memory in Kokkos 3.
  const Kokkos::View<R*, Kokkos::HostSpace> first("misfit::FftwPlan::in", 2 * all),
      second("misfit::FftwPlan::out", lines.in_place ? 0 : 2 * all);
  auto* const in = as_fftw(reinterpret_cast<Complex*>(first.data()));
  auto* const out = lines.in_place ? in : as_fftw(reinterpret_cast<Complex*>(second.data()));
  const unsigned how = measured ? FFTW_MEASURE : FFTW_ESTIMATE;
  const std::string wisdom = measured ? "" : fftw_wisdom<R>();
  if (!measured) Library::forget();
  if (kind == FftKind::real_forward) {
    plan_ = Library::real_forward(n, reinterpret_cast<R*>(in), out, how);
  } else if (kind == FftKind::real_backward) {
    plan_ = Library::real_backward(n, in, reinterpret_cast<R*>(out), how);
  } else {
    const auto stride = static_cast<std::ptrdiff_t>(lines.stride),
               distance = static_cast<std::ptrdiff_t>(lines.distance);
    const typename Library::Dimension line{n, stride, stride},
        group{static_cast<std::ptrdiff_t>(lines.count), distance, distance};
    plan_ = Library::complex(1, &line, 1, &group, in, out,
                             kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, how);
  }
  if (!measured) Library::learn(wisdom.c_str());
  if (plan_ == nullptr) throw Error("FFTW made no plan for " + std::to_string(n) + " entries");
}

// Not under the lock of of(), which never drops the last owner of a plan.
template <typename R>
FftwPlan<R>::~FftwPlan() {
  destroy_fftw_plan<R>(plan_);
}

template <typename R>
void FftwPlan<R>::operator()(Complex* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwPlan<R>::operator()(R* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwPlan<R>::operator()(Complex* in, R* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}

template class FftwPlan<float>;
template class FftwPlan<double>;

}  // namespace misfit::detail
