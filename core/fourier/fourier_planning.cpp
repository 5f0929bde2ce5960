// SPDX-License-Identifier: BSD-3-Clause
#include "fftw.hpp"

#include <misfit/error.hpp>
#include <misfit/fourier_planning.hpp>

#include <array>
#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>

namespace misfit {
namespace {

std::atomic<FourierPlanning> planning_of_process = FourierPlanning::estimate;

/// What FFTW has learnt in double and in float precision.
using Wisdom = std::array<std::string, 2>;

bool learn(const Wisdom& wisdom) {
  return detail::Fftw<double>::learn(wisdom[0].c_str()) == 1 &&
         detail::Fftw<float>::learn(wisdom[1].c_str()) == 1;
}

std::string text_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  // A folder can be opened, and peek() finds that it cannot be read.
  if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad() || text.bad()) throw FileError(file + ": cannot be read");
  return text.str();
}

/// Each begins with its own line "(fftw-3…", where the other ends.
Wisdom wisdom_in(const std::string& file) {
  const std::string text = text_in(file);
  const std::string head = "(fftw-";
  const auto second = text.find("\n" + head);
  if (text.rfind(head, 0) != 0 || second == std::string::npos)
    throw FileError(file + ": is not what write_fourier_wisdom() writes");
  return {text.substr(0, second + 1), text.substr(second + 1)};
}

}  // namespace

void set_fourier_planning(FourierPlanning planning) { planning_of_process = planning; }

FourierPlanning fourier_planning() { return planning_of_process; }

void write_fourier_wisdom(const std::string& file) {
  const std::lock_guard lock(detail::fftw_planner());
  std::ofstream out(file, std::ios::binary);
  out << detail::fftw_wisdom<double>() << detail::fftw_wisdom<float>() << std::flush;
  if (!out) throw FileError(file + ": cannot be written");
}

void read_fourier_wisdom(const std::string& file) {
  const Wisdom found = wisdom_in(file);
  const std::lock_guard lock(detail::fftw_planner());
  const Wisdom before{detail::fftw_wisdom<double>(), detail::fftw_wisdom<float>()};
  if (learn(found)) return;
  detail::Fftw<double>::forget();
  detail::Fftw<float>::forget();
  learn(before);
  throw FileError(file + ": is damaged, or wisdom of another build of FFTW");
}

}  // namespace misfit
