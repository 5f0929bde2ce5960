// SPDX-License-Identifier: BSD-3-Clause

// Factories that throw.

#include "scorecard/bad_input/moody.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace misfit::test {

void add_factories(Cases& cases, const std::shared_ptr<Moody>& moody, const Thrown& what) {
  const int n = 2 * world_size();
  const auto raise = what.raise;
  const auto add = [&](const char* name, std::function<void(bool)> call) {
    cases.push_back(throwing(name, what));
    cases.back().call = std::move(call);
    cases.back().right = [moody, right = moody->value()] { return moody->value() == right; };
  };
  const auto mask = [raise](bool bad) {
    if (bad) raise();
    return Mask{signal(1, 5)};
  };
  const auto parts = Partition::split(std::vector<double>(static_cast<std::size_t>(n), 1.0),
                                      std::vector<std::size_t>(static_cast<std::size_t>(n), 5));
  add("a factory of operators",
      [=](bool bad) { DistributedOperator(MPI_COMM_WORLD, n, [&](int) { return mask(bad); }); });
  add("a factory of operators that are split", [=](bool bad) {
    DistributedOperator(MPI_COMM_WORLD, parts, [&](int) { return mask(bad); });
  });
  add("a factory of parts", [=](bool bad) {
    DistributedOperator(MPI_COMM_WORLD, parts, [&](int, const Rows& rows) {
      if (bad) raise();
      const Kokkos::View<double**, Kokkos::LayoutRight> a("a", rows.size(), 5);
      return Dense(a);
    });
  });
  add("a factory of operators in slabs", [=](bool bad) {
    const Slabs slabs(MPI_COMM_WORLD, {static_cast<std::size_t>(n), 2});
    DistributedOperator(slabs, 2, [&](int) {
      if (bad) raise();
      return FiniteDifference(Shape{static_cast<std::size_t>(n), 2});
    });
  });
  add("a factory of measurements", [=](bool bad) {
    moody->operators.measurements([&](int) {
      if (bad) raise();
      return signal(1, 5);
    });
  });
  add("a factory of distances", [=](bool bad) {
    DistributedDataFidelity(moody->operators, [&](int) {
      if (bad) raise();
      return L2{};
    });
  });
  add("a factory of what is timed", [=](bool bad) {
    measured_costs(moody->exec, MPI_COMM_WORLD, n, [&](int) { return mask(bad); });
  });
  add("agreed work", [=](bool bad) {
    moody->operators.communicator().agree("work", [&] {
      if (bad) raise();
    });
  });
}

}  // namespace misfit::test
