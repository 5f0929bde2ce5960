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
        for ranks in ("0", "-1", "two", "1.5", "010"):
            self.assert_refused(f"--ranks={ranks}", says="a number from 1 on")
        for rate in ("bytes", "bytes=", "bytes=-1", "bytes=inf", "bytes=nan", "words=1e9"):
            self.assert_refused("--rate", rate, says="WORK=NUMBER")

    def test_values_for_slurm(self):
        for limit in ("soon", "0", "00:00:00", "0-0", "1:2:3:4", "1-2:3:4:5", "-5", "UNLIMITED", ""):
            self.assert_refused("--slurm", "there", f"--time={limit}", says="a time above 0 as sbatch takes it")
        for limit in ("30", "30:00", "1:30:00", "90:90", "1-12", "1-12:30", "1-12:30:15"):
            self.assertEqual(call("--slurm", "there", "--time", limit, "--only_check").returncode, 0, limit)
        self.assert_refused("--slurm", "there", "--sbatch=--qos=debug", says='as qos=debug, not "--qos=debug"')
        self.assert_refused("--slurm", "there", "--sbatch", "ntasks=3", says="ntasks is said by the scripts: use --ranks")
        self.assert_refused("--slurm", "there", "--sbatch", "output=here", says="output is said by the scripts: it tells")
        self.assert_refused("--slurm", "there", "--gpus_per_node", "4", "--ranks_per_node", "5",
                            says="5 is more than the 4 GPUs of a node")
        self.assert_refused("--slurm", "there", "--launcher", "mpirun", "--mpi", "pmix", says="--mpi is of srun")
        self.assert_refused("--slurm", "there", "--cache_bytes", "32M", says="a number of bytes")

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

    def test_options_that_would_not_be_heeded(self):
        for arguments, says in ((("--measure", "--rate", "bytes=1e9"), "--rate goes with --simulate"),
                                (("--measure", "--platform", "a.xml"), "--platform goes with --simulate or --check"),
                                (("--simulate", "--oversubscribe"), "--oversubscribe goes with --measure"),
                                (("--measure", "--ranks_per_node", "4"), "--ranks_per_node goes with --slurm"),
                                (("--check", "a", "--quick"), "--quick goes with --measure or --simulate or --slurm"),
                                (("--collect", "a", "--ranks", "4"), "--ranks goes with"),
                                (("--measure", "--threads", "4"), "--threads goes with --slurm"),
                                (("--measure", "--partial"), "--partial goes with --collect"),
                                (("--simulate", "--case", "numpex", "--rate", "flops=1"), "go without --rate")):
            self.assert_refused(*arguments, says=says)

    def test_options_without_value(self):
        for option in ("--slurm", "--collect", "--check", "--platform", "--output", "--account"):
            self.assert_refused(option, says=f"argument {option}: expected one argument")
            self.assert_refused(option, "", says=f"argument {option}: needs a value")

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

    def test_reference_that_is_damaged(self):
        whole = (ROOT / "tests/data/scaling_reference.json").read_text()

        def run(key, value):
            return lambda data: data["context"]["simulation"]["runs"][0].update({key: value})

        def point(key, value):
            return lambda data: data["points"][0].update({key: value})

        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "reference.json"
            for damage in (run("rates", {}), run("rates", None), run("ranks", "two"), run("ranks", 0), run("cases", []),
                           run("cases", [3]), run("cases", ["mask"]), run("cases", ["none/weak/1/1/fn/replicated"]),
                           point("ms", "x"), point("ms", float("nan")), lambda data: data["points"][0].pop("case"),
                           lambda data: data["context"]["simulation"].update(runs=[])):
                data = json.loads(whole)
                damage(data)
                file.write_text(json.dumps(data))
                self.assert_refused("--check", file, "--only_check", says="is no results.json of a study")

    def test_reference_on_a_platform_that_is_not_here(self):
        reference = json.loads((ROOT / "tests/data/scaling_reference.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "reference.json"
            reference["context"]["simulation"]["platform"] = "elsewhere"
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, says="name its file with --platform")
            reference["context"]["simulation"] |= {"platform": "gpu_cluster"}
            reference["context"]["simulation"]["runs"][0]["ranks"] = 65
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, says="65 ranks are more than the 64 places")

    def test_reference_of_another_case(self):
        reference = json.loads((ROOT / "tests/data/scaling_reference.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "reference.json"
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, "--family", "mask", says="is of another case")
            self.assert_refused("--check", file, "--case", "numpex", says="is of another case")
            reference["context"]["simulation"]["platform"] = "gpu_cluster"
            file.write_text(json.dumps(reference))
            self.assert_refused("--check", file, "--case", "numpex", "--platform", ROOT / "scripts/platforms/cpu_cluster.xml",
                                says="not of numpex")
            reference["context"]["simulation"]["platform"] = "cpu_cluster"
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
                               ('<platform><cluster radical="0-9" core="two" speed="1Gf"/></platform>',
                                "is no number of cores"),
                               ('<platform><cluster radical="0-3000000000" speed="1Gf"/></platform>',
                                "more than can be simulated"),
                               ('<?xml version="1.0" encoding="none"?><platform/>', "unknown encoding"),
                               ('<platform><host id="a" speed="1Gf"/><host id="b" speed="2Gf"/></platform>',
                                "must be of one speed")):
                file.write_text(text)
                self.assert_refused(*simulate, says=says)

    def test_more_ranks_than_places_of_the_platform(self):
        self.assert_refused("--simulate", "--ranks", "1025", says="1025 ranks are more than the 1024 places")
        self.assert_refused("--simulate", "--case", "numpex", "--ranks", "128", says="more than the 64 places")


if __name__ == "__main__":
    unittest.main()
