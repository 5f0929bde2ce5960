// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A kind of bad input at one entry point, and the list of all of them.

#include <functional>
#include <string>
#include <vector>

namespace misfit::test {

/// The class of the error that every rank throws.
enum class Refusal { argument, callback, domain };

/// On which ranks a fault may be.
enum class Where {
  anywhere,    ///< the first, the last, a random subset, all
  not_on_all,  ///< the same without all: a fault that is a difference between ranks
  on_first,    ///< the first alone, which a call asks
  on_all       ///< all alone, where a rank without the fault would wait for ever
};

/// Something that misfit must refuse.
struct Case {
  std::string name;                  ///< "fn of whole operators: x is too long"
  std::string words;                 ///< that the text of the error has
  std::function<void(bool)> call{};  ///< made by all ranks, with the fault where it is true
  Refusal refusal = Refusal::argument;
  Where where = Where::anywhere;
  /// Whether the error names the first rank that has the fault, as all do but those of differences.
  bool names_rank = true;
  /// Whether arguments are untouched: inputs, and on ranks with the fault outputs.
  std::function<bool(bool)> untouched = [](bool) { return true; };
  /// Uses the same objects again. Collective.
  std::function<bool()> right = [] { return true; };
};

using Cases = std::vector<Case>;

/// What takes a communicator although MPI does not run.
std::vector<std::string> taken_before_mpi();

/// Each adds the cases of a part of the interface, which hold what they need.
void add_arguments(Cases& cases);      // Views and lists of Views, in all calls
void add_options(Cases& cases);        // numbers and options of calls
void add_orders(Cases& cases);         // ranks that make different calls
void add_callbacks(Cases& cases);      // factories, operators and distances that throw
void add_operators(Cases& cases);      // what operators are made of
void add_distances(Cases& cases);      // what distances are made of
void add_partitions(Cases& cases);     // who owns what
void add_communicators(Cases& cases);  // communicators and their calls
void add_slabs(Cases& cases);          // images in slabs, halos, ensembles

}  // namespace misfit::test
