// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit {

/// What a blur finds outside the image: nothing (`valid`: only the outputs that need nothing from
/// there exist), the image repeated (`circular`), its mirror image about the edge entry, which
/// itself is not repeated (`reflect`), or the edge entry (`replicate`).
enum class Padding { valid, circular, reflect, replicate };

}  // namespace misfit
