// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/bad_input/problem.hpp"

#include <cmath>

namespace misfit::test {

namespace {

constexpr std::size_t rows = 6, unknowns = 5;

auto matrix(int i, std::size_t m) {
  const Kokkos::View<double**, Kokkos::LayoutRight> a("a", m, unknowns);
  Kokkos::deep_copy(flatten(a), signal(static_cast<std::size_t>(20 + i), m * unknowns));
  return Dense(a);
}

std::shared_ptr<Problem> with(const char* name, std::unique_ptr<Operators> operators, Sum sum,
                              std::optional<Slabs> slabs = {}) {
  auto problem = std::make_shared<Problem>();
  problem->name = name;
  problem->slabs = std::move(slabs);
  problem->operators = std::move(operators);
  problem->fidelity = std::make_unique<Fidelity>(L2{0.7}, Reduction::mean, sum);
  problem->finish();
  return problem;
}

AnyOperator<double> on_image(int i, const Shape& image) {
  if (i == 0) return FiniteDifference(image);
  return Mask{signal(7, image.size())};
}

std::vector<std::shared_ptr<Problem>> make_problems() {
  const int p = world_size(), members = p % 2 == 0 ? 2 : 1;
  const auto whole = [](int i) -> AnyOperator<double> { return matrix(i, rows); };
  const auto tall = [p](int i) -> AnyOperator<double> {
    return matrix(i, 6 * static_cast<std::size_t>(p));
  };
  const Shape image{3 * static_cast<std::size_t>(p), 4};
  const auto in_slabs = [image](int i) { return on_image(i, image); };

  std::vector<std::shared_ptr<Problem>> all;
  all.push_back(with("whole operators", std::make_unique<Operators>(MPI_COMM_WORLD, 2 * p, whole),
                     Sum::run_to_run));
  all.push_back(
      with("reproducible sums",
           std::make_unique<Operators>(MPI_COMM_WORLD, Partition::blocks(2 * p + 1), whole),
           Sum::reproducible));
  all.push_back(with("operators in parts",
                     std::make_unique<Operators>(MPI_COMM_WORLD, Partition::split(3), tall),
                     Sum::run_to_run));
  Slabs slabs(MPI_COMM_WORLD, image);
  auto of_slabs = std::make_unique<Operators>(slabs, 2, in_slabs);
  all.push_back(with("slabs", std::move(of_slabs), Sum::run_to_run, std::move(slabs)));
  const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = p / members});
  Slabs shared(ensemble, image);
  auto of_members = std::make_unique<Operators>(shared, 2 * members,
                                                [image](int i) { return on_image(i / 2, image); });
  all.push_back(with("an ensemble", std::move(of_members), Sum::run_to_run, std::move(shared)));
  return all;
}

void append(std::vector<double>& all, const Signal& view) {
  for (std::size_t j = 0; j < view.extent(0); ++j) all.push_back(view(j));
}

}  // namespace

int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int world_size() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

Signal signal(std::size_t k, std::size_t n) {
  const Signal view("signal", n);
  for (std::size_t j = 0; j < n; ++j)
    view(j) = std::sin(0.7 * static_cast<double>(j + 1) + 1.3 * static_cast<double>(k)) + 1.5;
  return view;
}

void Problem::finish() {
  const std::size_t n = operators->domain_size(), local = operators->local_indices().size();
  arguments.x = signal(1, n);
  arguments.out = signal(2, n);
  for (std::size_t k = 0; k < local; ++k)
    arguments.y.push_back(signal(3 + k, operators->range_size(operators->local_indices()[k])));
  const bool whole = operators->owner(0) >= 0;
  const std::size_t count = whole ? static_cast<std::size_t>(operators->size()) : local;
  for (std::size_t k = 0; k < count; ++k)
    arguments.all_y.push_back(signal(
        9, operators->range_size(whole ? static_cast<int>(k) : operators->local_indices()[k])));
  append(inputs, arguments.x);
  for (const auto& view : arguments.y) append(inputs, view);
  append(outputs, arguments.out);
  const Signal g("g", n);
  value = fidelity->fn_and_grad(exec, arguments.x, arguments.y, *operators, g);
  append(gradient, g);
}

bool Problem::right() const {
  const Signal g("g", arguments.x.extent(0));
  const double now = fidelity->fn_and_grad(exec, arguments.x, arguments.y, *operators, g);
  std::vector<double> entries_now;
  append(entries_now, g);
  Kokkos::deep_copy(arguments.out, signal(2, arguments.out.extent(0)));
  return now == value && entries_now == gradient;
}

bool Problem::untouched(bool outputs_too) const {
  std::vector<double> in, out;
  append(in, arguments.x);
  for (const auto& view : arguments.y) append(in, view);
  append(out, arguments.out);
  return in == inputs && (!outputs_too || out == outputs);
}

const std::vector<std::shared_ptr<Problem>>& problems() {
  static std::vector<std::shared_ptr<Problem>> all;
  if (all.empty()) {
    all = make_problems();
    Kokkos::push_finalize_hook([] { all.clear(); });
  }
  return all;
}

}  // namespace misfit::test
