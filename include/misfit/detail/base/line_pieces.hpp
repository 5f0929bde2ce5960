// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// body(line, begin, end) for pieces that cover all `lines` of `length` entries: on a CPU long
/// ones, whose loops over entries become vectors; on a GPU single entries. Asynchronous on `exec`.
template <typename Exec, typename Body>
void for_line_pieces(const Exec& exec, const char* label, std::int64_t lines, std::int64_t length,
                     const Body& body) {
  const std::int64_t piece = in_cpu_form<Exec> ? std::min<std::int64_t>(length, 4096) : 1;
  const std::int64_t pieces = (length + piece - 1) / piece;
  for_indices(
      exec, label, static_cast<std::size_t>(lines * pieces), KOKKOS_LAMBDA(const std::int64_t t) {
        const std::int64_t begin = t % pieces * piece;
        body(t / pieces, begin, begin + piece < length ? begin + piece : length);
      });
}

}  // namespace misfit::detail
