// SPDX-License-Identifier: BSD-3-Clause

// Communicators that are none, and their calls. Scalars and batches that differ between ranks.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <mpi.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

Case one_of(const std::string& name, const std::string& words, std::function<void(bool)> call,
            Where where = Where::anywhere) {
  Case one;
  one.name = name;
  one.words = words;
  one.call = std::move(call);
  one.where = where;
  one.names_rank = where == Where::anywhere;
  one.right = [problem = problems().front()] { return problem->right(); };
  return one;
}

/// The first rank, and all others.
MPI_Comm between_two_groups() {
  MPI_Comm half = MPI_COMM_NULL, both = MPI_COMM_NULL;
  const bool first = world_rank() == 0;
  MPI_Comm_split(MPI_COMM_WORLD, first ? 0 : 1, 0, &half);
  MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, first ? 1 : 0, 3, &both);
  MPI_Comm_free(&half);
  return both;
}

/// What takes an MPI_Comm.
const std::vector<std::pair<const char*, void (*)(MPI_Comm)>>& takers() {
  static const std::vector<std::pair<const char*, void (*)(MPI_Comm)>> all{
      {"Communicator", [](MPI_Comm comm) { Communicator{comm}; }},
      {"DistributedOperator",
       [](MPI_Comm comm) { DistributedOperator(comm, 2, [](int) { return Identity(3); }); }},
      {"a split DistributedOperator",
       [](MPI_Comm comm) {
         DistributedOperator(comm, Partition::split(2), [](int) { return Mask(signal(1, 3)); });
       }},
      {"Slabs", [](MPI_Comm comm) { Slabs(comm, {9, 3}); }},
      {"Ensemble", [](MPI_Comm comm) { Ensemble{comm}; }},
      {"measured_costs",
       [](MPI_Comm comm) { measured_costs(Exec{}, comm, 2, [](int) { return Identity(3); }); }}};
  return all;
}

/// All ranks give the wrong one, so that none waits.
void add_parents(Cases& cases) {
  for (const auto& [name, take] : takers()) {
    const auto add = [&cases](const std::string& text, const char* words,
                              std::function<void(bool)> call) {
      cases.push_back(one_of(text, words, std::move(call)));
      cases.back().where = Where::on_all;
      cases.back().names_rank = false;
    };
    add(std::string(name) + " of MPI_COMM_NULL", "parent is MPI_COMM_NULL",
        [take = take](bool bad) { take(bad ? MPI_COMM_NULL : MPI_COMM_WORLD); });
    if (world_size() > 1)
      add(std::string(name) + " of an intercommunicator", "parent is an intercommunicator",
          [take = take](bool bad) {
            MPI_Comm comm = bad ? between_two_groups() : MPI_COMM_NULL;
            try {
              take(bad ? comm : MPI_COMM_WORLD);
            } catch (...) {
              if (bad) MPI_Comm_free(&comm);
              throw;
            }
          });
  }
}

void add_roots(Cases& cases, const std::shared_ptr<Communicator>& comm) {
  for (const int root : {-1, world_size(), 1 << 30}) {
    cases.push_back(
        one_of("broadcast from rank " + std::to_string(root), "root",
               [comm, root](bool bad) { comm->broadcast(Exec{}, signal(1, 3), bad ? root : 0); }));
    cases.back().names_rank = false;
  }
  cases.push_back(one_of(
      "broadcast from different ranks", "root",
      [comm](bool bad) { comm->broadcast(Exec{}, signal(1, 3), bad ? world_size() - 1 : 0); },
      Where::not_on_all));
  cases.push_back(one_of(
      "broadcast of sizes that differ", "entries",
      [comm](bool bad) { comm->broadcast(Exec{}, signal(1, bad ? 4 : 3), 0); }, Where::not_on_all));
}

/// Sums of this many entries, one more on ranks with the fault.
template <typename T>
void add_sums(Cases& cases, const std::shared_ptr<Communicator>& comm, const std::string& type) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{100}, std::size_t{5000}}) {
    const std::string what = "of " + std::to_string(n) + " or one more of " + type;
    cases.push_back(one_of(
        "sum " + what, "sum: ",
        [comm, n](bool bad) {
          std::vector<T> values(n + 1);
          comm->sum(values.data(), bad ? n + 1 : n);
        },
        Where::not_on_all));
    if constexpr (!std::is_same_v<T, std::int64_t>)
      cases.push_back(one_of(
          "all_reduce_sum " + what, "all_reduce_sum: ",
          [comm, n](bool bad) {
            comm->all_reduce_sum(Exec{}, Kokkos::View<T*>("v", bad ? n + 1 : n));
          },
          Where::not_on_all));
  }
}

void add_calls(Cases& cases, const std::shared_ptr<Communicator>& comm) {
  add_roots(cases, comm);
  add_sums<float>(cases, comm, "float");
  add_sums<double>(cases, comm, "double");
  add_sums<Kokkos::complex<double>>(cases, comm, "complex numbers");
  add_sums<std::int64_t>(cases, comm, "integers");
  cases.push_back(one_of("all_reduce_sum of a column", "not contiguous", [comm](bool bad) {
    const Kokkos::View<double**, Kokkos::LayoutRight> all("all", 4, 4);
    using Column = Kokkos::View<double*, Kokkos::LayoutStride>;
    Column v = Kokkos::subview(all, 1, Kokkos::ALL);
    if (bad) v = Kokkos::subview(all, Kokkos::ALL, 1);
    comm->all_reduce_sum(Exec{}, v);
  }));
  cases.push_back(one_of(
      "sums of float and double", "the bytes of a sum",
      [comm](bool bad) {
        std::array<double, 9> values{};
        std::array<float, 9> others{};
        if (bad)
          comm->sum(others.data(), 9);
        else
          comm->sum(values.data(), 9);
      },
      Where::not_on_all));
  cases.push_back(one_of(
      "work of different names", "different order",
      [comm](bool bad) { comm->agree(bad ? "reads" : "writes", [] {}); }, Where::not_on_all));
  cases.push_back(one_of("a Communicator that was moved from", "moved from", [](bool bad) {
    Communicator first(MPI_COMM_WORLD);
    if (bad) const Communicator second = std::move(first);
    first.agree("work", [] {});
  }));
  cases.back().where = Where::on_all;
  cases.back().names_rank = false;
}

/// Identities, which take any scalar.
struct AnyScalar {
  Exec exec{};
  DistributedOperator<Identity> operators{MPI_COMM_WORLD, world_size(),
                                          [](int) { return Identity(6); }};
  DistributedDataFidelity<L2> fidelity{L2{0.7}};

  template <typename T>
  void run(bool with_gradient) const {
    const Kokkos::View<T*> x("x", 6), g("g", 6);
    const std::vector<Kokkos::View<T*>> y(1, Kokkos::View<T*>("y", 6));
    if (with_gradient)
      fidelity.fn_and_grad(exec, x, y, operators, g);
    else
      fidelity.fn(exec, x, y, operators);
  }
  void run_batch(bool with_gradient, std::size_t of_x, std::size_t of_y, std::size_t of_g) const {
    using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
    const Batch x("x", of_x, 6), g("g", of_g, 6);
    const std::vector<Batch> y(1, Batch("y", of_y, 6));
    if (with_gradient)
      fidelity.fn_and_grad(exec, x, y, operators, g);
    else
      fidelity.fn(exec, x, y, operators);
  }
};

void add_scalars(Cases& cases) {
  using Run = void (AnyScalar::*)(bool) const;
  const std::vector<std::pair<std::string, Run>> types{
      {"float", &AnyScalar::run<float>},
      {"double", &AnyScalar::run<double>},
      {"complex<float>", &AnyScalar::run<Kokkos::complex<float>>},
      {"complex<double>", &AnyScalar::run<Kokkos::complex<double>>}};
  const auto all = std::make_shared<AnyScalar>();
  for (const bool with_gradient : {false, true}) {
    for (const auto& first : types)
      for (const auto& other : types)
        if (first.first != other.first)
          cases.push_back(one_of(
              first.first + ", on others " + other.first, "scalar",
              [all, with_gradient, one = first.second, two = other.second](bool bad) {
                (all.get()->*(bad ? two : one))(with_gradient);
              },
              Where::not_on_all));
    cases.push_back(one_of(
        "batches that differ", "signals",
        [all, with_gradient](bool bad) {
          const std::size_t n = bad ? 3 : 2;
          all->run_batch(with_gradient, n, n, n);
        },
        Where::not_on_all));
    cases.push_back(one_of(
        "a batch of other measurements", "y: has 3 signals",
        [all, with_gradient](bool bad) { all->run_batch(with_gradient, 2, bad ? 3 : 2, 2); }));
    cases.push_back(one_of(
        "a vector, on others a batch", "signals",
        [all, with_gradient](bool bad) {
          if (bad)
            all->run_batch(with_gradient, 2, 2, 2);
          else
            all->run<double>(with_gradient);
        },
        Where::not_on_all));
  }
  cases.push_back(one_of("a batch of other gradients", "gradient: has 3 signals",
                         [all](bool bad) { all->run_batch(true, 2, 2, bad ? 3 : 2); }));
}

}  // namespace

std::vector<std::string> taken_before_mpi() {
  std::vector<std::string> taken;
  for (const auto& [name, take] : takers()) {
    if (std::string(name) == "measured_costs") continue;  // which takes an instance of Kokkos
    bool refused = false;
    try {
      take(MPI_COMM_WORLD);
    } catch (const ArgumentError& error) {
      refused = std::string(error.what()).find("MPI is not running") != std::string::npos;
    }
    if (!refused) taken.emplace_back(name);
  }
  return taken;
}

void add_communicators(Cases& cases) {
  add_parents(cases);
  add_calls(cases, std::make_shared<Communicator>(MPI_COMM_WORLD));
  add_scalars(cases);
}

}  // namespace misfit::test
