// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/out_of_memory/cases.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/testing/check_replicated.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

namespace misfit::test {

namespace {

std::shared_ptr<Communicator> world() { return std::make_shared<Communicator>(MPI_COMM_WORLD); }

Trial sum_of_a_view(std::size_t size) {
  const auto comm = world();
  const auto view = vector_of<double>(1, size);
  return {[=] {
            for (std::size_t j = 0; j < size; ++j) view(j) = entry<double>(1, j);
            comm->all_reduce_sum(Exec(), view);
          },
          [=] { return view(size - 1); }};
}

template <typename T>
Trial sum_of_numbers(std::size_t size) {
  const auto comm = world();
  const auto numbers = std::make_shared<std::vector<T>>(size);
  return {[=] {
            for (auto& number : *numbers) number = T(3);
            comm->sum(numbers->data(), size);
          },
          [=] { return static_cast<double>(numbers->back()); }};
}

Trial new_communicator(const char* timeout) {
  const auto comm = std::make_shared<std::optional<Communicator>>();
  return {[=] {
            if (timeout != nullptr) setenv("MISFIT_TIMEOUT", timeout, 1);
            const struct Unset {
              ~Unset() { unsetenv("MISFIT_TIMEOUT"); }
            } unset;
            comm->reset();
            comm->emplace(MPI_COMM_WORLD);
          },
          [=] {
            double number = (*comm)->rank() + 1;
            (*comm)->sum(&number, 1);
            return number;
          }};
}

Trial replicated(std::size_t size) {
  const auto comm = world();
  const auto x = std::make_shared<Kokkos::View<double**, Kokkos::LayoutLeft>>("x", 3, size);
  const auto ranks = std::make_shared<std::size_t>();
  if (comm->rank() == comm->size() - 1) (*x)(1, 2) = 5;
  return {[=] { *ranks = check_replicated(Exec(), *comm, *x).ranks.size(); },
          [=] { return static_cast<double>(*ranks); }};
}

Trial watched_sum() {
  setenv("MISFIT_TIMEOUT", "20", 1);
  Trial trial = sum_of_a_view(2000);
  unsetenv("MISFIT_TIMEOUT");
  return trial;
}

}  // namespace

std::vector<Case> cases_of_communicators() {
  return {
      {"Communicator", [] { return new_communicator(nullptr); }},
      {"Communicator, MISFIT_TIMEOUT", [] { return new_communicator("20"); }},
      {"all_reduce_sum, short", [] { return sum_of_a_view(10); }},
      {"all_reduce_sum, long", [] { return sum_of_a_view(2000); }},
      {"all_reduce_sum, MISFIT_TIMEOUT", [] { return watched_sum(); }},
      {"sum of double", [] { return sum_of_numbers<double>(2000); }},
      {"sum of integers", [] { return sum_of_numbers<std::int64_t>(2000); }},
      {"broadcast",
       [] {
         const auto comm = world();
         const auto view = vector_of<double>(static_cast<std::size_t>(comm->rank()), 2000);
         return Trial{[=] { comm->broadcast(Exec(), view, comm->size() - 1); },
                      [=] { return view(3); }};
       }},
      {"agree",
       [] {
         const auto comm = world();
         const auto length = std::make_shared<std::size_t>();
         return Trial{
             [=] { *length = comm->agree("read", [] { return std::string(100, 'x'); }).size(); },
             [=] { return static_cast<double>(*length); }};
       }},
      {"check_replicated", [] { return replicated(400); }}};
}

}  // namespace misfit::test
