// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A whole image on one rank, and its slabs on all.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/messages.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace misfit::detail {

/// The work of scatter() or gather(): on `root` one slab after the other is packed or unpacked, and
/// sent or received, by way of the host.
template <typename Exec, typename T>
class SlabsOnOneRank {
  using Space = typename Exec::memory_space;

 public:
  SlabsOnOneRank(const Exec& exec, const ImageCut& cut, const CollectiveCalls& calls,
                 std::size_t batch, int root)
      : exec_(exec),
        cut_(cut),
        calls_(calls),
        lines_(batch * cut.lines()),
        row_(cut.row()),
        batch_(batch),
        root_(root),
        messages_(calls.native()) {}

  bool is_root() const { return calls_.rank() == root_; }

  /// Takes the memory that this rank needs.
  void reserve() {
    std::size_t most = batch_ * cut_.size_of(calls_.rank());
    for (int rank = 0; is_root() && rank < calls_.size(); ++rank)
      most = std::max(most, batch_ * cut_.size_of(rank));
    on_exec_ = memory_.get<T, Space>(most, "misfit::Slabs::slab");
    if constexpr (host_reads<Space>)
      on_host_ = on_exec_;
    else
      on_host_ = host_memory_.get<T, Kokkos::HostSpace>(most, "misfit::Slabs::slab_on_host");
    messages_.reserve(Messages::pieces(most * sizeof(T)));
  }

  void scatter(const T* global, T* owned) {
    const int rank = calls_.rank();
    if (!is_root()) {
      receive(rank, root_);
      keep_failure([&] { Kokkos::deep_copy(exec_, slab(owned, rank), host_slab(rank)); });
    }
    for (int other = 0; is_root() && other < calls_.size(); ++other) {
      keep_failure([&] {
        copy_rows<Exec, T>(exec_, lines_, row_, rows(other), whole(global, other), alone(other));
        if (other == rank)
          Kokkos::deep_copy(exec_, slab(owned, rank), slab(on_exec_.data(), rank));
        else
          bring_to_host(slab(on_exec_.data(), other));
      });
      if (other != rank) send(other, other);
    }
  }

  void gather(const T* owned, T* global) {
    const int rank = calls_.rank();
    if (!is_root()) {
      keep_failure([&] { bring_to_host(slab(owned, rank)); });
      send(rank, root_);
    }
    for (int other = 0; is_root() && other < calls_.size(); ++other) {
      if (other != rank) receive(other, other);
      keep_failure([&] {
        const auto alone_here = slab(on_exec_.data(), other);
        if (other == rank)
          Kokkos::deep_copy(exec_, alone_here, slab(owned, rank));
        else
          Kokkos::deep_copy(exec_, alone_here, host_slab(other));
        copy_rows<Exec, T>(exec_, lines_, row_, rows(other), alone(other).as_const(),
                           whole(global, other));
        fence(exec_, "misfit::Slabs: the image has the slab");
      });
    }
  }

  /// Waits for this rank's work, and throws what went wrong on the way, when all messages had been
  /// sent. Inside of agreed work.
  void finish() {
    fence(exec_, "misfit::Slabs: the slab is there");
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::size_t rows(int rank) const { return cut_.rows_of(rank).size(); }
  std::size_t bytes_of(int rank) const { return batch_ * cut_.size_of(rank) * sizeof(T); }

  // The slab of a rank at `data`, in memory of exec or of the host.
  template <typename U>
  Vector<U, Space> slab(U* data, int rank) const {
    return Vector<U, Space>(data, batch_ * cut_.size_of(rank));
  }
  Vector<T, Kokkos::HostSpace> host_slab(int rank) const {
    return Vector<T, Kokkos::HostSpace>(on_host_.data(), batch_ * cut_.size_of(rank));
  }
  // The rows of a rank, in the whole image and alone in the memory of one slab.
  template <typename U>
  RowsOf<U> whole(U* global, int rank) const {
    return {global, cut_.rows(), cut_.rows_of(rank).begin};
  }
  RowsOf<T> alone(int rank) const { return {on_exec_.data(), rows(rank), 0}; }

  // Other ranks wait for the messages that follow, whatever fails here.
  template <typename Step>
  void keep_failure(const Step& step) {
    try {
      step();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }

  template <typename From>
  void bring_to_host(const From& from) {
    Kokkos::deep_copy(exec_, Vector<T, Kokkos::HostSpace>(on_host_.data(), from.extent(0)), from);
    fence(exec_, "misfit::Slabs: a slab is ready for MPI");
  }
  // The slab of `rank`, by way of the host.
  void send(int rank, int to) {
    messages_.send(on_host_.data(), bytes_of(rank), to);
    messages_.finish();
  }
  void receive(int rank, int from) {
    messages_.receive(on_host_.data(), bytes_of(rank), from);
    messages_.finish();
  }

  const Exec& exec_;
  const ImageCut& cut_;
  const CollectiveCalls& calls_;
  std::size_t lines_, row_, batch_;
  int root_;
  Messages messages_;
  Workspace memory_, host_memory_;
  Vector<T, Space> on_exec_;
  Vector<T, Kokkos::HostSpace> on_host_;
  std::exception_ptr failure_;
};

/// What scatter() and gather() have in common: agrees on the arguments, of which `prepare` packs
/// what is not packed, and calls `move(work)`.
template <typename Exec, typename Global, typename Owned, typename Prepare, typename Move>
void move_slabs(const Exec& exec, const char* region, const ImageCut& cut,
                const CollectiveCalls& calls, const Global& global, const Owned& owned, int root,
                const Prepare& prepare, const Move& move) {
  using T = typename Owned::non_const_value_type;
  const Region in_profiles(region);
  const std::size_t batch = batch_size(owned);
  std::optional<SlabsOnOneRank<Exec, T>> work;
  calls.together({name_in(region),
                  {{"the root", root},
                   {"the number of signals", static_cast<std::int64_t>(batch)},
                   {"the tag of the scalar type", type_tag<Owned>()}}},
                 [&](ErrorContext&) {
                   if (root < 0 || root >= calls.size())
                     throw ArgumentError("root: there is no rank " + std::to_string(root));
                   require_signals("owned", owned, batch, cut.size_of(calls.rank()));
                   work.emplace(exec, cut, calls, batch, root);
                   if (work->is_root()) {
                     require_signals("global", global, batch, cut.shape.size());
                     require_apart("owned", owned, "global", global);
                   }
                   work->reserve();
                   prepare(work->is_root());
                 });
  move(*work);
  calls.together({name_in(region), {}}, [&](ErrorContext&) { work->finish(); });
}

/// See Slabs.
template <typename Exec, typename Global, typename Owned>
void scatter(const Exec& exec, const ImageCut& cut, const CollectiveCalls& calls,
             const Global& global, const Owned& owned, int root) {
  Workspace packed_global, packed_owned;
  Packed<typename Global::const_type> input;
  Output<Owned> output;
  move_slabs(
      exec, "misfit::scatter", cut, calls, global, owned, root,
      [&](bool is_root) {
        output.take(owned, packed_owned);
        if (is_root) input = pack(exec, global, packed_global);
      },
      [&](auto& work) { work.scatter(input.data(), output.entries.data()); });
  output.give_back(exec, owned);
}

/// See Slabs.
template <typename Exec, typename Owned, typename Global>
void gather(const Exec& exec, const ImageCut& cut, const CollectiveCalls& calls, const Owned& owned,
            const Global& global, int root) {
  Workspace packed_global, packed_owned;
  Packed<typename Owned::const_type> input;
  Output<Global> output;
  move_slabs(
      exec, "misfit::gather", cut, calls, global, owned, root,
      [&](bool is_root) {
        input = pack(exec, owned, packed_owned);
        if (is_root) output.take(global, packed_global);
      },
      [&](auto& work) { work.gather(input.data(), output.entries.data()); });
  if (output.signals.data() != nullptr) output.give_back(exec, global);
}

}  // namespace misfit::detail
