// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/reproducible/evaluate.hpp"

namespace misfit::test {

namespace {

/// Made of gradients, and of inner products that every rank takes alike.
std::uint64_t hash_of_prox(MPI_Comm comm, const Partition& partition, Sum sum) {
  constexpr std::size_t size = 501;
  const DistributedOperator operators(comm, partition, [](int i) {
    return Mask(vector_of<double>(static_cast<std::size_t>(10 + i), size));
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), size); });
  const DistributedDataFidelity fidelity(L2{0.5}, Reduction::sum, sum);
  const Kokkos::View<double*> result("result", size);
  fidelity.prox(Exec{}, 0.7, vector_of<double>(3, size), y, operators, result);
  Bits bits;
  bits.add(result);
  return bits.hash();
}

/// By the dual method, whose steps sums over operators and over x decide.
std::uint64_t hash_of_dual_prox(MPI_Comm comm, const Partition& partition, Sum sum) {
  constexpr std::size_t size = 301;
  const DistributedOperator operators(comm, partition, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), 23, size);
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 23); });
  const DistributedDataFidelity fidelity(Huber{0.3}, Reduction::mean, sum);
  const Kokkos::View<double*> result("result", size);
  const SolverResult ended = fidelity.prox(Exec{}, 0.7, vector_of<double>(3, size), y, operators,
                                           result, {.tolerance = 1e-9, .max_iterations = 60});
  Bits bits;
  bits.add(result);
  bits.add(ended.residual);
  return bits.hash();
}

/// fn_and_grad over a subset, whose members many ranks have none of.
std::uint64_t hash_of_subset(MPI_Comm comm, const Partition& partition, Sum sum) {
  constexpr std::size_t size = 701;
  const DistributedOperator operators(comm, partition, [](int i) {
    return Mask(vector_of<double>(static_cast<std::size_t>(10 + i), size));
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), size); });
  const DistributedDataFidelity fidelity(L2{0.5}, Reduction::sum, sum);
  const Kokkos::View<double*> gradient("gradient", size);
  Bits bits;
  for (int which = 0; which < 3; ++which) {
    const auto subset = Subset::ordered(operators.size(), 3, which, Subset::Scale::unbiased);
    bits.add(
        fidelity.fn_and_grad(Exec{}, vector_of<double>(3, size), y, operators, gradient, subset));
    bits.add(gradient);
  }
  return bits.hash();
}

/// Value, gradient, Gauss–Newton product and Hessian of intensities at a point.
std::uint64_t hash_of_linearization(MPI_Comm comm, const Partition& partition, Sum sum) {
  using T = Kokkos::complex<double>;
  constexpr std::size_t size = 51;
  const DistributedOperator operators(comm, partition, [](int i) {
    return PhaseRetrieval(MatrixOperator<T>(static_cast<std::size_t>(i), 19, size));
  });
  const auto y = operators.measurements(
      [](int i) { return positive_vector_of(static_cast<std::size_t>(40 + i), 19); });
  const DistributedDataFidelity fidelity(Huber{0.5}, Reduction::sum, sum);
  const Kokkos::View<T*> v(vector_of<T>(4, size)), out("out", size);
  auto point = fidelity.at(Exec{}, vector_of<T>(3, size), y, operators);
  Bits bits;
  bits.add(point.value());
  point.gradient(out);
  bits.add(out);
  point.gauss_newton(v, out);
  bits.add(out);
  point.hessian(v, out);
  bits.add(out);
  return bits.hash();
}

/// Values at a point of operators whose measurements differ in size: the sum of a long one is taken
/// in lanes, that of a short one beside it is not.
std::uint64_t hash_of_sizes(MPI_Comm comm, const Partition& partition, Sum sum) {
  constexpr std::size_t rows[] = {40960, 140000, 12000};
  const DistributedOperator operators(comm, partition, [&](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), rows[i % 3], 1);
  });
  const auto y = operators.measurements(
      [&](int i) { return batch_of<double>(static_cast<std::size_t>(40 + i), 2, rows[i % 3]); });
  const DistributedDataFidelity fidelity(L2{0.5}, Reduction::sum, sum);
  auto point = fidelity.at(Exec{}, Kokkos::View<double**>(batch_of<double>(3, 2, 1)), y, operators);
  Bits bits;
  for (const auto& values : {point.value(), point.values()}) bits.add(values.data(), values.size());
  return bits.hash();
}

/// Of a distance with a domain.
std::uint64_t hash_of_poisson(MPI_Comm comm, const Partition& partition, Sum sum) {
  constexpr std::size_t size = 901;
  const auto positive = [](int i) { return positive_vector_of(static_cast<std::size_t>(i), size); };
  const DistributedOperator operators(comm, partition, [&](int i) { return Mask(positive(i)); });
  const auto y = operators.measurements([&](int i) { return positive(30 + i); });
  const DistributedDataFidelity fidelity(Poisson{}, Reduction::sum, sum);
  const Kokkos::View<double*> gradient("gradient", size);
  Bits bits;
  bits.add(fidelity.fn_and_grad(Exec{}, positive(90), y, operators, gradient));
  bits.add(gradient);
  return bits.hash();
}

}  // namespace

void add_real_cases(std::vector<Case>& cases) {
  add_masks<double>(cases, 40, 400, Launch::large_simulation);
  cases.push_back({"prox, double, 501 unknowns, 13 operators", 13, Launch::quick, hash_of_prox});
  cases.push_back({"prox of Huber, double, 301 unknowns, 13 operators", 13, Launch::simulation,
                   hash_of_dual_prox});
  cases.push_back({"subsets of masks, double, 701 unknowns, 13 operators", 13, Launch::simulation,
                   hash_of_subset});
  cases.push_back({"intensities at a point, complex double, 51 unknowns, 13 operators", 13,
                   Launch::simulation, hash_of_linearization});
  cases.push_back(
      {"a point of many sizes, double, 1 unknown, 4 operators", 4, Launch::full, hash_of_sizes});
  cases.push_back(
      {"Poisson, double, 901 unknowns, 11 operators", 11, Launch::quick, hash_of_poisson});
  add_scalar<float>(cases);
  add_scalar<double>(cases);
  add_case<double>(cases, "a user's nonlinear operators", 13, 431, Launch::quick, [](int i) {
    return SquaredOperator<double>(static_cast<std::size_t>(i), 9, 431);
  });
  add_case<double>(cases, "blurs", 13, 24 * 31, Launch::full, [](int i) {
    return Blur(Shape{24, 31}, batch_of<double>(static_cast<std::size_t>(60 + i), 3, 4));
  });
#if defined(MISFIT_FOURIER)
  add_case<double>(cases, "Fourier blurs", 13, 24 * 31, Launch::full, [](int i) {
    return FourierBlur<double>(Shape{24, 31},
                               batch_of<double>(static_cast<std::size_t>(60 + i), 3, 4));
  });
#endif
}

}  // namespace misfit::test
