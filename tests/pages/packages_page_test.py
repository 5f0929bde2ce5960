# SPDX-License-Identifier: BSD-3-Clause
"""Commands of docs/packages.md: those of misfit, pkg-config and the examples are run by tests/consumer; of those that need
Spack or a GPU this holds every name against the tree. And the tables of docs/xsdk_and_e4s.md are whole."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/packages.md").read_text()
RECIPE = (ROOT / "scripts/spack/spack_repo/misfit/packages/misfit/package.py").read_text()
COMMANDS = [line.strip() for line in PAGE.splitlines() if line.startswith("    ")]


class Commands(unittest.TestCase):
    def test_each_is_run_or_read(self):
        run = r"cmake -S WHERE/share|cmake --build examples$|g\+\+ |mpicxx "
        read = r"spack |cmake --preset \w+ && cmake --build --preset \w+$|export Kokkos_ROOT=\S+ KokkosKernels_ROOT=\S+$"
        of_kokkos = r"cmake (-S kokkos(-kernels)? |--build (kokkos/build|kernels) && cmake --install )"
        for command in COMMANDS:
            self.assertRegex(command, f"^({run}|{read}|{of_kokkos})")
        for test, word in (("examples", "misfit/examples"), ("pkg_config", "pkg-config")):
            self.assertIn("docs/packages.md", (ROOT / f"tests/consumer/{test}.cmake").read_text())
            self.assertTrue([command for command in COMMANDS if word in command])

    def test_presets_are_there(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text())
        for kind, option in (("configurePresets", "cmake --preset"), ("buildPresets", "--build --preset")):
            known = {preset["name"] for preset in presets[kind]}
            named = set(re.findall(rf"{option} (\w+)", "\n".join(COMMANDS)))
            self.assertEqual(named, {"cuda", "hip"})
            self.assertLessEqual(named, known)

    def test_spack(self):
        folder, = re.findall(r"spack repo add (\S+)", "\n".join(COMMANDS))
        self.assertTrue((ROOT / folder / "repo.yaml").is_file())
        self.assertTrue((ROOT / folder / "packages/misfit/package.py").is_file())
        variants = set(re.findall(r'^    variant\("(\w+)"', RECIPE, re.MULTILINE)) | set(re.findall(r'"(\w+)": (?:True|False)', RECIPE))
        rows = re.findall(r"^\| (`.*?) \|", PAGE.partition("## Spack")[2].partition("## CUDA")[0], re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        self.assertEqual(named, variants | {"cuda", "cuda_arch", "rocm", "amdgpu_target"})
        self.assertLessEqual(set(re.findall(r"\+(\w+)", "\n".join(c for c in COMMANDS if c.startswith("spack")))), named)

    def test_what_is_installed(self):
        install = (ROOT / "scripts/cmake/misfit_install.cmake").read_text()
        for name in re.findall(r"^\| `(?:share|lib)/([\w/]+)`", PAGE, re.MULTILINE):
            self.assertIn({"doc/misfit": "CMAKE_INSTALL_DOCDIR", "misfit/examples": "DIRECTORY examples"}.get(name, name), install)


class Policies(unittest.TestCase):
    def test_all_have_a_row_and_a_verdict(self):
        text = (ROOT / "docs/xsdk_and_e4s.md").read_text()
        rows = dict(re.findall(r"^\| ([MP]\d+) \| [^|]+ \| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE))
        self.assertEqual(list(rows), [*(f"M{n}" for n in range(1, 18)), *(f"P{n}" for n in range(1, 10))])
        self.assertLessEqual(set(rows.values()), {"yes", "no", "in part"})


if __name__ == "__main__":
    unittest.main()
