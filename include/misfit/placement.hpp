// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/geometry/halo_width.hpp>
#include <misfit/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace misfit {

/// What a message of n bytes takes while another goes the opposite way: latency + n / bandwidth.
struct Link {
  double latency = 0;                                          ///< [s]
  double bandwidth = std::numeric_limits<double>::infinity();  ///< in each direction [bytes/s]

  /// That of a message of so many bytes [s].
  double seconds(double bytes) const { return latency + bytes / bandwidth; }
};

/// A machine of equal nodes, which ranks fill one after the other.
struct MachineModel {
  /// How many ranks a node has.
  int ranks_per_node = 1;
  Link in_node{};        ///< between two ranks of a node; every rank has its own
  Link between_nodes{};  ///< from a node to others; its ranks share it
  double memory = std::numeric_limits<double>::infinity();  ///< of a rank [bytes]
};

/// What the operators of a problem need, as far as their placement depends on it.
struct ProblemSizes {
  /// Seconds of each operator's value and gradient on one rank, say by measured_costs().
  std::vector<double> costs{};
  Shape image{1};             ///< of x
  std::size_t dimension = 0;  ///< along which x would be cut
  HaloWidth halo{};           ///< the widest of the operators along it
  std::size_t measured = 0;   ///< entries of the measurement of an operator
  /// Of an entry of x and y.
  std::size_t entry_bytes = sizeof(double);
  std::size_t operator_bytes = 0;  ///< that an operator holds
  /// That one needs while it is applied: A x if nothing is said, nothing where one sweep does all.
  std::optional<std::size_t> work_bytes{};
  bool splittable = true;  ///< operators model SplittableOperator
  bool cuttable = true;    ///< operators model SlabOperator
};

/// One way to place operators and x on ranks, and what a model says of it.
struct Placement {
  /// How operators and x are laid out.
  enum class Form {
    replicated,  ///< an operator on one rank, x on every rank: Partition
    split,       ///< operators in parts, x on every rank: Partition::split
    slabs        ///< x in slabs, in each of `members` groups of ranks: Slabs, of an Ensemble
  };
  /// How operators and x are laid out.
  Form form = Form::replicated;
  int members = 1;          ///< with Form::slabs
  int slabs = 1;            ///< of each member
  double compute = 0;       ///< of the rank with the most to do [s]
  double exchange = 0;      ///< of messages and sums [s]
  std::int64_t memory = 0;  ///< of the rank with most: x, gradient, data, operators, ghosts [bytes]
  bool fits = true;         ///< into the memory of a rank

  /// Of one `fn_and_grad` [s].
  double seconds() const { return compute + exchange; }
  /// For instance "2 members x 8 slabs".
  std::string text() const;
};

/// Every way to place a problem on so many ranks, and the fastest of those that fit into memory.
///
/// A model, of sizes, costs and two links; nothing is built or sent. A call agrees in some log₄ p
/// rounds of messages; a gradient that every rank has is summed in the nodes first and then between
/// them, at 2 (k − 1) / k of its bytes over k summands, in 2 ⌈log₂ k⌉ messages; in slabs a rank
/// sends its neighbours their ghost rows, and back the gradient of these. Computing is shared by
/// rows.
class PlacementPlan {
 public:
  /// Not collective: ranks that give the same arguments get the same plan. Throws ArgumentError if
  /// `ranks` is below 1, a size, cost or rate makes no sense, or no way fits into memory.
  static PlacementPlan choose(const ProblemSizes& sizes, int ranks, const MachineModel& machine);

  /// The first of candidates().
  const Placement& chosen() const { return candidates_.front(); }
  /// Those that fit before those that do not, the fastest first. Take another than the first where
  /// you know better.
  const std::vector<Placement>& candidates() const { return candidates_; }
  /// A table with a line for each candidate.
  std::string text() const;

 private:
  int ranks_ = 1;
  std::vector<Placement> candidates_;
};

}  // namespace misfit
