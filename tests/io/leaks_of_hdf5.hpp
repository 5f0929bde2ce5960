// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define MISFIT_TEST_LEAKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MISFIT_TEST_LEAKS
#endif
#endif
#if defined(MISFIT_TEST_LEAKS)
#include <hdf5.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace misfit::test {

/// HDF5 1.10 keeps memory of files that it can neither read nor close. What is allocated while this
/// lives is no leak for a sanitizer; so HDF5 has to give back first what it holds to use again.
class LeaksOfHdf5 {
 public:
  LeaksOfHdf5(const LeaksOfHdf5&) = delete;
  LeaksOfHdf5& operator=(const LeaksOfHdf5&) = delete;
#if defined(MISFIT_TEST_LEAKS)
  LeaksOfHdf5() {
    H5garbage_collect();
    __lsan_disable();
  }
  ~LeaksOfHdf5() { __lsan_enable(); }
#else
  LeaksOfHdf5() = default;
  ~LeaksOfHdf5() = default;
#endif
};

}  // namespace misfit::test

#undef MISFIT_TEST_LEAKS
