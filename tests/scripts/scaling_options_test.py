# SPDX-License-Identifier: BSD-3-Clause
"""scripts/scaling_study refuses in one line, with what to do, before it installs, builds, runs or writes anything."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from scaling_support import ROOT, call


class Options(unittest.TestCase):
    def assert_refused(self, *arguments, says, **options):
        result = call(*arguments, **options)
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(says, result.stderr)

    def test_help(self):
        result = subprocess.run([ROOT / "scripts/scaling_study", "--help"], capture_output=True, text=True, check=False,
                                timeout=60)

        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("usage: scripts/scaling_study", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 120)

    def test_script_refuses_before_it_installs(self):
        result = subprocess.run([ROOT / "scripts/scaling_study", "--fast"], capture_output=True, text=True, check=False,
                                timeout=60)

        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("unrecognized arguments: --fast (see --help)", result.stderr)

    def test_values(self):
        self.assert_refused("--family", "masks", says="'mask', 'dense'")
        self.assert_refused("--case", "other", says="'default', 'numpex'")
        self.assert_refused("--allreduce", "fastest", says="'rab_rdb'")
        for ranks in ("0", "-1", "two", "1.5", "010"):
            self.assert_refused(f"--ranks={ranks}", says="a number from 1 on")
        for rate in ("bytes", "bytes=", "bytes=-1", "bytes=inf", "bytes=nan", "words=1e9"):
            self.assert_refused("--rate", rate, says="WORK=NUMBER")
        self.assert_refused("--slurm", "there", "--time", "soon", says="HH:MM:SS")

    def test_more_ranks_than_cores(self):
        self.assert_refused("--measure", "--ranks", "3", says="--oversubscribe allows it, --simulate goes beyond")
        self.assertEqual(call("--measure", "--ranks", "3", "--oversubscribe", "--only_check").returncode, 0)
        self.assertEqual(call("--simulate", "--ranks", "512", "--only_check").returncode, 0)

    def test_modes_that_exclude_each_other(self):
        self.assert_refused("--slurm", "a", "--collect", "b", says="exclude each other")
        self.assert_refused("--collect", "a", "--measure", says="goes without --measure")
        self.assert_refused("--check", "a", "--measure", says="go without --measure")
        self.assert_refused("--measure", "--account", "me", says="--account goes with --slurm")
        self.assert_refused("--case", "numpex", "--family", "mask", says="of the family downsampled_blur")

    def test_output_that_cannot_be_written(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assert_refused("--measure", "--output", file.name, says="is no folder")
            self.assert_refused("--measure", "--output", f"{file.name}/below", says="cannot be written")

    def test_without_simgrid(self):
        with tempfile.TemporaryDirectory() as empty:
            self.assert_refused("--simulate", "--presets", says="apt-get install libsimgrid-dev",
                                env={**os.environ, "PATH": empty})

    def test_what_is_to_be_built(self):
        self.assertEqual(call("--measure", "--presets").stdout, "release\n")
        self.assertEqual(call("--slurm", "there", "--presets").stdout, "\n")

    def test_reference_that_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "reference.json"
            self.assert_refused("--check", file, says="No such file")
            for text in ("", "{", "[]", "{}", '{"context": {"simulation": 1}}', '{"context": {"simulation": {}}}'):
                file.write_text(text)
                self.assert_refused("--check", file, says="--check")

    def test_reference_of_another_case(self):
        reference = json.loads((ROOT / "tests/data/scaling_reference.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "reference.json"
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, "--family", "mask", says="is of another case")
            self.assert_refused("--check", file, "--case", "numpex", says="is of another case")
            self.assert_refused("--check", file, "--allreduce", "lr", says="the algorithm of the all-reduce was rab_rdb")
            reference["context"]["simulation"]["platform_sha256"] = "0"
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, says="the platform file was 0")

    def test_platforms(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "platform.xml"
            simulate = ("--simulate", "--rate", "bytes=1e9", "--rate", "flops=1e9", "--platform", file)
            self.assert_refused(*simulate, says="No such file")
            for text, says in (("<platform", "is no XML"), ("<machine/>", "is no platform of SimGrid"),
                               ("<platform/>", "has no hosts"),
                               ('<platform><cluster radical="a-b" speed="1Gf"/></platform>', "is no list of numbers"),
                               ('<platform><host id="a" speed="1Gf"/><host id="b" speed="2Gf"/></platform>',
                                "must be of one speed")):
                file.write_text(text)
                self.assert_refused(*simulate, says=says)

    def test_more_ranks_than_places_of_the_platform(self):
        self.assert_refused("--simulate", "--ranks", "1025", says="1025 ranks are more than the 1024 places")
        self.assert_refused("--simulate", "--case", "numpex", "--ranks", "128", says="more than the 64 places")


if __name__ == "__main__":
    unittest.main()
