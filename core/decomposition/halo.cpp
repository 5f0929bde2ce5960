// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/internals.hpp>
#include <misfit/halo.hpp>

#include <cstdint>

namespace misfit {

namespace detail {

HaloCalls::HaloCalls(MPI_Comm comm, const ImageCut& cut, const HaloWidth& width)
    : calls_(comm), cut_(cut), messages_(calls_.native()) {
  calls_.together(
      {"Halo",
       {{"the rows before", static_cast<std::int64_t>(width.before)},
        {"the rows after", static_cast<std::int64_t>(width.after)},
        {"whether it is circular", width.circular ? 1 : 0}}},
      [&](ErrorContext&) { plan_ = HaloPlan(cut.rows(), calls_.rank(), calls_.size(), width); });
}

}  // namespace detail

Halo::Halo(const Slabs& slabs, const HaloWidth& width)
    : internals_(slabs.space().native(), detail::Internals::of(slabs).cut, width) {}

}  // namespace misfit
