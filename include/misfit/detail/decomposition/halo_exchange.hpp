// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/messages.hpp>
#include <misfit/detail/decomposition/halo_plan.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <exception>
#include <vector>

namespace misfit::detail {

/// Where messages are made and arrive, and on the host where MPI does not reach it.
struct HaloMemory {
  Workspace sent, received, sent_on_host, received_on_host;
};

/// Which way rows go.
struct HaloWay {
  bool adjoint = false;
  /// Whether rows go from and to the same images, with ghost rows.
  bool in_place = false;
};

/// One exchange of rows, or its adjoint: `pack` and then, on all ranks, `send_and_unpack`.
///
/// exchange: owned rows become the ghosts of others. accumulate, its adjoint: ghosts are sent to
/// their owners, which add them, by ascending rank; in place they become 0.
template <typename Exec, typename T>
class HaloExchange {
  using Space = typename Exec::memory_space;

 public:
  /// Images of `lines` × rows × `row` entries. Takes its memory.
  HaloExchange(const Exec& exec, const HaloPlan& plan, HaloMemory& memory, Messages& messages,
               int rank, std::size_t lines, std::size_t row, const HaloWay& way);

  /// Makes the messages of this rank from `from`, its owned rows or, for the adjoint and in place,
  /// those with ghosts. Blocks until they are ready for MPI.
  void pack(const T* from);

  /// Sends, and sets `to` from `from`, this rank's own, and from what arrives. Asynchronous on
  /// `exec` from the arrival of all messages on. In place `to` is `from`; it may be null for an
  /// exchange without ghost rows.
  void send_and_unpack(const T* from, T* to);

 private:
  // What ranks receive in the exchange they send in the adjoint.
  const std::vector<HaloMessage>& outgoing() const {
    return way_.adjoint ? plan_.receives() : plan_.sends();
  }
  const std::vector<HaloMessage>& incoming() const {
    return way_.adjoint ? plan_.sends() : plan_.receives();
  }
  bool from_ghosted() const { return way_.adjoint || way_.in_place; }
  bool to_ghosted() const { return !way_.adjoint || way_.in_place; }
  std::size_t rows_from() const { return from_ghosted() ? plan_.extended() : plan_.owned(); }
  std::size_t rows_to() const { return to_ghosted() ? plan_.extended() : plan_.owned(); }
  std::size_t own_from() const { return from_ghosted() ? plan_.before() : 0; }
  std::size_t own_to() const { return to_ghosted() ? plan_.before() : 0; }
  std::size_t first_from(const HaloRows& part) const {
    return way_.adjoint ? part.extended : own_from() + part.owned;
  }
  std::size_t first_to(const HaloRows& part) const {
    return way_.adjoint ? own_to() + part.owned : part.extended;
  }

  std::size_t bytes(const HaloMessage& message) const {
    return lines_ * message.rows() * row_ * sizeof(T);
  }
  std::size_t entries(const std::vector<HaloMessage>& messages) const {
    std::size_t sum = 0;
    for (const HaloMessage& message : messages)
      if (message.rank != rank_) sum += bytes(message) / sizeof(T);
    return sum;
  }
  std::size_t pieces(const std::vector<HaloMessage>& messages) const {
    std::size_t sum = 0;
    for (const HaloMessage& message : messages) sum += Messages::pieces(bytes(message));
    return sum;
  }

  void unpack(const T* from, T* to);

  void clear_ghosts(T* to);

  void post();

  const Exec& exec_;
  const HaloPlan& plan_;
  Messages& messages_;
  int rank_;
  std::size_t lines_, row_;
  HaloWay way_;
  bool direct_;
  Vector<T, Space> sent_, received_;
  Vector<T, Kokkos::HostSpace> sent_on_host_, received_on_host_;
};

template <typename Exec, typename T>
HaloExchange<Exec, T>::HaloExchange(const Exec& exec, const HaloPlan& plan, HaloMemory& memory,
                                    Messages& messages, int rank, std::size_t lines,
                                    std::size_t row, const HaloWay& way)
    : exec_(exec),
      plan_(plan),
      messages_(messages),
      rank_(rank),
      lines_(lines),
      row_(row),
      way_(way),
      direct_(host_reads<Space> || gpu_aware_mpi()),
      sent_(memory.sent.get<T, Space>(entries(outgoing()), "misfit::Halo::sent")),
      received_(memory.received.get<T, Space>(entries(incoming()), "misfit::Halo::received")) {
  if (!direct_) {
    sent_on_host_ = memory.sent_on_host.get<T, Kokkos::HostSpace>(sent_.extent(0),
                                                                  "misfit::Halo::sent_on_host");
    received_on_host_ = memory.received_on_host.get<T, Kokkos::HostSpace>(
        received_.extent(0), "misfit::Halo::received_on_host");
  }
  messages.reserve(pieces(outgoing()) + pieces(incoming()));
}

template <typename Exec, typename T>
void HaloExchange<Exec, T>::pack(const T* from) {
  std::size_t at = 0;
  for (const HaloMessage& message : outgoing()) {
    if (message.rank == rank_) continue;
    for (const HaloRows& part : message.parts) {
      copy_rows<Exec, T>(exec_, lines_, row_, part.count, {from, rows_from(), first_from(part)},
                         {sent_.data() + at, part.count, 0});
      at += lines_ * part.count * row_;
    }
  }
  if constexpr (!host_reads<Space>)
    if (!direct_) Kokkos::deep_copy(exec_, sent_on_host_, sent_);
  fence(exec_, "misfit::Halo: rows are ready for MPI");
}

template <typename Exec, typename T>
void HaloExchange<Exec, T>::send_and_unpack(const T* from, T* to) {
  post();
  std::exception_ptr failure;  // kept until no message is under way
  try {
    if (!way_.in_place)
      copy_rows<Exec, T>(exec_, lines_, row_, plan_.owned(), {from, rows_from(), own_from()},
                         {to, rows_to(), own_to()});
  } catch (...) {
    failure = std::current_exception();
  }
  messages_.finish();
  if (failure) std::rethrow_exception(failure);
  unpack(from, to);
  if (way_.adjoint && way_.in_place) clear_ghosts(to);
}

template <typename Exec, typename T>
void HaloExchange<Exec, T>::unpack(const T* from, T* to) {
  if constexpr (!host_reads<Space>)
    if (!direct_) Kokkos::deep_copy(exec_, received_, received_on_host_);
  std::size_t at = 0;
  for (const HaloMessage& message : incoming())
    for (const HaloRows& part : message.parts) {
      const bool own = message.rank == rank_;
      const RowsOf<const T> source = own ? RowsOf<const T>{from, rows_from(), first_from(part)}
                                         : RowsOf<const T>{received_.data() + at, part.count, 0};
      const RowsOf<T> target{to, rows_to(), first_to(part)};
      if (way_.adjoint)
        add_rows<Exec, T>(exec_, lines_, row_, part.count, source, target);
      else
        copy_rows<Exec, T>(exec_, lines_, row_, part.count, source, target);
      if (!own) at += lines_ * part.count * row_;
    }
}

template <typename Exec, typename T>
void HaloExchange<Exec, T>::clear_ghosts(T* to) {
  clear_rows<Exec, T>(exec_, lines_, row_, plan_.before(), {to, plan_.extended(), 0});
  clear_rows<Exec, T>(exec_, lines_, row_, plan_.after(),
                      {to, plan_.extended(), plan_.before() + plan_.owned()});
}

template <typename Exec, typename T>
void HaloExchange<Exec, T>::post() {
  T* in = direct_ ? received_.data() : received_on_host_.data();
  const T* out = direct_ ? sent_.data() : sent_on_host_.data();
  for (const HaloMessage& message : incoming())
    if (message.rank != rank_) {
      messages_.receive(in, bytes(message), message.rank);
      in += bytes(message) / sizeof(T);
    }
  for (const HaloMessage& message : outgoing())
    if (message.rank != rank_) {
      messages_.send(out, bytes(message), message.rank);
      out += bytes(message) / sizeof(T);
    }
}

// Compiled once, in core/, for the default execution space.
#define MISFIT_HALO_EXCHANGE(prefix, Exec, T) prefix template class HaloExchange<Exec, T>;
MISFIT_FOR_SCALARS(MISFIT_HALO_EXCHANGE, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
