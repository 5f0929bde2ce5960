// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that knows what differs between Kokkos 3.4 and 5.x.

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#ifndef KOKKOS_VERSION
#error "misfit needs Kokkos 3.4 or later"
#endif

namespace misfit::detail {

/// sqrt, exp, log, ... for host and device.
#if KOKKOS_VERSION >= 30700
namespace math = Kokkos;
#else
namespace math = Kokkos::Experimental;
#endif

#if defined(KOKKOS_ENABLE_HIP)
/// The execution space of AMD's GPUs.
#if KOKKOS_VERSION >= 40000
using Hip = Kokkos::HIP;
#else
using Hip = Kokkos::Experimental::HIP;
#endif
#endif

/// Waits for the work on `exec`; `label` is "who: why" and shows in profiles where Kokkos can.
template <typename Exec>
void fence(const Exec& exec, const char* label) {
  if constexpr (requires { exec.fence(std::string(label)); }) {
    std::string name;
    try {
      name = label;
    } catch (const std::bad_alloc&) {
      name.clear();  // ranks may have agreed that nothing fails
    }
    exec.fence(name);
  } else {
    exec.fence();
  }
}

/// Whether kernels of `Exec` run on a CPU, where they read what the host reads.
template <typename Exec>
inline constexpr bool on_host =
    bool(Kokkos::SpaceAccessibility<Exec, Kokkos::HostSpace>::accessible);

/// Whether the host reads the memory of `Space`, a memory space or a type that has one.
template <typename Space>
inline constexpr bool host_reads =
    bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename Space::memory_space>::accessible);

#if defined(MISFIT_DEVICE_FORMS) && \
    (defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL))
#error "MISFIT_DEVICE_FORMS is for a Kokkos without a GPU: with one, passes take these forms there"
#endif

/// Whether passes on `Exec` take the form that is fast on a CPU: a thread does much work at once,
/// in vectors and in its cache. Else they take that of a GPU: a thread does one entry, or the
/// threads of a team share a sum. Both run everywhere: with MISFIT_DEVICE_FORMS, which is for
/// misfit's own tests, a CPU runs the forms of a GPU.
template <typename Exec>
#if defined(MISFIT_DEVICE_FORMS)
inline constexpr bool in_cpu_form = false;
#else
inline constexpr bool in_cpu_form = on_host<Exec>;
#endif

/// How many threads share a sum on a GPU; for a CPU that runs its forms, what every backend can.
template <typename Exec>
inline constexpr int team_size = on_host<Exec> ? 1 : 256;

/// Whether kernels of `Exec` have one thread.
template <typename Exec>
#if defined(KOKKOS_ENABLE_SERIAL)
inline constexpr bool is_serial = std::is_same_v<Exec, Kokkos::Serial>;
#else
inline constexpr bool is_serial = false;
#endif

/// A named region of a profile, from construction to destruction. Not shown if there is no memory
/// for its name: it begins before ranks agree.
class Region {
 public:
  explicit Region(const char* name) noexcept {
    try {
      Kokkos::Profiling::pushRegion(name);  // which makes a string
    } catch (const std::bad_alloc&) {
      shown_ = false;
    }
  }
  ~Region() {
    if (shown_) Kokkos::Profiling::popRegion();
  }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

 private:
  bool shown_ = true;
};

/// The name of a call in errors: that of its region, "misfit::fn", without the namespace.
constexpr const char* name_in(const char* region) {
  return region + std::string_view("misfit::").size();
}

/// The indices 0 … n − 1, run on `exec` in a fixed order (static schedule).
template <typename Exec>
using Range =
    Kokkos::RangePolicy<Exec, Kokkos::Schedule<Kokkos::Static>, Kokkos::IndexType<std::int64_t>>;

template <typename Exec>
Range<Exec> range(const Exec& exec, std::size_t n) {
  return Range<Exec>(exec, 0, static_cast<std::int64_t>(n));
}

/// While it lives, copies of Views that this thread makes count no references.
class Untracked {
  using Record = Kokkos::Impl::SharedAllocationRecord<void, void>;

 public:
  Untracked() { Record::tracking_disable(); }
  ~Untracked() { Record::tracking_enable(); }
  Untracked(const Untracked&) = delete;
  Untracked& operator=(const Untracked&) = delete;
};

/// A copy of a body of a loop as Kokkos gives one to threads: its Views count no references, so
/// that copies of it cost threads nothing. `body` outlives it.
template <typename Body>
Body untracked(const Body& body) {
  const Untracked until_copied;
  return body;
}

}  // namespace misfit::detail
