// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A solver of TAO, for one test.

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>
#include <misfit/tao.hpp>

#include <gtest/gtest.h>

namespace misfit::test {

// A gradient of 1e-8 would be too small for line searches: f falls by less than its roundings.
inline constexpr double reached = 1e-6;

class TaoTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { PetscInitialize(nullptr, nullptr, nullptr, nullptr); }
  static void TearDownTestSuite() { PetscFinalize(); }

  /// Of `objective`, of type `type`, to be solved to `reached`.
  template <typename Objective>
  Tao made(Objective& objective, TaoType type) {
    TaoCreate(objective.comm(), &tao_);
    TaoSetType(tao_, type);
    objective.attach(tao_);
    TaoSetTolerances(tao_, reached, 0, 0);
    TaoSetFromOptions(tao_);
    return tao_;
  }
  void expect_converged() const {
    TaoConvergedReason reason{};
    TaoGetConvergedReason(tao_, &reason);
    EXPECT_GT(reason, 0);
  }
  void TearDown() override { TaoDestroy(&tao_); }

  const Exec exec{};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.5}};
  Tao tao_ = nullptr;
};

}  // namespace misfit::test
