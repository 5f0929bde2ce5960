# SPDX-License-Identifier: BSD-3-Clause
"""page_test.py FOLDER MPIEXEC FLAG: the commands of examples/README.md, as they stand there, on the built examples. They
print what the page says, write what they say, and the pictures of docs/images are those that they write.

Figures may differ by what other machines and compilers round, times by any factor.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import programs
from programs import session

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "examples/README.md").read_text(encoding="utf-8")
NUMBER = r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]\d+)?"
TOOLS = {"coil_mri": ("bart", "ismrmrd_generate_cartesian_shepp_logan")}


def sections():
    """Name, and the blocks of each: language and content."""
    for part in PAGE.split("\n## ")[1:]:
        yield part.split("\n")[0], re.findall(r"^```(\w+)\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)


def indented():
    return [line.strip() for line in PAGE.splitlines() if line.startswith("    ")]


def difference(printed, quoted):
    """The first line of two outputs that are not the same but for figures, or ""."""
    printed, quoted = ([line for line in text.splitlines() if line] for text in (printed, quoted))
    if len(printed) != len(quoted):
        return f"{len(printed)} lines, not {len(quoted)}: {printed}"
    for line, other in zip(printed, quoted):
        words = [re.sub(NUMBER, "#", text.split(" s\n")[0]) for text in (line, other)]
        figures = [re.findall(NUMBER, re.sub(r"[\d.]+ s$", "", text)) for text in (line, other)]
        near = all(abs(float(a) - float(b)) <= 0.1 * abs(float(b)) for a, b in zip(*figures))
        if words[0].split() != words[1].split() or not near:
            return line
    return ""


def size_of_png(path):
    return path.read_bytes()[16:24]


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(dir=session.folder)
        place = pathlib.Path(cls.folder.name)
        (place / "build/release").mkdir(parents=True)
        (place / "build/release/examples").symlink_to(session.program)
        (place / "mpirun").write_text(f'#!/bin/sh\nshift\nexec {shutil.which(session.mpiexec)} {session.count_flag} "$@"\n')
        (place / "mpirun").chmod(0o755)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sh(self, commands):
        """What the commands print, in a folder beside the programs."""
        done = subprocess.run(["bash", "-euc", commands], cwd=self.folder.name, capture_output=True, text=True, check=False,
                              timeout=120, env={**os.environ, "PATH": self.folder.name + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, f"{commands}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def written(self):
        """The files below the folder that outputs go to, and whatever is beside it."""
        place = pathlib.Path(self.folder.name)
        return {str(path.relative_to(place)) for path in place.rglob("*")
                if path.is_file() and path.name != "mpirun" and "build" not in path.relative_to(place).parts}

    def test_commands_print_what_is_quoted_and_write_what_they_say(self):
        for name, blocks in sections():
            if not blocks or not os.path.exists(os.path.join(session.program, name)):
                continue
            missing = [tool for tool in TOOLS.get(name, ()) if not shutil.which(tool)]
            if "ch2.nii.gz" in blocks[0][1] and not os.path.exists(programs.BRAIN):
                missing.append(programs.BRAIN)
            if missing:
                print(f"\n  {name}: {', '.join(missing)} not found", end="")
                continue
            for (language, commands), (following, quoted) in zip(blocks, [*blocks[1:], ("", "")]):
                if language != "sh":
                    continue
                with self.subTest(name):
                    before, out = self.written(), self.sh(commands)
                    if following == "text":
                        last = "\n".join(out.splitlines()[-len(quoted.splitlines()):])
                        self.assertEqual(difference(last, quoted), "")
                    told = programs.told(out)
                    made = {file for file in self.written() - before if not re.match(r"example_output/scan\.", file)}
                    self.assertEqual(told, made)
                    picture = ROOT / f"docs/images/{name}.png"
                    if following == "text":
                        folder = pathlib.Path(self.folder.name) / "example_output" / name
                        self.assertEqual(size_of_png(picture), size_of_png(folder / "picture.png"))

    def test_those_without_arguments_run_and_write_nothing(self):
        commands = [line for line in indented() if "build/release/examples" in line]
        self.assertEqual(len(commands), 5)
        before = self.written()
        for command in commands:
            self.assertGreater(len(self.sh(command).splitlines()), 2, command)
        self.assertEqual(self.written(), before)

    def test_every_example_has_a_row(self):
        rows = re.findall(r"^\| \[([\w/]+)\]", PAGE, flags=re.MULTILINE)
        text = (ROOT / "examples/CMakeLists.txt").read_text(encoding="utf-8")
        built = re.findall(r"^misfit_add_(?:file_)?example\((\w+)", text, flags=re.MULTILINE)
        self.assertEqual(set(rows), {*built, "course/", "brain"})
        self.assertIn("add_custom_target(misfit_examples)", text)
        self.assertEqual({line for line in indented() if "build/release/examples" not in line},
                         {"cmake --preset release", "cmake --build --preset release --target misfit_examples"})

    def test_is_compared_line_by_line(self):
        for _, blocks in sections():
            for quoted in (content for language, content in blocks if language == "text"):
                for line in quoted.splitlines():
                    for wrong in (line.replace(line.strip()[0], "#", 1), re.sub(r"\d(?=\S*$)", lambda d: str(9 - int(d[0])), line)):
                        if wrong != line and not line.endswith(" s"):
                            self.assertNotEqual(difference(quoted.replace(line, wrong, 1), quoted), "", wrong)
        self.assertEqual(difference("a 0.5 s\n", textwrap.dedent("""
            a 1.5 s
            """)), "")


if __name__ == "__main__":
    programs.main()
