// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/watchdog/calls.hpp"

#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_replicated.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>

namespace misfit::test {

namespace {

using Delay = std::function<void()>;

constexpr std::size_t unknowns = 500;

/// A matrix that first waits.
struct Delayed : MatrixOperator<double> {
  const Delay* delay;

  Delayed(std::size_t k, const Delay& waits)
      : MatrixOperator<double>(k, 4, unknowns), delay(&waits) {}
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    (*delay)();
    MatrixOperator<double>::apply(exec, x, y);
  }
};

struct Problem {
  Delay delay;
  DistributedOperator<Delayed> operators{
      MPI_COMM_WORLD, 9, [this](int i) { return Delayed(static_cast<std::size_t>(i), delay); }};
  Measurements<Kokkos::View<double*>> y =
      operators.measurements([](int) { return vector_of<double>(3, 4); });
  Kokkos::View<double*> x = vector_of<double>(1, unknowns), out{"out", unknowns};
  DistributedDataFidelity<L2> fidelity{L2{0.7}};
  DistributedDataFidelity<L2> reproducible{L2{0.7}, Reduction::sum, Sum::reproducible};
};

template <typename Use>
WatchedCall of_problem(const char* name, const Delay& delay, Use use) {
  const auto problem = std::make_shared<Problem>(delay);
  return {name, [=] { use(*problem); }};
}

template <typename Use>
WatchedCall of_communicator(const char* name, const Delay& delay, Use use) {
  const auto comm = std::make_shared<Communicator>(MPI_COMM_WORLD);
  return {name, [=] {
            delay();
            use(*comm);
          }};
}

WatchedCall of_slabs(const Delay& delay) {
  const Shape image{24, 10};
  const Slabs slabs(MPI_COMM_WORLD, image);
  auto make = [&](int i) {
    return Blur(image, batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  };
  using Operators = decltype(DistributedOperator(slabs, 2, make));
  const auto operators = std::make_shared<Operators>(slabs, 2, make);
  const auto y = std::make_shared<Measurements<Kokkos::View<double*>>>(
      operators->measurements([&](int) { return vector_of<double>(2, image.size()); }));
  const auto x = vector_of<double>(1, slabs.owned_size());
  return {"fn_and_grad", [=] {
            delay();
            const DistributedDataFidelity fidelity(L2{0.7});
            const Kokkos::View<double*> out("out", x.extent(0));
            fidelity.fn_and_grad(Exec(), x, *y, *operators, out);
          }};
}

WatchedCall new_operators(const Delay& delay) {
  const auto parent = std::make_shared<MPI_Comm>();
  MPI_Comm_dup(MPI_COMM_WORLD, parent.get());
  return {"Communicator", [=] {
            delay();
            const Limited limited;
            DistributedOperator(*parent, 9,
                                [](int) { return MatrixOperator<double>(1, 4, unknowns); });
          }};
}

using Maker = WatchedCall (*)(const Delay& delay);

const Maker makers[] = {
    [](const Delay& delay) {
      return of_problem("fn", delay,
                        [](Problem& p) { p.fidelity.fn(Exec(), p.x, p.y, p.operators); });
    },
    [](const Delay& delay) {
      return of_problem("grad", delay,
                        [](Problem& p) { p.fidelity.grad(Exec(), p.x, p.y, p.operators, p.out); });
    },
    [](const Delay& delay) {
      return of_problem("fn_and_grad", delay, [](Problem& p) {
        p.reproducible.fn_and_grad(Exec(), p.x, p.y, p.operators, p.out);
      });
    },
    [](const Delay& delay) {
      return of_communicator("sum", delay, [](const Communicator& comm) {
        double number = 1;
        comm.sum(&number, 1);
      });
    },
    [](const Delay& delay) {
      return of_communicator("sum", delay, [](const Communicator& comm) {
        std::int64_t number = 1;
        comm.sum(&number, 1);
      });
    },
    [](const Delay& delay) {
      return of_communicator("broadcast", delay, [](const Communicator& comm) {
        comm.broadcast(Exec(), vector_of<double>(1, unknowns), 0);
      });
    },
    [](const Delay& delay) {
      return of_communicator("check_replicated", delay, [](const Communicator& comm) {
        check_replicated(Exec(), comm, vector_of<double>(1, unknowns));
      });
    },
    [](const Delay& delay) {
      return of_problem("prox", delay, [](Problem& p) {
        p.delay();
        p.fidelity.prox(Exec(), 0.3, p.x, p.y, p.operators, p.out);
      });
    },
    [](const Delay& delay) {
      return of_problem("measurements", delay, [](Problem& p) {
        p.operators.measurements([&p](int) {
          p.delay();
          return vector_of<double>(3, 4);
        });
      });
    },
    [](const Delay& delay) {
      return of_problem("normal", delay,
                        [](Problem& p) { p.operators.normal(Exec(), p.x, p.out); });
    },
    [](const Delay& delay) {
      return of_problem("check_adjoint", delay,
                        [](Problem& p) { check_adjoint(Exec(), p.operators); });
    },
    of_slabs,
    new_operators};

}  // namespace

int kinds_of_calls() { return static_cast<int>(std::size(makers)); }

WatchedCall make_call(int kind, std::function<void()> delay) {
  const Limited limited;
  return makers[kind](delay);
}

}  // namespace misfit::test
