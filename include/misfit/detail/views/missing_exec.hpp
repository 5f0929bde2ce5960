// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/views.hpp>

namespace misfit::detail {

template <typename First>
struct ExecArgument {
  static_assert(ExecutionSpace<First>,
                "misfit: every call begins with the instance of an execution space that it runs "
                "on, for instance Kokkos::DefaultExecutionSpace{}");
  static constexpr bool valid = false;
};

/// The calls of a class, for arguments that do not begin with an execution space: they do not
/// compile, and say why. (Without them a compiler would tell of the wrong number of arguments.)
struct CallsWithoutExec {
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static double fn(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
    return 0;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void grad(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static double fn_and_grad(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
    return 0;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static double at(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
    return 0;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void prox(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void forward(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void adjoint(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void vjp(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void normal(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
  template <typename First, typename... Rest>
    requires(!ExecutionSpace<First>)
  static void least_squares(const First&, const Rest&...) {
    (void)ExecArgument<First>::valid;
  }
};

}  // namespace misfit::detail
