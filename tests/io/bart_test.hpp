// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit::test {

inline auto numbers(std::size_t n) {
  using Complex = Kokkos::complex<float>;
  const io::HostVector<Complex> values("values", n);
  for (std::size_t j = 0; j < n; ++j)
    values(j) = Complex(static_cast<float>(j) + 0.25F, -1.0F / static_cast<float>(j + 1));
  return values;
}

class BartTest : public testing::Test {
 protected:
  const Folder folder;
  const std::string name = folder / "k", header = folder / "k.hdr", data = folder / "k.cfl";

  /// A header that says "2 3", and data to it.
  void write_valid() { io::write_bart(name, {2, 3}, numbers(6)); }
  /// The same data with another header.
  void expect_refused(const std::string& header_text, const std::vector<std::string>& words) {
    write_bytes(header, header_text);
    expect_error<FileError>([&] { io::BartFile{name}; }, words);
  }
};

}  // namespace misfit::test
