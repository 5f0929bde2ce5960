// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What users would take instead, in programs of their own: scripts/benchmark --peer. A case goes to
// them in files; scripts/support/peers/server.py runs one of them once whenever it is asked to.

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace misfit::bench {

/// What a peer must know of a family beside the arrays.
struct PeerCase {
  std::string family;              ///< empty: it goes to no peer
  std::vector<std::size_t> shape;  ///< of x
  int step;                        ///< of a blurred image every `step`-th pixel is kept
};

/// The server's end of the folder that both share. All calls are collective over MPI_COMM_WORLD,
/// and ranks that wait for a peer sleep. Throws std::runtime_error, on all ranks, where a peer
/// fails.
class Peers {
 public:
  explicit Peers(std::string folder);

  /// "NAME: VERSION" of each that is installed.
  std::vector<std::string> versions();
  /// Ends the peers of the case before.
  void start_case();
  /// The names of those that take the case, of which they have read the arrays: `operators` of all
  /// ranks, of numbers of `type`, in |A_i x − y_i|² times half the `inverse_variance`.
  std::vector<std::string> take(const PeerCase& described, const std::string& type, int operators,
                                double inverse_variance);
  /// Lets a peer compute, and returns its value; its gradient is then in the file "gradient".
  double value_of(const std::string& peer);
  /// Lets a peer compute, and returns the seconds by its own clock.
  double seconds_of(const std::string& peer);

  /// Writes an array that is contiguous. Not collective.
  template <typename View>
  void write(const std::string& name, const View& view) const {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
    write_bytes(name, host.data(), host.span() * sizeof(*host.data()));
  }
  /// For each operator i of this rank array(k, i) to the file NAME.i.
  template <typename Problem, typename Array>
  void write_each(const std::string& name, const Problem& p, const Array& array) const {
    for (std::size_t k = 0; k < p.operators.local_indices().size(); ++k) {
      const int i = p.operators.local_indices()[k];
      write(name + "." + std::to_string(i), array(k, i));
    }
  }
  /// Reads the file "gradient". Not collective.
  template <typename View>
  void read_gradient(const View& view) const {
    const auto host = Kokkos::create_mirror_view(view);
    read_bytes("gradient", host.data(), host.span() * sizeof(*host.data()));
    Kokkos::deep_copy(view, host);
  }

 private:
  std::string ask(const std::string& request);
  void write_bytes(const std::string& name, const void* data, std::size_t size) const;
  void read_bytes(const std::string& name, void* data, std::size_t size) const;

  std::string folder_;
  int rank_ = 0;
  std::ofstream requests_;
  std::ifstream answers_;
};

}  // namespace misfit::bench
