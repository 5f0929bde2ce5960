// SPDX-License-Identifier: BSD-3-Clause

// An operator that is a parallel program: heat that spreads from a source, explicit in time, with
// its grid in slabs on the ranks of a member and an adjoint by hand. Members simulate different
// sources; together they recover how fast heat spreads in each place.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstdio>

using Exec = Kokkos::DefaultExecutionSpace;
using Field = Kokkos::View<double*>;

constexpr std::size_t rows = 16, columns = 12;
constexpr int steps = 12;

/// A(c) = u_T with u_{t+1} = u_t + c ∘ Δ u_t, where Δ is the five-point Laplacian, 0 outside.
class Diffusion {
 public:
  /// Heat starts in one place. Collective over a member: memory that one rank lacks fails on all.
  Diffusion(const misfit::Slabs& slabs, const misfit::Halo& halo, int source)
      : slabs_(&slabs), halo_(&halo) {
    slabs.space().agree("Diffusion", [&] {
      const std::size_t n = slabs.owned_size();
      start_ = Field("start", n), lambda_ = Field("lambda", n);
      product_ = Field("product", n), back_ = Field("back", n);
      ghosted_ = Field("ghosted", halo.extended_size());
      laplacians_ = Kokkos::View<double**, Kokkos::LayoutRight>("laplacians", steps, n);
      const auto host = Kokkos::create_mirror_view(start_);
      for (std::size_t j = 0; j < n; ++j) {
        const double down =
            static_cast<double>(slabs.owned().begin + j / columns) - 4 - 8 * (source % 2);
        const double right = static_cast<double>(j % columns) - 1.5 - 3 * (source / 2);
        host(j) = 10 * std::exp(-(down * down + right * right) / 8);
      }
      Kokkos::deep_copy(start_, host);
    });
  }

  std::size_t domain_size() const { return slabs_->owned_size(); }
  std::size_t range_size() const { return slabs_->owned_size(); }

  template <typename C, typename Y>
  void apply(const Exec& exec, const C& c, const Y& y) const {
    Kokkos::deep_copy(exec, y, start_);
    for (int t = 0; t < steps; ++t) {
      const Field change = Kokkos::subview(laplacians_, t, Kokkos::ALL);
      laplacian(exec, y, change);
      add_product(exec, c, change, y);
    }
  }

  /// g += J(c)^T r: with λ_T = r and λ_t = λ_{t+1} + Δ (c ∘ λ_{t+1}), the sum of λ_{t+1} ∘ Δ u_t.
  template <typename C, typename R, typename G>
  void add_vjp(const Exec& exec, const C& c, const R& r, const G& g) const {
    const Field lambda = lambda_, product = product_, back = back_;
    apply(exec, c, lambda);  // for the Laplacians
    Kokkos::deep_copy(exec, lambda, r);
    for (int t = steps - 1; t >= 0; --t) {
      add_product(exec, lambda, Kokkos::subview(laplacians_, t, Kokkos::ALL), g);
      Kokkos::deep_copy(exec, product, 0.0);
      add_product(exec, c, lambda, product);
      laplacian(exec, product, back);
      Kokkos::parallel_for(
          Kokkos::RangePolicy<Exec>(exec, 0, lambda.extent(0)),
          KOKKOS_LAMBDA(const int j) { lambda(j) += back(j); });
    }
  }

  /// v = Δ u, with one row of u from each neighbour.
  template <typename U>
  void laplacian(const Exec& exec, const U& u, const Field& v) const {
    halo_->exchange(exec, u, ghosted_);
    const auto all = ghosted_;
    const int n = static_cast<int>(columns), first = n * static_cast<int>(halo_->before());
    const int size = static_cast<int>(all.extent(0));
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, v.extent(0)), KOKKOS_LAMBDA(const int j) {
          const int i = first + j, column = j % n;
          v(j) = (i >= n ? all(i - n) : 0) + (i + n < size ? all(i + n) : 0) +
                 (column > 0 ? all(i - 1) : 0) + (column + 1 < n ? all(i + 1) : 0) - 4 * all(i);
        });
  }
  /// c += a ∘ b.
  template <typename A, typename B, typename C>
  static void add_product(const Exec& exec, const A& a, const B& b, const C& c) {
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, c.extent(0)),
        KOKKOS_LAMBDA(const int j) { c(j) += a(j) * b(j); });
  }

 private:
  const misfit::Slabs* slabs_;
  const misfit::Halo* halo_;
  Field start_, lambda_, product_, back_, ghosted_;
  Kokkos::View<double**, Kokkos::LayoutRight> laplacians_;
};

/// How fast heat spreads: 0.1, and faster around the middle.
Field true_speed(const misfit::Slabs& slabs) {
  Field speed("speed", slabs.owned_size());
  const auto host = Kokkos::create_mirror_view(speed);
  for (std::size_t j = 0; j < host.extent(0); ++j) {
    const double down = static_cast<double>(slabs.owned().begin + j / columns) - 8;
    const double right = static_cast<double>(j % columns) - 6;
    host(j) = 0.1 + 0.1 * std::exp(-(down * down + right * right) / 20);
  }
  Kokkos::deep_copy(speed, host);
  return speed;
}

void recover() {
  const Exec exec;
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const misfit::Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks % 2 == 0 ? 2 : 1});
  const misfit::Slabs slabs(ensemble.space().native(), {rows, columns});
  const misfit::Halo halo(slabs, {.before = 1, .after = 1});
  const misfit::DistributedOperator sources(ensemble, 8,
                                            [&](int i) { return Diffusion(slabs, halo, i); });

  const Field truth = true_speed(slabs);
  const auto heat = sources.allocate_measurements<double>();
  sources.forward(exec, truth, heat, misfit::Scope::local);
  const auto y = sources.measurements(exec, heat);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0});

  Field c("c", slabs.owned_size()), g("g", c.extent(0)), before("before", c.extent(0)),
      difference("difference", c.extent(0));
  const auto subtract = [&](const Field& a, const Field& b, const Field& result) {
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, result.extent(0)),
        KOKKOS_LAMBDA(const int j) { result(j) = a(j) - b(j); });
  };
  Kokkos::deep_copy(exec, c, 0.1);
  const auto checked = misfit::check_gradient(exec, fidelity, c, y, sources);
  const bool speaks = ensemble.communicator().rank() == 0;
  if (speaks)
    std::printf(
        "%d ranks in groups of %d, which simulate 8 sources\n"
        "the gradient is off by %.1e, allowed are %.1e\n",
        ranks, ensemble.space().size(), checked.error, checked.tolerance);

  // Descent with the step of J. Barzilai and J. M. Borwein, "Two-point step size gradient methods",
  // 1988, from one speed everywhere. A is not linear: there is no norm_squared_bound() that a
  // method with one step, such as FISTA, could take it from. The first is short, the others are
  // told by how the gradient changed.
  double length = 1e-4;
  for (int step = 0; step <= 30; ++step) {
    const double value = fidelity.fn_and_grad(exec, c, y, sources, g);
    if (step > 0) {
      subtract(before, g, difference);
      length *= slabs.dot(exec, before, difference) / slabs.dot(exec, difference, difference);
    }
    Kokkos::deep_copy(exec, before, g);
    subtract(c, truth, difference);
    const double error = slabs.norm(exec, difference) / slabs.norm(exec, truth);
    if (speaks && step % 10 == 0)
      std::printf("step %2d  f = %.3e  error of c = %.4f\n", step, value, error);
    const double taken = length;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, c.extent(0)),
        KOKKOS_LAMBDA(const int j) { c(j) -= taken * g(j); });
  }
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, recover); }
