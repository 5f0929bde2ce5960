// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit {

/// Where coordinate 0 of an image, and frequency 0 of its spectrum, stand: at entry n / 2, rounded
/// down, of every dimension, or at entry 0.
enum class Origin { centre, corner };

}  // namespace misfit
