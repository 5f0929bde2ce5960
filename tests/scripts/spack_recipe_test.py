# SPDX-License-Identifier: BSD-3-Clause
"""The recipe for Spack, with stand-ins for Spack: what it says of CMake, of versions and of variants holds here."""

import importlib.util
import pathlib
import re
import sys
import types
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPE = ROOT / "scripts/spack/spack_repo/misfit/packages/misfit/package.py"


class CMakePackage:
    """Of Spack's class of this name, what the recipe calls."""

    def define(self, name, value):
        return f"-D{name}={value}"

    def define_from_variant(self, name, variant):
        return self.define(name, f"variant {variant}")


class Calls:
    """Directives of the recipe and their arguments."""

    def __init__(self):
        self.of = {}

    def directive(self, name):
        return lambda *arguments, **options: self.of.setdefault(name, []).append((arguments, options))

    def names(self, directive):
        return [arguments[0] for arguments, _ in self.of[directive]]


def load(calls):
    names = ["conflicts", "depends_on", "install_tree", "join_path", "license", "variant", "version", "which", "working_dir"]
    systems = "spack_repo.builtin.build_systems"
    modules = {name: types.ModuleType(name) for name in (
        "spack", "spack.package", "spack_repo", "spack_repo.builtin", systems, f"{systems}.cmake", f"{systems}.cuda",
        f"{systems}.rocm")}
    for name in names:
        setattr(modules["spack.package"], name, calls.directive(name))
    modules[f"{systems}.cmake"].CMakePackage = CMakePackage
    modules[f"{systems}.cuda"].CudaPackage = type("CudaPackage", (), {"cuda_arch_values": ("80", "90")})
    modules[f"{systems}.rocm"].ROCmPackage = type("ROCmPackage", (), {"amdgpu_targets": ("gfx90a",)})
    with mock.patch.dict(sys.modules, modules):
        spec = importlib.util.spec_from_file_location("recipe", RECIPE)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


class Recipe(unittest.TestCase):
    def setUp(self):
        self.calls = Calls()
        self.module = load(self.calls)
        self.package = self.module.Misfit()

    def test_sources_are_this_clone(self):
        self.assertEqual(self.package.git, ROOT.as_uri())
        self.assertEqual(self.calls.of["version"], [(("main",), {"branch": "main"})])

    def test_every_option_is_one_of_misfits(self):
        self.package.spec = mock.MagicMock()
        self.package.spec.satisfies = lambda _: False
        options = [re.match("-D([^=]*)=(.*)", argument).groups() for argument in self.package.cmake_args()]
        cmake = "".join(path.read_text() for path in [ROOT / "CMakeLists.txt", *(ROOT / "scripts/cmake").glob("*.cmake")])
        formats = re.findall(r"misfit_io_format\((\w+)", cmake)
        known = set(re.findall(r"option\((MISFIT_\w+) ", cmake)) | {f"MISFIT_ENABLE_{name}" for name in formats}
        ours = {name for name, _ in options if name.startswith("MISFIT_")}

        self.assertLessEqual(ours, known)
        self.assertGreaterEqual(ours, {name for name in known if "ENABLE" in name or "BUILD" in name})
        variants = set(self.calls.names("variant"))
        self.assertLessEqual({value.split()[1] for _, value in options if value.startswith("variant ")}, variants)

    def test_kokkos_has_the_backends_of_misfit(self):
        forwarded = {options.get("when"): arguments[0] for arguments, options in self.calls.of["depends_on"]
                     if arguments[0].startswith("kokkos+")}
        for backend in self.module.BACKENDS:
            self.assertEqual(forwarded[f"+{backend}"], f"kokkos+{backend}")
        self.assertEqual(forwarded["+cuda cuda_arch=90"], "kokkos+cuda cuda_arch=90")
        self.assertEqual(forwarded["+rocm amdgpu_target=gfx90a"], "kokkos+rocm amdgpu_target=gfx90a")

    def test_compilers_of_gpus(self):
        for device, compiler in (("+cuda", "nvcc_wrapper"), ("+rocm", "hipcc"), ("", None)):
            self.package.spec = mock.MagicMock()
            self.package.spec.satisfies = device.__eq__
            self.package.spec["hip"].hipcc = "hipcc"
            kokkos = types.SimpleNamespace(kokkos_cxx="nvcc_wrapper")
            with mock.patch.object(self.module.Misfit, "__getitem__", lambda _, name: kokkos, create=True):
                arguments = self.package.compiler_argument()
            self.assertEqual(arguments, [f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=True"]
                             if compiler else [])

    def test_standalone_test_names_an_example_that_is_installed(self):
        target = re.search(r'"--target", "misfit_(\w+)"', RECIPE.read_text())[1]
        self.assertIn(f"misfit_add_example({target} {target}.cpp)", (ROOT / "examples/CMakeLists.txt").read_text())

    def test_conditions_are_of_known_variants(self):
        known = set(self.calls.names("variant")) | {"cuda", "rocm", "wrapper", "cuda_lambda"}
        for directive in ("depends_on", "conflicts"):
            for arguments, options in self.calls.of[directive]:
                texts = [options.get("when", "")] + ([arguments[0]] if directive == "conflicts" else [])
                for text in texts:
                    self.assertLessEqual(set(re.findall(r"[+~](\w+)", text)), known, text)


if __name__ == "__main__":
    unittest.main()
