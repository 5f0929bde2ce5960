// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/messages.hpp>
#include <misfit/detail/decomposition/halo_exchange.hpp>
#include <misfit/detail/decomposition/halo_plan.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/rows_in_view.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/geometry/halo_width.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace misfit::detail {

/// What a Halo owns: a plan, its communicator, and the memory of its messages.
class HaloCalls {
 public:
  /// Collective over `comm`. Throws ArgumentError if `width` differs between ranks.
  HaloCalls(MPI_Comm comm, const ImageCut& cut, const HaloWidth& width);

  const HaloPlan& plan() const { return plan_; }
  Slab slab() const {
    return {cut_.shape, cut_.dimension, cut_.rows_of(calls_.rank()), plan_.before(), plan_.after()};
  }
  std::size_t owned_size() const { return cut_.lines() * plan_.owned() * cut_.row(); }
  std::size_t extended_size() const { return cut_.lines() * plan_.extended() * cut_.row(); }

  /// One exchange of a batch, or its adjoint, of which only one is under way at a time; for calls
  /// that have agreed on their arguments. Takes its memory.
  template <typename T, typename Exec>
  HaloExchange<Exec, T> start(const Exec& exec, std::size_t batch, const HaloWay& way) const {
    return {exec, plan_, memory_, messages_, calls_.rank(), batch * cut_.lines(), cut_.row(), way};
  }

  void clear_caches() const {
    memory_ = {};
    packed_input_ = {};
    packed_output_ = {};
  }

  template <typename Exec, typename Owned, typename Extended>
  void exchange(const Exec& exec, const Owned& owned, const Extended& extended) const {
    run(exec, "misfit::exchange", {"owned", owned_size()}, owned, {"extended", extended_size()},
        extended, false);
  }
  template <typename Exec, typename Extended, typename Owned>
  void accumulate(const Exec& exec, const Extended& extended, const Owned& owned) const {
    run(exec, "misfit::accumulate", {"extended", extended_size()}, extended,
        {"owned", owned_size()}, owned, true);
  }
  /// The same in place.
  template <typename Exec, typename Extended>
  void exchange(const Exec& exec, const Extended& extended) const {
    run_in_place(exec, "misfit::exchange", extended, false);
  }
  template <typename Exec, typename Extended>
  void accumulate(const Exec& exec, const Extended& extended) const {
    run_in_place(exec, "misfit::accumulate", extended, true);
  }

  /// See Halo. Refuses what it does on all ranks, whichever ghost rows they have.
  template <typename V>
  auto extended_in(const V& view, std::size_t before, std::size_t after) const {
    require_ghosts(before, after);
    auto owned = rows_in_view("extended_in", cut_, view, {before, plan_.owned(), after});
    using Extended = decltype(owned);
    return Extended(owned.data() - plan_.before() * cut_.row(), extended_size());
  }

 private:
  struct Argument {
    const char* name;
    std::size_t size;
  };

  // Throws ArgumentError if these are fewer than the width.
  void require_ghosts(std::size_t before, std::size_t after) const;

  template <typename Exec, typename In, typename Out>
  void run(const Exec& exec, const char* region, const Argument& in_argument, const In& in,
           const Argument& out_argument, const Out& out, bool adjoint) const {
    Packed<typename In::const_type> input;
    Output<Out> output;
    send(exec, region, out, {.adjoint = adjoint}, [&] {
      require_signals(in_argument.name, in, batch_size(out), in_argument.size);
      require_signals(out_argument.name, out, batch_size(out), out_argument.size);
      require_apart(in_argument.name, in, out_argument.name, out);
      input = pack(exec, in, packed_input_);
      output.take(out, packed_output_);
      return FromAndTo<Out>{input.data(), output.entries.data()};
    });
    output.give_back(exec, out);
  }

  template <typename Exec, typename V>
  void run_in_place(const Exec& exec, const char* region, const V& view, bool adjoint) const {
    Output<V> rows;
    send(exec, region, view, {.adjoint = adjoint, .in_place = true}, [&] {
      require_signals("extended", view, batch_size(view), extended_size());
      rows.take(view, packed_output_);
      rows.copy_in(exec, view);
      return FromAndTo<V>{rows.entries.data(), rows.entries.data()};
    });
    rows.give_back(exec, view);
  }

  template <typename V>
  struct FromAndTo {
    const typename V::non_const_value_type* from;
    typename V::non_const_value_type* to;
  };

  // `prepare()` checks the arguments of the call, of which `out` is one, and says where rows are.
  template <typename Exec, typename Out, typename Prepare>
  void send(const Exec& exec, const char* region, const Out& out, const HaloWay& way,
            const Prepare& prepare) const {
    using T = typename Out::non_const_value_type;
    const Region in_profiles(region);
    const std::size_t batch = batch_size(out);
    FromAndTo<Out> rows{};
    std::optional<HaloExchange<Exec, T>> halo;
    calls_.together({name_in(region),
                     {{"the number of signals", static_cast<std::int64_t>(batch)},
                      {"the tag of the scalar type", type_tag<Out>()}}},
                    [&](ErrorContext&) {
                      rows = prepare();
                      halo.emplace(start<T>(exec, batch, way));
                      halo->pack(rows.from);
                    });
    halo->send_and_unpack(rows.from, rows.to);
  }

  CollectiveCalls calls_;
  ImageCut cut_;
  HaloWidth width_;
  HaloPlan plan_;
  mutable Messages messages_;
  mutable HaloMemory memory_;
  mutable Workspace packed_input_, packed_output_;
};

}  // namespace misfit::detail
