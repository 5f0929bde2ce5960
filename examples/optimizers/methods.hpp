// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scan.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

/// f along the way of a method, and what it had cost up to there.
struct Sample {
  double objective = 0, passes = 0, seconds = 0;
  Counts counts{};
};

/// One method at work: what it is called, and its samples.
class Run {
  using Clock = std::chrono::steady_clock;

 public:
  Run(std::string name, const Scan& scan)
      : name_(std::move(name)), scan_(&scan), passes_(scan.fidelity.data_passes()) {}

  /// The method is at an x of this f.
  void add(double objective, const Counts& counts) {
    const std::chrono::duration<double> elapsed = Clock::now() - begin_;
    samples_.push_back(
        {objective, scan_->fidelity.data_passes() - passes_, elapsed.count(), counts});
  }
  /// What `work` returns; its time does not count.
  template <typename Work>
  auto untimed(const Work& work) {
    const auto begin = Clock::now();
    const auto result = work();
    begin_ += Clock::now() - begin;
    return result;
  }

  const std::string& name() const { return name_; }
  const std::vector<Sample>& samples() const { return samples_; }

 private:
  std::string name_;
  const Scan* scan_;
  double passes_;
  Clock::time_point begin_ = Clock::now();
  std::vector<Sample> samples_;
};

// Each from x = 0, for at most so many passes over the data, or evaluations and iterations of a
// solver.
Run by_accelerated_gradient(const Scan& scan, int passes);
Run by_ordered_subsets(const Scan& scan, int passes);
std::vector<Run> by_tao(const Scan& scan, int passes);
std::vector<Run> by_rol(const Scan& scan, int passes);
