// SPDX-License-Identifier: BSD-3-Clause

// Images in slabs, their halos, and ensembles.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

std::shared_ptr<Problem> in_slabs() { return problems()[3]; }

/// Not written to be cut.
struct OfAll {
  static std::size_t domain_size() { return image_size(); }
  static std::size_t range_size() { return image_size(); }
  static std::size_t image_size() { return 12 * static_cast<std::size_t>(world_size()); }
  static void apply(const Exec&, const Kokkos::View<const double*>&, const Signal&) {}
};

Shape image() { return {3 * static_cast<std::size_t>(world_size()), 4}; }

Case one_of(const std::string& name, const std::string& words, std::function<void(bool)> call,
            Where where = Where::anywhere) {
  Case one;
  one.name = name;
  one.words = words;
  one.call = std::move(call);
  one.where = where;
  one.names_rank = where == Where::anywhere;
  one.right = [problem = in_slabs()] { return problem->right(); };
  return one;
}

void add_constructions(Cases& cases) {
  const auto differ = Where::not_on_all;
  cases.push_back(one_of("slabs along dimension 2 of 2", "dimension: is 2", [](bool bad) {
    Slabs(MPI_COMM_WORLD, image(), {.dimension = bad ? 2u : 0u});
  }));
  cases.push_back(one_of(
      "slabs along other dimensions", "dimension",
      [](bool bad) { Slabs(MPI_COMM_WORLD, image(), {.dimension = bad ? 1u : 0u}); }, differ));
  cases.push_back(one_of(
      "slabs of other shapes", "",
      [](bool bad) { Slabs(MPI_COMM_WORLD, bad ? Shape{99, 4} : image()); }, differ));
  cases.push_back(one_of(
      "slabs of other dimensions", "",
      [](bool bad) { Slabs(MPI_COMM_WORLD, bad ? Shape{9, 4, 2} : image()); }, differ));
  for (const std::size_t rows : {std::size_t{4}, std::size_t{2}, std::size_t{0}, ~std::size_t{0}})
    cases.push_back(one_of(
        "slabs of " + std::to_string(rows) + " rows",
        "rows: ", [rows](bool bad) { Slabs(MPI_COMM_WORLD, image(), {.rows = bad ? rows : 3}); }));
  for (auto& one : cases) one.names_rank = one.names_rank && one.words != "rows: ";
  cases.push_back(one_of(
      "rows of some ranks alone", "rows",
      [](bool bad) {
        SlabsOptions options;
        if (!bad) options.rows = 3;
        Slabs(MPI_COMM_WORLD, image(), options);
      },
      differ));
  for (const int ranks : {0, -1, world_size() + 1}) {
    cases.push_back(one_of(
        "an ensemble of " + std::to_string(ranks) + " ranks a member", "ranks_per_member",
        [ranks](bool bad) { Ensemble(MPI_COMM_WORLD, {.ranks_per_member = bad ? ranks : 1}); }));
    cases.back().names_rank = false;
  }
  cases.push_back(one_of(
      "ensembles that differ", "ranks_per_member",
      [](bool bad) { Ensemble(MPI_COMM_WORLD, {.ranks_per_member = bad ? world_size() : 1}); },
      differ));
  cases.push_back(one_of(
      "halos that differ", "", [](bool bad) { Halo(*in_slabs()->slabs, {bad ? 2u : 1u, 1}); },
      differ));
  cases.push_back(one_of("a circular halo of 2^63 rows", "rows before", [](bool bad) {
    Halo(*in_slabs()->slabs, {bad ? ~std::size_t{0} / 2 : 1, 1, true});
  }));
  cases.back().names_rank = false;
}

/// Operators that do not fit into the slabs.
void add_operators_of_slabs(Cases& cases) {
  const auto make = [](int n, const Shape& shape) {
    DistributedOperator(*in_slabs()->slabs, n, [&](int) { return FiniteDifference(shape); });
  };
  cases.push_back(one_of("-1 operators in slabs", "n: is -1",
                         [make](bool bad) { make(bad ? -1 : 2, image()); }));
  cases.push_back(one_of(
      "numbers of operators in slabs", "n is", [make](bool bad) { make(bad ? 3 : 2, image()); },
      Where::not_on_all));
  cases.push_back(one_of("operators of another image", "",
                         [make](bool bad) { make(2, bad ? Shape{7, 7} : image()); }));
  cases.back().names_rank = false;
  cases.push_back(one_of("an operator that reaches over all", "slabs", [](bool bad) {
    DistributedOperator(*in_slabs()->slabs, 2, [&](int) -> AnyOperator<double> {
      if (bad) return OfAll{};
      return FiniteDifference(image());
    });
  }));
}

/// Views of scatter, gather, dot, exchange and accumulate that do not fit.
struct Parts {
  std::shared_ptr<Problem> problem = in_slabs();
  const Slabs& slabs = *problem->slabs;
  Halo halo{slabs, {1, 1}};
  Exec exec{};
  Signal global = signal(1, image().size()), owned = signal(2, slabs.owned_size()),
         extended = signal(3, halo.extended_size());
};

using Spoil = Signal (*)(const Signal&);

struct PartsCall {
  const char *name, *first, *second;
  void (*make)(const Parts&, const Signal&, const Signal&);
  Signal Parts::* first_one;
  Signal Parts::* second_one;
  bool first_on_root_alone = false, second_on_root_alone = false;
};

std::vector<PartsCall> calls() {
  using P = const Parts&;
  using V = const Signal&;
  return {
      {"scatter", "global", "owned", [](P p, V a, V b) { p.slabs.scatter(p.exec, a, b); },
       &Parts::global, &Parts::owned, true, false},
      {"gather", "owned", "global", [](P p, V a, V b) { p.slabs.gather(p.exec, a, b); },
       &Parts::owned, &Parts::global, false, true},
      {"dot", "a", "b", [](P p, V a, V b) { p.slabs.dot(p.exec, a, b); }, &Parts::owned,
       &Parts::owned},
      {"exchange", "owned", "extended", [](P p, V a, V b) { p.halo.exchange(p.exec, a, b); },
       &Parts::owned, &Parts::extended},
      {"accumulate", "extended", "owned", [](P p, V a, V b) { p.halo.accumulate(p.exec, a, b); },
       &Parts::extended, &Parts::owned}};
}

/// What a call with right arguments gives.
std::vector<double> result_of(const PartsCall& call, const Parts& p) {
  for (const auto& [view, seed] : {std::pair{p.global, 1}, {p.owned, 2}, {p.extended, 3}})
    Kokkos::deep_copy(view, signal(static_cast<std::size_t>(seed), view.extent(0)));
  const Signal &a = p.*call.first_one, &b = p.*call.second_one;
  call.make(p, a, b);
  return {b.data(), b.data() + b.extent(0)};
}

void add_calls(Cases& cases) {
  const auto parts = std::make_shared<Parts>();
  const std::vector<std::pair<const char*, Spoil>> faults{
      {"is too long", [](const Signal& v) { return signal(1, v.extent(0) + 1); }},
      {"is too short", [](const Signal& v) { return signal(1, v.extent(0) - 1); }},
      {"has no entries", [](const Signal&) { return Signal(); }},
      {"is null", [](const Signal& v) { return Signal(nullptr, v.extent(0)); }}};
  for (const auto& call : calls())
    for (const auto& [fault, spoil] : faults)
      for (const bool second : {false, true}) {
        const char* name = second ? call.second : call.first;
        Case one =
            one_of(std::string(call.name) + ": " + name + " " + fault, std::string(name) + ": has",
                   [parts, call, spoil = spoil, second](bool bad) {
                     const Signal a = (*parts).*call.first_one, b = (*parts).*call.second_one;
                     call.make(*parts, bad && !second ? spoil(a) : a, bad && second ? spoil(b) : b);
                   });
        // Others than the root do not look at it.
        if (second ? call.second_on_root_alone : call.first_on_root_alone)
          one.where = Where::on_first;
        one.right = [parts, call, right = result_of(call, *parts), problem = parts->problem] {
          return result_of(call, *parts) == right && problem->right();
        };
        cases.push_back(std::move(one));
      }
  for (const int root : {-1, world_size()}) {
    cases.push_back(
        one_of("scatter from rank " + std::to_string(root), "root", [parts, root](bool bad) {
          parts->slabs.scatter(parts->exec, parts->global, parts->owned, bad ? root : 0);
        }));
    cases.back().names_rank = false;
  }
  cases.push_back(one_of(
      "gather to different ranks", "root",
      [parts](bool bad) {
        parts->slabs.gather(parts->exec, parts->owned, parts->global, bad ? world_size() - 1 : 0);
      },
      Where::not_on_all));
  cases.push_back(one_of(
      "scatter, on others gather", "different order",
      [parts](bool bad) {
        if (bad)
          parts->slabs.gather(parts->exec, parts->owned, parts->global);
        else
          parts->slabs.scatter(parts->exec, parts->global, parts->owned);
      },
      Where::not_on_all));
  cases.push_back(one_of(
      "exchange, on others accumulate", "different order",
      [parts](bool bad) {
        if (bad)
          parts->halo.accumulate(parts->exec, parts->extended, parts->owned);
        else
          parts->halo.exchange(parts->exec, parts->owned, parts->extended);
      },
      Where::not_on_all));
}

}  // namespace

void add_slabs(Cases& cases) {
  Cases own;
  add_constructions(own);
  add_operators_of_slabs(own);
  add_calls(own);
  for (auto& one : own) cases.push_back(std::move(one));
}

}  // namespace misfit::test
