// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/testing/check_replicated.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <utility>

namespace misfit {

std::string ReplicatedResult::text() const {
  constexpr std::size_t at_most = 20;
  if (passed()) return "x is the same on all ranks";
  std::string text = ranks.size() == 1 ? "x of rank" : "x of ranks";
  for (std::size_t k = 0; k < std::min(ranks.size(), at_most); ++k)
    text += (k > 0 ? ", " : " ") + std::to_string(ranks[k]);
  if (ranks.size() > at_most) text += ", ... (" + std::to_string(ranks.size()) + " ranks)";
  text += " is not that of rank 0; on rank " + std::to_string(ranks.front()) +
          " it differs from entry " + std::to_string(entry);
  return text + " of signal " + std::to_string(signal) + " on";
}

std::ostream& operator<<(std::ostream& out, const ReplicatedResult& result) {
  return out << result.text();
}

namespace detail {

void ComparedSignals::reserve(int ranks) {
  constexpr std::size_t most = std::size_t{1} << 20;
  piece.resize(std::min(signals * size * entry_bytes, most));
  numbers.assign(static_cast<std::size_t>(ranks), 0);
  result.ranks.reserve(static_cast<std::size_t>(ranks));
  exec.emplace();
}

ReplicatedResult compare_with_rank_0(const Communicator& communicator, ComparedSignals& x) {
  using Piece = Kokkos::View<unsigned char*, Kokkos::HostSpace>;
  const std::size_t bytes = x.signals * x.size * x.entry_bytes;
  std::int64_t& own = x.numbers[static_cast<std::size_t>(communicator.rank())];
  for (std::size_t first = 0; first < bytes; first += x.piece.size()) {
    const std::size_t n = std::min(x.piece.size(), bytes - first);
    if (communicator.rank() == 0) std::memcpy(x.piece.data(), x.data + first, n);
    communicator.broadcast(*x.exec, Piece(x.piece.data(), n), 0);
    if (own != 0) continue;
    const auto differs = std::mismatch(x.piece.data(), x.piece.data() + n, x.data + first).first;
    const auto at = static_cast<std::size_t>(differs - x.piece.data());
    if (at < n) own = static_cast<std::int64_t>((first + at) / x.entry_bytes) + 1;
  }
  communicator.sum(x.numbers.data(), x.numbers.size());

  ReplicatedResult result = std::move(x.result);
  for (int rank = 0; rank < communicator.size(); ++rank) {
    const std::int64_t number = x.numbers[static_cast<std::size_t>(rank)];
    if (number == 0) continue;
    if (result.ranks.empty()) {
      result.signal = (number - 1) / static_cast<std::int64_t>(x.size);
      result.entry = (number - 1) % static_cast<std::int64_t>(x.size);
    }
    result.ranks.push_back(rank);
  }
  return result;
}

}  // namespace detail

}  // namespace misfit
