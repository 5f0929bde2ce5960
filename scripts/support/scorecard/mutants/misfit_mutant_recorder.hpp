// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <misfit_mutant.hpp>

#include <algorithm>
#include <fstream>
#include <string>

namespace misfit_mutant {

/// Writes a line for each test: its milliseconds, its name, the numbers of the mutants that it
/// reached; those reached between tests have the name "-". The file is
/// MISFIT_MUTANT_RECORD, a dot, and the rank.
class Recorder : public testing::EmptyTestEventListener {
 public:
  explicit Recorder(int rank) {
    if (const char* path = std::getenv("MISFIT_MUTANT_RECORD"))
      file_.open(std::string(path) + "." + std::to_string(rank));
  }

 private:
  void OnTestStart(const testing::TestInfo&) override { write(0, "-"); }
  void OnTestEnd(const testing::TestInfo& test) override {
    write(test.result()->elapsed_time(), std::string(test.test_suite_name()) + "." + test.name());
  }
  void OnTestProgramEnd(const testing::UnitTest&) override { write(0, "-"); }

  void write(long milliseconds, const std::string& name) {
    if (!file_.is_open()) return;
    file_ << milliseconds << ' ' << name;
    for (int number = 0; number < most; ++number)
      if (reached[number]) file_ << ' ' << number;
    file_ << std::endl;
    std::fill_n(reached, most, static_cast<unsigned char>(0));
  }

  std::ofstream file_;
};

}  // namespace misfit_mutant
