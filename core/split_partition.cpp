// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/number_text.hpp>
#include <misfit/error.hpp>
#include <misfit/split_partition.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace misfit {

namespace {

/// Operators laid end to end, and the cuts between ranks. Ranks on both sides of a cut compute it
/// alike, so that they agree to the last bit.
class Line {
 public:
  Line(const std::vector<double>& costs, int ranks) : costs_(costs), ranks_(ranks) {
    const double largest = costs.empty() ? 0 : *std::max_element(costs.begin(), costs.end());
    // Scaled, so that no sum is too large for a double.
    for (double& cost : costs_) cost = largest > 0 ? cost / largest : 1;
    starts_.push_back(0);
    for (const double cost : costs_) starts_.push_back(starts_.back() + cost);
  }

  /// The fraction of operator `i` that lies before the cut between ranks `rank` − 1 and `rank`.
  double before(int rank, std::size_t i) const {
    if (rank == 0) return 0;
    if (rank == ranks_) return 1;
    const double cut = starts_.back() * rank / ranks_;
    if (costs_[i] == 0) return cut > starts_[i] ? 1 : 0;
    // A part of a part in 10^12 is a rounding: no rank makes an operator for it.
    const double fraction = (cut - starts_[i]) / costs_[i];
    if (fraction < 1e-12) return 0;
    return fraction > 1 - 1e-12 ? 1 : fraction;
  }
  /// The work of a part, as a fraction of the mean.
  double work(const OperatorPart& part) const {
    return (part.end - part.begin) * costs_[static_cast<std::size_t>(part.index)] * ranks_ /
           starts_.back();
  }

 private:
  std::vector<double> costs_;
  std::vector<double> starts_;
  int ranks_;
};

std::string with_two_digits(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

std::string text_of(const OperatorPart& part) {
  const std::string index = std::to_string(part.index);
  if (part.begin == 0 && part.end == 1) return index;
  return index + " [" + with_two_digits(part.begin) + ", " + with_two_digits(part.end) + ")";
}

std::vector<OperatorPart> parts_on(const Line& line, std::size_t count, int rank) {
  std::vector<OperatorPart> parts;
  for (std::size_t i = 0; i < count; ++i)
    if (const OperatorPart part{static_cast<int>(i), line.before(rank, i),
                                line.before(rank + 1, i)};
        part.begin < part.end)
      parts.push_back(part);
  return parts;
}

}  // namespace

Rows OperatorPart::of(std::size_t rows) const {
  const auto row_at = [&](double fraction) {
    return std::min(rows, static_cast<std::size_t>(fraction * static_cast<double>(rows) + 0.5));
  };
  return {row_at(begin), end == 1 ? rows : row_at(end)};
}

SplitPartition::SplitPartition(std::vector<double> costs, std::vector<std::size_t> rows)
    : n_(static_cast<int>(costs.size())), costs_(std::move(costs)), rows_(std::move(rows)) {}

SplitPartition::SplitPartition(int n)
    : n_(n), costs_(n > 0 ? static_cast<std::size_t>(n) : 0, 1.0) {}

void SplitPartition::require_valid() const {
  if (n_ < 0) throw ArgumentError("n: the number of operators is " + std::to_string(n_));
  for (std::size_t i = 0; i < costs_.size(); ++i)
    if (!(costs_[i] >= 0) || !std::isfinite(costs_[i]))
      throw ArgumentError("costs: that of operator " + std::to_string(i) + " is " +
                          detail::number_text(costs_[i]));
  if (!rows_.empty() && rows_.size() != costs_.size())
    throw ArgumentError("rows: are given for " + std::to_string(rows_.size()) + " operators of " +
                        std::to_string(costs_.size()));
}

std::vector<OperatorPart> SplitPartition::parts(int rank, int ranks) const {
  require_valid();
  if (rank < 0 || rank >= ranks)
    throw ArgumentError("rank: there is no rank " + std::to_string(rank) + " of " +
                        std::to_string(ranks));
  return parts_on(Line(costs_, ranks), costs_.size(), rank);
}

std::string SplitPartition::text(int ranks) const {
  require_valid();
  if (ranks < 1) throw ArgumentError("ranks: is " + std::to_string(ranks) + ", must be positive");
  const Line line(costs_, ranks);
  std::string text = std::to_string(size()) + " operators on " + std::to_string(ranks) +
                     " ranks, cut into parts\n";
  for (int rank = 0; rank < ranks; ++rank) {
    std::string names;
    double work = 0;
    for (const OperatorPart& part : parts_on(line, costs_.size(), rank)) {
      names += (names.empty() ? " " : ", ") + text_of(part);
      work += line.work(part);
    }
    text += "rank " + std::to_string(rank) + ":" + (names.empty() ? " nothing" : names) + "; " +
            with_two_digits(work) + " of the mean work\n";
  }
  return text;
}

}  // namespace misfit
