// SPDX-License-Identifier: BSD-3-Clause

// Who owns what: numbers of operators, partitions, measurements and domains that are wrong, or that
// differ between ranks.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

Mask<Signal> mask(std::size_t n) { return Mask(signal(1, n)); }

struct BadSpread {
  std::string name, words;
  std::function<void(bool)> make;
  Where where = Where::anywhere;
};

template <typename Spread>
BadSpread spread(const std::string& name, const std::string& words, Where where, Spread right,
                 Spread wrong) {
  return {name, words,
          [right, wrong](bool bad) {
            DistributedOperator(MPI_COMM_WORLD, bad ? wrong : right, [](int) { return mask(5); });
          },
          where};
}

std::vector<BadSpread> wrong_ones() {
  const int p = world_size();
  std::vector<BadSpread> all;
  const auto owners = [](std::vector<int> list) { return Partition::from_owners(list); };
  all.push_back(spread("n is -1", "n: the number of operators is -1", Where::anywhere, 4, -1));
  all.push_back(spread("blocks of -1", "n: the number of operators is -1", Where::anywhere,
                       Partition::blocks(4), Partition::blocks(-1)));
  all.push_back(spread("an owner that is no rank", "owners: operator 1", Where::anywhere,
                       owners({0, 0, 0}), owners({0, p, 0})));
  all.push_back(spread("an owner of -1", "owners: operator 2", Where::anywhere, owners({0, 0, 0}),
                       owners({0, 0, -1})));
  all.push_back(
      spread("a split of -1", "n", Where::anywhere, Partition::split(3), Partition::split(-1)));
  for (const double cost : {-1.0, static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    const std::vector<double> right{1, 1, 1}, wrong{1, cost, 1};
    all.push_back(spread("a cost of " + std::to_string(cost), "costs: that of operator 1",
                         Where::anywhere, Partition::balanced(right), Partition::balanced(wrong)));
    all.push_back(spread("a split at a cost of " + std::to_string(cost),
                         "costs: that of operator 1", Where::anywhere, Partition::split(right),
                         Partition::split(wrong)));
  }
  return all;
}

std::vector<BadSpread> different_ones() {
  const int p = world_size();
  const auto differ = Where::not_on_all;
  std::vector<BadSpread> all;
  all.push_back(spread("n differs", "n is", differ, 4, 5));
  all.push_back(spread("n is 0 elsewhere", "n is", differ, 4, 0));
  all.push_back(spread("kinds of partition", "partition", differ, Partition::round_robin(2 * p),
                       Partition::blocks(2 * p)));
  all.push_back(spread("owners differ", "partition", differ, Partition::from_owners({0, 0}),
                       Partition::from_owners({0, p - 1})));
  all.push_back(spread("splits of other costs", "costs", differ, Partition::split({1.0, 2.0}),
                       Partition::split({2.0, 1.0})));
  all.push_back(
      spread("splits of other numbers", "is", differ, Partition::split(3), Partition::split(2)));
  return all;
}

Case one_of(const BadSpread& bad) {
  Case one;
  one.name = bad.name;
  one.words = bad.words;
  one.call = bad.make;
  one.where = bad.where;
  one.names_rank = bad.where == Where::anywhere;
  one.right = [problem = problems().front()] { return problem->right(); };
  return one;
}

/// Operators and measurements that a factory gives, of sizes that do not fit.
void add_sizes(Cases& cases) {
  const int n = 2 * world_size();
  cases.push_back(one_of({"domains differ", "domain size is",
                          [n](bool bad) {
                            DistributedOperator(MPI_COMM_WORLD, n,
                                                [&](int) { return mask(bad ? 6 : 5); });
                          },
                          Where::not_on_all}));
  cases.push_back(
      one_of({"domains of one rank's operators differ", "domain size is", [n](bool bad) {
                DistributedOperator(MPI_COMM_WORLD, n,
                                    [&](int i) { return mask(bad && i >= n / 2 ? 6 : 5); });
              }}));
  cases.back().names_rank = false;
  const auto problem = problems().front();
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{7}})
    cases.push_back(one_of({"a factory gives " + std::to_string(size) + " numbers", "y: has",
                            [problem, size](bool bad) {
                              problem->operators->measurements(
                                  [&](int) { return signal(1, bad ? size : 6); });
                            }}));
  for (const double number : {NAN, INFINITY, -INFINITY})
    cases.push_back(one_of({"a factory gives " + std::to_string(number), "y: has entries that are",
                            [problem, number](bool bad) {
                              problem->operators->measurements([&](int) {
                                const auto view = signal(1, 6);
                                if (bad) view(5) = number;
                                return view;
                              });
                            }}));
  cases.push_back(one_of({"a factory gives null", "y: has no memory", [problem](bool bad) {
                            problem->operators->measurements(
                                [&](int) { return bad ? Signal(nullptr, 6) : signal(1, 6); });
                          }}));
}

/// Objects that were moved from, and that belong to others.
void add_objects(Cases& cases) {
  const auto problem = problems().front();
  cases.push_back(one_of({"a fidelity that was moved from", "moved from", [problem](bool bad) {
                            Fidelity fidelity(L2{0.7});
                            if (bad) const Fidelity other = std::move(fidelity);
                            const auto& a = problem->arguments;
                            fidelity.fn(problem->exec, a.x, a.y, *problem->operators);
                          }}));
  cases.push_back(one_of({"operators that cannot be split", "cannot be split", [](bool bad) {
                            struct Same {
                              static std::size_t domain_size() { return 5; }
                              static std::size_t range_size() { return 5; }
                              static void apply(const Exec&, const Kokkos::View<const double*>&,
                                                const Signal&) {}
                            };
                            DistributedOperator(MPI_COMM_WORLD, Partition::split(world_size()),
                                                [&](int) -> AnyOperator<double> {
                                                  if (bad) return Same{};
                                                  return mask(5);
                                                });
                          }}));
  if (world_size() == 1) return;
  Case other = one_of(
      {"a fidelity of other operators", "operators", [problem](bool) {
         const auto n = static_cast<std::size_t>(problem->operators->size());
         const Operators others(MPI_COMM_WORLD, Partition::from_owners(std::vector<int>(n, 0)),
                                [](int) { return mask(5); });
         const DistributedDataFidelity own(*problem->operators, [](int) { return L2{}; });
         const std::vector<Signal> y(n, signal(1, 5));
         own.fn(problem->exec, problem->arguments.x, y, others);
       }});
  other.names_rank = false;
  cases.push_back(std::move(other));
}

}  // namespace

void add_partitions(Cases& cases) {
  for (const auto& bad : wrong_ones()) cases.push_back(one_of(bad));
  for (const auto& bad : different_ones()) cases.push_back(one_of(bad));
  add_sizes(cases);
  add_objects(cases);
}

}  // namespace misfit::test
