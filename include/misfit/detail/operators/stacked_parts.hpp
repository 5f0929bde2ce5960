// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace misfit::detail {

/// f(part, its number) for all of them.
template <typename... Ops, typename F>
void for_each_part(const std::tuple<Ops...>& parts, const F& f) {
  std::size_t k = 0;
  std::apply([&](const auto&... part) { (f(part, k++), ...); }, parts);
}
template <typename Op, typename F>
void for_each_part(const std::vector<Op>& parts, const F& f) {
  for (std::size_t k = 0; k < parts.size(); ++k) f(parts[k], k);
}

/// The operators of a Stack, a std::tuple or a std::vector, and where their measurements begin.
template <typename Parts>
class StackedParts {
 public:
  std::size_t domain_size() const { return domain_size_; }
  std::size_t range_size() const { return range_size_; }

  /// The operators: a std::tuple, or the std::vector.
  const Parts& parts() const { return parts_; }
  /// How many there are.
  std::size_t size() const { return begins_.size(); }
  /// The entries of the measurement that are part k's: the first, and the one behind the last.
  /// Throws ArgumentError if there is no such part.
  std::pair<std::size_t, std::size_t> range_of(std::size_t k) const {
    if (k >= size())
      throw ArgumentError("Stack: there is no operator " + std::to_string(k) + " among " +
                          std::to_string(size()));
    return {begins_[k], k + 1 < size() ? begins_[k + 1] : range_size_};
  }

 protected:
  explicit StackedParts(Parts parts) : parts_(std::move(parts)) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
    for_each_part(parts_, [&](const auto& part, std::size_t k) {
      const std::size_t n = part.domain_size(), m = part.range_size();
      if (k == 0) domain_size_ = n;
      if (n != domain_size_)
        throw ArgumentError("Stack: operator " + std::to_string(k) + " takes " + std::to_string(n) +
                            " entries, operator 0 takes " + std::to_string(domain_size_));
      if (m > most - range_size_)
        throw ArgumentError("Stack: the measurement has more entries than can be counted");
      begins_.push_back(range_size_);
      range_size_ += m;
    });
    if (begins_.empty()) throw ArgumentError("Stack: there are no operators");
  }

  /// f(part, its number) for all of them. Throws ArgumentError if they were moved from.
  template <typename F>
  void for_each(const F& f) const {
    if (begins_.empty()) throw ArgumentError("Stack: it was moved from");
    for_each_part(parts_, f);
  }

  /// f(part, first, last, at) for each part that has some of the rows begin, …, end − 1: its rows
  /// first, …, last − 1, of which the first is row begin + at.
  template <typename F>
  void for_rows(std::size_t begin, std::size_t end, const F& f) const {
    const auto of_part = [&](const auto& part, std::size_t k) {
      const auto [from, to] = range_of(k);
      const std::size_t first = std::max(begin, from), last = std::min(end, to);
      if (first < last) f(part, first - from, last - from, first - begin);
    };
    if constexpr (requires { parts_.size(); }) {
      const auto after = std::upper_bound(begins_.begin(), begins_.end(), begin);
      for (auto k = static_cast<std::size_t>(after - begins_.begin()) - 1;
           k < begins_.size() && begins_[k] < end; ++k)
        of_part(parts_[k], k);
    } else {
      for_each(of_part);
    }
  }

  template <typename V>
  auto measurement(const V& y, std::size_t k) const {
    const auto [begin, end] = range_of(k);
    return piece(y, begin, end - begin);
  }
  template <typename V>
  static auto piece(const V& all, std::size_t begin, std::size_t count) {
    return Vector<typename V::value_type, typename V::memory_space>(all.data() + begin, count);
  }

  std::size_t begin_of(std::size_t k) const { return begins_[k]; }

 private:
  Parts parts_;
  std::vector<std::size_t> begins_;  // of the parts in the measurement; empty after a move
  std::size_t domain_size_ = 0, range_size_ = 0;
};

}  // namespace misfit::detail
