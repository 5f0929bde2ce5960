#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What scripts/install_dependencies asks of apt, with stand-ins for Debian's tools."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/install_dependencies"
TOOLS = {
    "id": "echo 0",
    "dpkg-query": 'case " $INSTALLED " in *" ${*: -1} "*) echo installed ;; *) exit 1 ;; esac',
    "apt-cache": 'case " $UNKNOWN " in *" ${*: -1} "*) exit 100 ;; esac',
    "apt-get": 'case "$*" in *update*) exit "${UPDATE_FAILS:-0}" ;; esac; echo "apt-get $*"',
}


class InstallDependencies(unittest.TestCase):
    def call(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as tools:
            for name, body in TOOLS.items():
                tool = pathlib.Path(tools, name)
                tool.write_text(f"#!/bin/bash\n{body}\n")
                tool.chmod(0o755)
            path = f"{tools}:{os.environ['PATH']}"
            return subprocess.run([SCRIPT, *arguments], env=os.environ | {"PATH": path} | environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)

    def setUp(self):
        self.packages = self.call("--list").stdout.split()

    def test_installs_what_is_missing(self):
        installed = [name for name in self.packages if name not in ("cmake", "bart")]
        result = self.call(INSTALLED=" ".join(installed))
        self.assertEqual(result.returncode, 0)
        self.assertIn("install cmake bart\n", result.stdout)

    def test_asks_nothing_when_all_is_there(self):
        result = self.call(INSTALLED=" ".join(self.packages))
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_a_package_that_this_release_does_not_have(self):
        installed = [name for name in self.packages if name not in ("cmake", "bart")]
        result = self.call(INSTALLED=" ".join(installed), UNKNOWN="bart")
        self.assertEqual(result.returncode, 0)
        self.assertIn("install cmake\n", result.stdout)
        self.assertIn("apt-get does not know bart.", result.stdout)

    def test_lists_that_cannot_be_updated(self):
        installed = [name for name in self.packages if name != "cmake"]
        result = self.call(INSTALLED=" ".join(installed), UPDATE_FAILS="100")
        self.assertEqual(result.returncode, 0)
        self.assertIn("install cmake\n", result.stdout)

    def test_doxygen_only_where_it_is_wanted(self):
        self.assertNotIn("doxygen", self.packages)
        self.assertIn("install doxygen\n", self.call("--docs", INSTALLED=" ".join(self.packages)).stdout)

    def test_slurm_only_where_it_is_wanted(self):
        self.assertNotIn("slurmd", self.packages)
        self.assertIn("install munge slurm-client slurmctld slurmd\n",
                      self.call("--slurm", INSTALLED=" ".join(self.packages)).stdout)

    def test_mpich_only_where_it_is_wanted(self):
        self.assertNotIn("libmpich-dev", self.packages)
        self.assertIn("libmpich-dev", self.call("--list", "--mpich").stdout.split())
        self.assertIn("install mpich libmpich-dev\n", self.call("--mpich", INSTALLED=" ".join(self.packages)).stdout)

    def test_unknown_option(self):
        self.assertEqual(self.call("--no-such-option").returncode, 2)


if __name__ == "__main__":
    unittest.main()
