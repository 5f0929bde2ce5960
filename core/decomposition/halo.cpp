// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/internals.hpp>
#include <misfit/error.hpp>
#include <misfit/halo.hpp>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit {

namespace detail {

namespace {

// No halo that ends with the image is wider than it. One that goes around it may be.
HaloWidth possible(const HaloWidth& width, std::size_t rows) {
  if (!width.circular) return {std::min(width.before, rows), std::min(width.after, rows)};
  const std::size_t most = INT_MAX;
  if (width.before > most || width.after > most)
    throw ArgumentError("width: " + std::to_string(width.before) + " rows before and " +
                        std::to_string(width.after) + " after are too many");
  return width;
}

}  // namespace

HaloCalls::HaloCalls(MPI_Comm comm, const ImageCut& cut, const HaloWidth& width)
    : calls_(comm), cut_(cut), messages_(calls_.native()) {
  calls_.together({"Halo",
                   {{"the rows before", static_cast<std::int64_t>(width.before)},
                    {"the rows after", static_cast<std::int64_t>(width.after)},
                    {"whether it is circular", width.circular ? 1 : 0}}},
                  [&](ErrorContext&) {
                    width_ = possible(width, cut.rows());
                    plan_ = HaloPlan(cut_, calls_.rank(), width_);
                  });
}

void HaloCalls::require_ghosts(std::size_t before, std::size_t after) const {
  const auto require = [](const char* name, std::size_t there, std::size_t needed) {
    if (there < needed)
      throw ArgumentError(std::string("extended_in: ") + name + " is " + std::to_string(there) +
                          ", must be " + std::to_string(needed) + " at least");
  };
  require("before", before, width_.before);
  require("after", after, width_.after);
}

}  // namespace detail

Halo::Halo(const Slabs& slabs, const HaloWidth& width)
    : internals_(slabs.space().native(), detail::Internals::of(slabs).cut, width) {}

}  // namespace misfit
