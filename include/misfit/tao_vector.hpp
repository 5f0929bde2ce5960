// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <petscmat.h>
#include <petscvec.h>

#include <cstddef>
#include <exception>
#include <string>
#include <type_traits>

namespace misfit {

/// Throws Error if a call of PETSc, `what`, returned `code`.
inline void check_petsc(PetscErrorCode code, const char* what) {
  if (code == 0) return;
  const char* text = nullptr;
  static_cast<void>(PetscErrorMessage(code, &text, nullptr));
  throw Error(std::string(what) + ": " + (text == nullptr ? "an error of PETSc" : text));
}

/// PETSc's vectors for Views in the memory `Space`: of its type VECKOKKOS where that is the memory
/// of Kokkos's default execution space and PETSc was built with Kokkos and Kokkos Kernels, so that
/// solvers compute where x is, on a GPU or by all threads; else ordinary ones, which are in memory
/// of the host. Functions throw Error if PETSc refuses.
template <typename Space>
class TaoVectors {
#if defined(PETSC_HAVE_KOKKOS_KERNELS)
  static constexpr bool has_kokkos = true;
#else
  static constexpr bool has_kokkos = false;
#endif

 public:
  /// Whether the vectors are of type VECKOKKOS.
  static constexpr bool of_kokkos =
      has_kokkos && std::is_same_v<Space, Kokkos::DefaultExecutionSpace::memory_space>;
  static_assert(of_kokkos || bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, Space>::accessible),
                "misfit: for x in a GPU's memory TAO takes a PETSc that was built with Kokkos and "
                "Kokkos Kernels; "
                "other vectors of PETSc are in memory of the host");

  /// A vector of the `n` numbers of this rank from `numbers` on, in their memory: of all that the
  /// ranks of `comm` have, or of these alone if it is MPI_COMM_NULL. Collective over `comm`.
  static Vec wrap(MPI_Comm comm, double* numbers, PetscInt n) {
    Vec vector = nullptr;
    const bool alone = comm == MPI_COMM_NULL;
#if defined(PETSC_HAVE_KOKKOS_KERNELS)
    if constexpr (of_kokkos) {
      if (alone)
        check_petsc(VecCreateSeqKokkosWithArray(PETSC_COMM_SELF, 1, n, numbers, &vector),
                    "VecCreateSeqKokkosWithArray");
      else
        check_petsc(VecCreateMPIKokkosWithArray(comm, 1, n, PETSC_DETERMINE, numbers, &vector),
                    "VecCreateMPIKokkosWithArray");
      return vector;
    }
#endif
    if (alone)
      check_petsc(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, n, numbers, &vector),
                  "VecCreateSeqWithArray");
    else
      check_petsc(VecCreateMPIWithArray(comm, 1, n, PETSC_DETERMINE, numbers, &vector),
                  "VecCreateMPIWithArray");
    return vector;
  }

  /// Has solvers make vectors of this type for products with `matrix`.
  static void choose_for(Mat matrix) {
    if constexpr (of_kokkos)
      check_petsc(MatShellSetVecType(matrix, VECKOKKOS), "MatShellSetVecType");
  }

  /// Tells PETSc that the memory that `vector` was made of holds other numbers: what it has kept of
  /// the old ones, as their norm or a copy on the host, is no more.
  static void changed(Vec vector) {
    double* numbers = nullptr;
    PetscMemType memory = PETSC_MEMTYPE_HOST;
    check_petsc(VecGetArrayWriteAndMemType(vector, &numbers, &memory),
                "VecGetArrayWriteAndMemType");
    check_petsc(VecRestoreArrayWriteAndMemType(vector, &numbers), "VecRestoreArrayWriteAndMemType");
  }

  /// Leaves in the memory that `vector` was made of what PETSc has computed. Blocks.
  static void complete(Vec vector) {
    if constexpr (of_kokkos)
      with_arrays<double>(vector, nullptr, [](const double*, double*, std::size_t) {});
  }

  /// call(x, g, n): the n entries of type `Entry` of this rank of `in`, and those of `out`, which
  /// may be null, in `Space`. Blocks until PETSc has computed them.
  template <typename Entry, typename Call>
  static void with_arrays(Vec in, Vec out, const Call& call) {
    PetscInt n = 0;
    const double* numbers = nullptr;
    double* results = nullptr;
    PetscMemType memory = PETSC_MEMTYPE_HOST, memory_of_results = PETSC_MEMTYPE_HOST;
    check_petsc(VecGetLocalSize(in, &n), "VecGetLocalSize");
    check_petsc(VecGetArrayReadAndMemType(in, &numbers, &memory), "VecGetArrayReadAndMemType");
    if (out != nullptr)
      check_petsc(VecGetArrayWriteAndMemType(out, &results, &memory_of_results),
                  "VecGetArrayWriteAndMemType");
    std::exception_ptr error;
    try {
      require_memory(memory);
      if (out != nullptr) require_memory(memory_of_results);
#if defined(PETSC_HAVE_KOKKOS_KERNELS)  // which takes a Kokkos that knows labels
      if constexpr (of_kokkos) Kokkos::fence("misfit::TaoObjective: vectors of PETSc complete");
#endif
      call(reinterpret_cast<const Entry*>(numbers), reinterpret_cast<Entry*>(results),
           static_cast<std::size_t>(n) * sizeof(double) / sizeof(Entry));
    } catch (...) {
      error = std::current_exception();
    }
    PetscErrorCode written = PetscErrorCode(0);
    if (out != nullptr) written = VecRestoreArrayWriteAndMemType(out, &results);
    const PetscErrorCode read = VecRestoreArrayReadAndMemType(in, &numbers);
    if (error != nullptr) std::rethrow_exception(error);
    check_petsc(written, "VecRestoreArrayWriteAndMemType");
    check_petsc(read, "VecRestoreArrayReadAndMemType");
  }

 private:
  // Vectors that others made may be of another type.
  static void require_memory(PetscMemType memory) {
    constexpr bool on_host =
        PetscMemTypeHost(of_kokkos ? PETSC_MEMTYPE_KOKKOS : PETSC_MEMTYPE_HOST);
    if (PetscMemTypeHost(memory) != on_host)
      throw Error(on_host ? "a vector of PETSc is in a GPU's memory, x is not"
                          : "a vector of PETSc is in memory of the host, x is not: make vectors "
                            "by VecDuplicate() of solution()");
  }
};

}  // namespace misfit
