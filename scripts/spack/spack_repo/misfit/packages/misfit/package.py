# SPDX-License-Identifier: BSD-3-Clause
"""misfit for Spack: docs/packages.md tells how to use it."""

import pathlib

from spack.package import conflicts, depends_on, install_tree, join_path, license, variant, version, which, working_dir
from spack_repo.builtin.build_systems.cmake import CMakePackage
from spack_repo.builtin.build_systems.cuda import CudaPackage
from spack_repo.builtin.build_systems.rocm import ROCmPackage

# Backends that Kokkos has beside those of CudaPackage and ROCmPackage, and whether they are on.
BACKENDS = {"serial": True, "openmp": False, "threads": False}


class Misfit(CMakePackage, CudaPackage, ROCmPackage):
    """Data-fidelity terms of inverse problems and their gradients, with the operators spread over MPI ranks."""

    # The clone that this file lies in.
    git = pathlib.Path(__file__).resolve().parents[6].as_uri()

    license("BSD-3-Clause")

    test_requires_compiler = True

    version("main", branch="main")

    variant("fourier", default=True, description="Fourier operators, with FFTW, and cuFFT or rocFFT on GPUs")
    variant("hdf5", default=False, description="Checkpoints")
    variant("png", default=False, description="PNG pictures")
    variant("shared", default=True, description="Shared libraries")
    variant("tests", default=False, description="The test suite, for `spack install --test=root`")
    for backend, default in BACKENDS.items():
        variant(backend, default=default, description=f"Kokkos's backend {backend}")

    depends_on("cxx", type="build")
    depends_on("cmake@3.23:", type="build")
    depends_on("mpi")
    depends_on("kokkos@3.4:")
    depends_on("kokkos-kernels@3.4:")
    depends_on("fftw@3.3: precision=double,float", when="+fourier")
    depends_on("rocfft", when="+fourier+rocm")
    depends_on("hdf5@1.10.7:", when="+hdf5")
    depends_on("libpng", when="+png")
    depends_on("googletest@1.12: +gmock", type="build", when="+tests")
    depends_on("nlohmann-json@3:", type="build", when="+tests")
    depends_on("python@3:", type="build", when="+tests")

    for backend in BACKENDS:
        depends_on(f"kokkos+{backend}", when=f"+{backend}")
    depends_on("kokkos+pic", when="+shared")
    depends_on("kokkos+wrapper+cuda_lambda", when="+cuda")
    depends_on("kokkos-kernels+cuda", when="+cuda")
    for arch in CudaPackage.cuda_arch_values:
        depends_on(f"kokkos+cuda cuda_arch={arch}", when=f"+cuda cuda_arch={arch}")
        depends_on(f"kokkos-kernels cuda_arch={arch}", when=f"+cuda cuda_arch={arch}")
    for target in ROCmPackage.amdgpu_targets:
        depends_on(f"kokkos+rocm amdgpu_target={target}", when=f"+rocm amdgpu_target={target}")

    conflicts("+cuda", when="cuda_arch=none", msg="say which GPU: cuda_arch=80, for instance")
    conflicts("+rocm", when="amdgpu_target=none", msg="say which GPU: amdgpu_target=gfx90a, for instance")
    conflicts("^hdf5@1.12.0", when="+hdf5", msg="it cannot leave files unlocked")
    conflicts("+cuda+rocm", msg="Kokkos has one GPU backend at a time")
    conflicts("^kokkos@4.5:4.6", when="%gcc@12.2:12.4", msg="they make programs that crash (docs/packages.md)")

    def cmake_args(self):
        arguments = [
            self.define("Kokkos_ROOT", self.spec["kokkos"].prefix),
            self.define("KokkosKernels_ROOT", self.spec["kokkos-kernels"].prefix),
            self.define_from_variant("BUILD_SHARED_LIBS", "shared"),
            self.define_from_variant("MISFIT_ENABLE_FOURIER", "fourier"),
            self.define_from_variant("MISFIT_ENABLE_HDF5", "hdf5"),
            self.define_from_variant("MISFIT_ENABLE_PNG", "png"),
            self.define("MISFIT_ENABLE_NIFTI", False),
            self.define("MISFIT_ENABLE_ISMRMRD", False),
            self.define_from_variant("MISFIT_BUILD_TESTS", "tests"),
            self.define("MISFIT_BUILD_BENCHMARKS", False),
            self.define("MISFIT_BUILD_STUDY", False),
            self.define("MISFIT_BUILD_EXAMPLES", False),
        ]
        return arguments + self.compiler_argument()

    def compiler_argument(self):
        if self.spec.satisfies("+cuda"):
            compiler = self["kokkos"].kokkos_cxx
        elif self.spec.satisfies("+rocm"):
            compiler = self.spec["hip"].hipcc
        else:
            return []
        # nvcc_wrapper cannot read precompiled headers.
        return [self.define("CMAKE_CXX_COMPILER", compiler), self.define("CMAKE_DISABLE_PRECOMPILE_HEADERS", True)]

    def test_smallest(self):
        """build an installed example against the installed misfit, and run it"""
        install_tree(join_path(self.prefix.share, "misfit", "examples"), "examples")
        cmake = which(self.spec["cmake"].prefix.bin.cmake)
        with working_dir("build", create=True):
            cmake("../examples", self.define("misfit_ROOT", self.prefix), self.define("MPI_HOME", self.spec["mpi"].prefix),
                  self.define("CMAKE_BUILD_TYPE", "Release"), *self.compiler_argument())
            cmake("--build", ".", "--target", "misfit_smallest")
            output = which("./smallest")(output=str.split, error=str.split)
        assert "step 2  f = " in output, output
