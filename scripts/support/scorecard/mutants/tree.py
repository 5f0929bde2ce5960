# SPDX-License-Identifier: BSD-3-Clause
"""A copy of misfit with mutants, and its build."""

import json
import os
import pathlib
import re
import shlex
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
ADDED = ("misfit_mutant.hpp", "misfit_mutant_recorder.hpp")
OPTIONS = ("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O0 -DNDEBUG -w -D_GLIBCXX_ASSERTIONS", "-DCMAKE_UNITY_BUILD=ON",
           "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
           *(f"-DMISFIT_BUILD_{part}=OFF" for part in ("BENCHMARKS", "EXAMPLES", "STUDY")),
           *(f"-DMISFIT_ENABLE_{form}=OFF" for form in ("NIFTI", "ISMRMRD", "PNG")))
# What is changed outside include/ and core/: the recorder, and precompiled headers without misfit's, so that what does not compile
# can be taken out of one file without compiling all others once more.
CHANGES = {
    "tests/support/main.cpp": [
        ("#include <misfit/session.hpp>", "#include <misfit/session.hpp>\n#include <misfit_mutant_recorder.hpp>"),
        ("  int failed = RUN_ALL_TESTS();",
         "  testing::UnitTest::GetInstance()->listeners().Append(new misfit_mutant::Recorder(rank));\n"
         "  int failed = RUN_ALL_TESTS();")],
    "tests/CMakeLists.txt": [
        ("<gtest/gtest.h> <misfit/misfit.hpp>",
         "<gtest/gtest.h> <KokkosBlas2_gemv.hpp> <KokkosSparse_spmv.hpp> <Kokkos_Core.hpp> <mpi.h>")]}
PLACE = re.compile(r"tree/((?:include|core)/[\w/.]+):(\d+):")


class Failed(Exception):
    """The check cannot be done."""


def write(path, text):
    """Leaves a file alone that has this text."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def rewritten(text, mutants):
    """The text with all mutants of its file."""
    begins, ends, data = {}, {}, text.encode()
    for mutant in sorted(mutants, key=lambda m: (m.begin, -m.end, m.number)):
        prefix, suffix = mutant.inserted()
        begins[mutant.begin] = begins.get(mutant.begin, "") + prefix
        ends[mutant.end] = suffix + ends.get(mutant.end, "")
    parts, last = [], 0
    for at in sorted(begins.keys() | ends.keys()):
        parts += [data[last:at].decode(), ends.get(at, ""), begins.get(at, "")]
        last = at
    head = "#include <misfit_mutant.hpp>  " if mutants else ""  # before the comment in the first line
    return head + "".join(parts) + data[last:].decode()


class Tree:
    def __init__(self, folder, jobs):
        self.source, self.build, self.jobs = folder / "tree", folder / "build", jobs
        self.text = {}
        self.bad_ones = folder / "does_not_compile.json"  # of earlier builds

    def copy(self):
        """All files of the project, as they are; those with mutants are written later."""
        names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                               capture_output=True, text=True).stdout.split("\n")
        for name in filter(None, names):
            if name.startswith(("include/", "core/")) and name.endswith((".hpp", ".cpp")):
                self.text[name] = (ROOT / name).read_text(encoding="utf-8")
            elif name in CHANGES:
                write(self.source / name, changed(name))
            elif (ROOT / name).is_file():
                self.copy_file(name)
        for name in ADDED:
            write(self.source / "include" / name, (HERE / name).read_text(encoding="utf-8"))

    def copy_file(self, name):
        data, path = (ROOT / name).read_bytes(), self.source / name
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def write_files(self, mutants):
        for name, text in self.text.items():
            write(self.source / name, rewritten(text, [m for m in mutants if m.file == name]))

    def configure(self):
        run = subprocess.run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", *OPTIONS],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            raise Failed(f"cmake: {run.stdout}{run.stderr}")

    def arguments(self):
        """Of the compiler, for misfit's library: where headers are, and definitions."""
        commands = json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8"))
        words = next(shlex.split(entry["command"]) for entry in commands if "/misfit.dir/" in entry["file"])
        kept, previous = ["-x", "c++", "-std=c++20", '-DMISFIT_COMPILER=""'], ""
        for word in words:
            if word.startswith(("-D", "-I", "-isystem")) or previous == "-isystem":
                kept.append(word.replace(str(self.source), str(ROOT)))
            previous = word
        return kept

    def without_known_bad(self, mutants):
        known = json.loads(self.bad_ones.read_text(encoding="utf-8")) if self.bad_ones.exists() else []
        return [mutant for mutant in mutants if mutant.identity() not in known]

    def remember_bad(self, mutants):
        known = json.loads(self.bad_ones.read_text(encoding="utf-8")) if self.bad_ones.exists() else []
        self.bad_ones.write_text(json.dumps(known + [mutant.identity() for mutant in mutants]), encoding="utf-8")

    def compile(self, targets, mutants, say):
        """Builds the targets. Returns the mutants that compile."""
        left = list(mutants)
        while True:
            run = subprocess.run(["ninja", "-C", self.build, "-k", "0", "-j", str(self.jobs), *targets],
                                 capture_output=True, text=True, check=False)
            if run.returncode == 0:
                return left
            bad = culprits(run.stdout, left)
            if not bad:
                raise Failed(f"the build failed, and by no mutant: {run.stdout[-4000:]}")
            for mutant in bad:
                say(f"does not compile: {mutant.name()}")
            self.remember_bad(bad)
            left = [mutant for mutant in left if mutant not in bad]
            self.take_out({mutant.file for mutant in bad}, left)

    def take_out(self, files, left):
        """Writes these files once more, as old as they were: what was compiled with them is as good as before."""
        for name in files:
            path = self.source / name
            times = path.stat()
            path.write_text(rewritten(self.text[name], [m for m in left if m.file == name]), encoding="utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def changed(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for old, new in CHANGES[name]:
        if text.count(old) != 1:
            raise Failed(f"{name} does not hold once: {old}")
        text = text.replace(old, new)
    return text


def culprits(output, mutants):
    """The mutants in lines where the compiler finds errors; if there are none, in all lines that it names."""
    by_line = {}
    for mutant in mutants:
        by_line.setdefault((mutant.file, mutant.line), []).append(mutant)
    lines = output.split("\n")
    for chosen in ([line for line in lines if "error:" in line], lines):
        places = {(match[1], int(match[2])) for line in chosen for match in PLACE.finditer(line)}
        found = [mutant for place in sorted(places) for mutant in by_line.get(place, [])]
        if found:
            return found
    return []
