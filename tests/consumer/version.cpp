// SPDX-License-Identifier: BSD-3-Clause

// What an installed misfit says of its headers and of itself.

#include <misfit/version.hpp>

#include <cstdio>

int main() {
  std::printf("headers %d.%d.%d\n%s", MISFIT_VERSION_MAJOR, MISFIT_VERSION_MINOR,
              MISFIT_VERSION_PATCH, misfit::build_info().text().c_str());
}
