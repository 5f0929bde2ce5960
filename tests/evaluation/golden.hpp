// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The cases of tests/data/golden.json: values and gradients of DeepInverse in one process.

#include <misfit/concepts.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace golden {

/// s(k)_j = sin(0.7 (j + 1) + 1.3 k).
inline double s(int k, std::size_t j) {
  return std::sin(0.7 * static_cast<double>(j + 1) + 1.3 * k);
}

inline std::vector<double> s_vector(int k, std::size_t n) {
  std::vector<double> out(n);
  for (std::size_t j = 0; j < n; ++j) out[j] = s(k, j);
  return out;
}

/// These numbers where kernels can read them.
template <typename T = double>
misfit::Vector<T> device_vector(const std::vector<double>& numbers) {
  const misfit::Vector<T> v("v", numbers.size());
  const auto host = Kokkos::create_mirror_view(v);
  for (std::size_t j = 0; j < numbers.size(); ++j) host(j) = T(numbers[j]);
  Kokkos::deep_copy(v, host);
  return v;
}

/// The filter of operator i: (1.5 + s(60 + i)) / sum, row-major.
inline std::vector<double> filter(int i, std::size_t n) {
  std::vector<double> h(n);
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) sum += h[j] = 1.5 + s(60 + i, j);
  for (double& entry : h) entry /= sum;
  return h;
}

/// One line of the table.
struct Case {
  int n = 0;                  ///< the number of operators
  std::vector<double> value;  ///< one for each signal of the batch
  double gradient_norm = 0;
  double gradient_dot_w = 0;  ///< Σ_j gradient_j s(9)_j
  std::vector<double> gradient_head;
};

/// Throws std::runtime_error if there is no such case.
inline Case read(const std::string& name, const std::string& reduction,
                 const std::string& fidelity) {
  std::ifstream file(MISFIT_GOLDEN_FILE);
  const auto table = nlohmann::json::parse(file);
  for (const auto& line : table.at("cases")) {
    if (line.at("case") != name || line.at("fidelity") != fidelity ||
        line.value("reduction", "") != reduction)
      continue;
    Case found;
    found.n = line.at("K");
    found.value = line.at("f").get<std::vector<double>>();
    found.gradient_norm = line.value("grad_norm", 0.0);
    found.gradient_dot_w = line.value("grad_dot_w", 0.0);
    if (line.contains("grad_head"))
      found.gradient_head = line.at("grad_head").get<std::vector<double>>();
    return found;
  }
  throw std::runtime_error("no golden case " + name + ", " + fidelity + ", " + reduction);
}

/// A line of the table for prox_{γd}(s(1)) with y = s(20).
struct ProxCase {
  double gamma = 0;
  double norm = 0;
  std::vector<double> head;
};

/// Throws std::runtime_error if there is no such case.
inline ProxCase read_prox(const std::string& fidelity) {
  std::ifstream file(MISFIT_GOLDEN_FILE);
  const auto table = nlohmann::json::parse(file);
  for (const auto& line : table.at("cases"))
    if (line.at("case") == "prox_d" && line.at("fidelity") == fidelity)
      return {line.at("gamma"), line.at("norm"), line.at("head").get<std::vector<double>>()};
  throw std::runtime_error("no golden case prox_d, " + fidelity);
}

/// Expects the gradient of a case, to `tolerance` times its norm.
inline void expect_gradient(const std::vector<double>& gradient, const Case& expected,
                            double tolerance) {
  double squares = 0, dot_w = 0;
  for (std::size_t j = 0; j < gradient.size(); ++j) {
    squares += gradient[j] * gradient[j];
    dot_w += gradient[j] * s(9, j);
  }
  const double scale = tolerance * std::max(expected.gradient_norm, 1.0);
  EXPECT_NEAR(std::sqrt(squares), expected.gradient_norm, scale);
  EXPECT_NEAR(dot_w, expected.gradient_dot_w,
              scale * std::sqrt(static_cast<double>(gradient.size())));
  for (std::size_t j = 0; j < expected.gradient_head.size(); ++j)
    EXPECT_NEAR(gradient[j], expected.gradient_head[j], scale) << "entry " << j;
}

}  // namespace golden
