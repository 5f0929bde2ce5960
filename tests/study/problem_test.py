# SPDX-License-Identifier: BSD-3-Clause
"""misfit-study for people: problem_test.py PROGRAM MPIEXEC COUNT_FLAG yes|no (whether it reads images)."""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM, MPIEXEC, COUNT_FLAG, IMAGES = sys.argv[1:5]
PAGE = (ROOT / "docs/misfit_study.md").read_text(encoding="utf-8")
CALLS = ["fn", "grad", "fn_and_grad"]


def run(*arguments, ranks=1):
    """Exit code, stdout, stderr."""
    launcher = [MPIEXEC, COUNT_FLAG, str(ranks)] if ranks > 1 else []
    command = [*launcher, PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    return done.returncode, done.stdout, done.stderr


def result(*arguments, ranks=1):
    """What --json prints."""
    code, out, error = run(*arguments, "--json", ranks=ranks)
    if code != 0:
        raise AssertionError(f"{arguments}: exit {code}\n{error}")
    return json.loads(out)


def usage():
    return subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=10).stdout


def problems():
    """By name, the forms that each has, as --help says."""
    lines = re.findall(r"^  ([a-z_]+) .*? \d+ +\d+((?:  ?[a-z]+)*)$", usage(), re.MULTILINE)
    return {name: ["replicated", *forms.split()] for name, forms in lines}


def write_nifti(path, columns, rows, volumes=1):
    """One slice of floats, once for each volume."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 4, columns, rows, 1, volumes, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<9f", header, 76, *[1] * 8, 352)
    header[344:348] = b"n+1\0"
    values = [j * 37 % 101 for j in range(columns * rows)] * volumes
    path.write_bytes(header + struct.pack(f"<{len(values)}f", *values))


class Help(unittest.TestCase):
    def test_fits_a_screen(self):
        lines = usage().splitlines()

        self.assertLessEqual(len(lines), 40)
        self.assertLessEqual(max(map(len, lines)), 100)

    def test_names_every_problem_and_stands_on_the_page(self):
        self.assertLessEqual({"mask", "dense", "sparse", "blur", "tomography", "numpex"}, set(problems()))
        if "mri" in problems():  # what a build without FFTW says is shorter
            self.assertIn(usage(), PAGE)

    def test_of_cases_is_another(self):
        done = subprocess.run([PROGRAM, "--case=", "--help"], capture_output=True, text=True, check=False, timeout=10)

        self.assertEqual(done.returncode, 0)
        self.assertIn("--case=FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM", done.stdout)


class Results(unittest.TestCase):
    def test_of_every_problem_in_every_form(self):
        for problem, forms in problems().items():
            for form in forms[1:] + ["replicated"] * (problem == "mask"):
                with self.subTest(problem=problem, form=form):
                    found = result(problem, "--size=16", "--operators", 3, "--form", form, "--rounds=2", ranks=2)

                    self.assertEqual((found["problem"], found["form"], found["size"], found["operators"], found["ranks"]),
                                     (problem, form, 16, 3, 2))
                    self.assertEqual([call["call"] for call in found["calls"]], CALLS)
                    for call in found["calls"]:
                        self.assertGreater(call["ms_low"], 0)
                        self.assertLessEqual(call["ms_low"], call["ms"])
                        self.assertLessEqual(call["ms"], call["ms_high"])

    def test_the_rate_is_that_of_all_ranks(self):
        def work(form, ranks):
            (call,) = result("mask", "--size=64", "--operators=4", "--form", form, "--call=fn", "--rounds=2", ranks=ranks)["calls"]
            return call["bytes_per_second"] * call["ms"] / 1000

        alone = work("replicated", 1)
        self.assertAlmostEqual(work("slabs", 2) / alone, 1, delta=1e-3)
        self.assertAlmostEqual(work("replicated", 2) / alone, 10 / 9, delta=1e-3)  # x once a rank

    def test_a_table_has_a_line_for_each_call(self):
        code, out, _ = run("blur", "--size=16", "--rounds=6", "--form=slabs", ranks=2)

        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("blur, slabs: 8 operators (5 x 5 blur of 16 x 16 RGB pixels, float)\n"), out)
        self.assertIn("on 2 ranks of 1 node, 1 thread each; 768 unknowns; 6 rounds\n", out)
        for call in CALLS:
            self.assertRegex(out, rf"(?m)^  {call} +[0-9.e-]+ +[0-9.e-]+ to +[0-9.e-]+ .* Gflop/s$")
        self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_one_call(self):
        self.assertEqual([call["call"] for call in result("mask", "--size=16", "--rounds=2", "--call=grad")["calls"]],
                         ["grad"])

    def test_the_forecast_is_near_what_is_seen(self):
        for problem, form, size in (("mask", "slabs", 256), ("dense", "split", 256), ("blur", "slabs", 256), ("blur_volume", "slabs", 64),
                                    ("tomography", "replicated", 32)):
            memory = result(problem, "--size", size, "--operators=2", "--call=fn_and_grad", "--rounds=1", "--form", form,
                            ranks=2)["memory_bytes"]

            self.assertLess(memory["forecast"], 1.3 * memory["seen"], problem)
            self.assertGreater(memory["forecast"], memory["seen"] / 1.5, problem)

    def test_progress_with_the_time_left_goes_to_stderr(self):
        command = [PROGRAM, "mask", "--size=128", "--rounds=1000000", "--call=fn"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as program:
            told = [next(program.stderr), next(program.stderr)]
            program.kill()

        self.assertRegex(told[0], r"^\[after \d+ s\] making 16 operators$")
        self.assertRegex(told[1], r"^\[round \d+ of 1000000, after \d+ s, about \d+ s left\] fn$")

    @unittest.skipUnless(IMAGES == "yes", "this build reads no images")
    def test_data_of_an_image_fit_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'an "image".nii'
            write_nifti(path, 40, 28)
            for problem, form, size in (("mask", "slabs", 40), ("blur", "split", 40), ("numpex", "slabs", 40),
                                        ("blur_volume", "slabs", 20), ("tomography", "split", 12), ("mri", "slabs", 12),
                                        ("ptychography", "split", 72)):
                if problem not in problems():
                    continue
                found = result(problem, "--image", path, *(["--size", size] if size != 40 else []), "--operators=2",
                               "--form", form, "--rounds=1", "--call=fn", ranks=3)

                self.assertEqual((found["size"], found["image"]), (size, str(path)))
                self.assertAlmostEqual(found["value_of_a_number"], 0.5, delta=0.03, msg=problem)
            self.assertEqual(result("mask", "--image", path, "--size=20", "--rounds=1", "--call=fn")["unknowns"], 400)

    @unittest.skipUnless(IMAGES == "yes", "this build reads no images")
    def test_data_of_an_image_are_the_same_on_any_number_of_ranks(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "image.nii"
            write_nifti(path, 20, 20)
            values = [result("mask", "--image", path, "--operators=4", "--rounds=1", "--call=fn", ranks=n)["value_of_a_number"]
                      for n in (1, 3)]
            self.assertAlmostEqual(*values, delta=1e-12)

    @unittest.skipUnless(IMAGES == "yes", "this build reads no images")
    def test_of_several_volumes_none_is_chosen(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "several.nii"
            write_nifti(path, 20, 20, volumes=2)
            status, _, error = run("mask", "--image", path, "--rounds=1", ranks=3)
            self.assertNotEqual(status, 0)
            self.assertEqual(error.count("holds 2 volumes; it must be one"), 1, error)


class Refusals(unittest.TestCase):
    def assert_refused(self, *arguments, says, ranks=1):
        code, out, error = run(*arguments, ranks=ranks)
        told = [line for line in error.splitlines() if line.startswith("misfit-study: ")]

        self.assertEqual((code, len(told)), (1, 1), f"{arguments}: {error}")
        self.assertIn(says, told[0])
        self.assertEqual(re.findall(r"making|misfit-study", out), [])
        self.assertNotIn("making", error)

    def test_of_bad_input(self):
        for arguments, says in (
                ([], "no PROBLEM is named"), (["msk"], 'no problem "msk"'), (["mask", "2048"], "unknown option 2048"),
                (["mask", "--sise=1"], "unknown option --sise=1"), (["mask", "--size"], "--size needs a value"),
                (["mask", "--image="], "--image needs a value"),
                (["mask", "--size=0"], '--size: "0"'), (["mask", "--size=1e3"], '--size: "1e3"'),
                (["mask", "--size=46341"], "at most 46340"), (["mask", "--form=split"], "but replicated, slabs"),
                (["mask", "--form=slices"], "none of replicated, split, slabs"), (["mask", "--call=f"], '"f" is none of'),
                (["mask", "--memory=nan"], '--memory: "nan"'), (["dense", "--image=x"], "the x of dense is no image")):
            with self.subTest(arguments=arguments):
                self.assert_refused(*arguments, says=says)

    def test_are_one_line_of_all_ranks(self):
        self.assert_refused("mask", "--rounds=-1", says='--rounds: "-1"', ranks=3)
        self.assert_refused("mask", "--image=nowhere.nii", says="--image", ranks=3)
        self.assert_refused("--case=mask/strong", says="not six parts", ranks=3)

    def test_of_what_does_not_fit_into_memory(self):
        self.assert_refused("dense", "--size=40000", "--operators=100000", says="a rank would need 582 TiB of memory", ranks=2)


class Page(unittest.TestCase):
    """docs/misfit_study.md, on which the commands are lines that begin with four blanks."""

    commands = re.findall(r"^    ((?:mpirun|for|python3) .+)$", PAGE, re.MULTILINE)

    def test_its_commands_run(self):
        self.assertGreater(len(self.commands), 4)
        path = f"{pathlib.Path(PROGRAM).parent}:{pathlib.Path(MPIEXEC).parent}:{os.environ['PATH']}"
        with tempfile.TemporaryDirectory() as folder:
            for command in self.commands:
                with self.subTest(command=command):
                    image = re.search(r"--image (\S+)", command)
                    if image and (IMAGES != "yes" or not os.path.exists(image[1])) or "mri" in command and "mri" not in problems():
                        continue
                    done = subprocess.run(["bash", "-ec", command], cwd=folder, capture_output=True, text=True, check=False,
                                          timeout=100, env={**os.environ, "PATH": path})

                    self.assertEqual(done.returncode, 0, done.stderr)
                    if command == self.commands[0]:
                        self.assertIn("\n".join(done.stdout.splitlines()[:4]), PAGE)

    def test_its_refusal_is_that_of_the_program(self):
        _, _, error = run("mask", "--size=512", "--memory=0.018", ranks=4)

        self.assertIn(re.search(r"^    (misfit-study: .+)$", PAGE, re.MULTILINE)[1], error.splitlines())


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)
