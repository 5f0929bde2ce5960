# SPDX-License-Identifier: BSD-3-Clause
"""The course: what a page quotes stands in its program, and the program prints what the page says that it does."""

import json
import os
import pathlib
import re
import sys
import textwrap
import unittest

import programs
from programs import session

ROOT = pathlib.Path(__file__).resolve().parents[2]
COURSE = ROOT / "examples" / "course"
PAGES = sorted(COURSE.glob("[0-9][0-9]_*.md"))
PROGRAMS = sys.argv[1]  # the folder of the built programs
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
RUN = re.compile(r"mpirun -n (\d+) build/release/examples/course/(\w+)")


def blocks(text):
    """Language and content of each fenced block."""
    return FENCED.findall(text)


def sources(name):
    """The program of a page, then its headers in this folder."""
    program = (COURSE / f"{name}.cpp").read_text(encoding="utf-8")
    return [program] + [(COURSE / header).read_text(encoding="utf-8") for header in re.findall(r'#include "(.*)"', program)]


printed = {}


def output_of(ranks, name):
    if (ranks, name) not in printed:
        session.program = os.path.join(PROGRAMS, name)
        printed[ranks, name] = session.run(ranks)
    return printed[ranks, name]


def complaints(name, text):
    """What a page says that is not so: blocks of C++ that are no consecutive lines of its program, at any
    indentation, and output that is not what the command above it prints."""
    found = []
    runs = []
    for language, content in blocks(text):
        if language == "cpp":
            quotes = ["\n" + textwrap.indent(content, " " * width) for width in range(0, 12, 2)]
            if not any(quote in source for quote in quotes for source in sources(name)):
                found.append(f"not in the program:\n{content}")
        elif language == "sh":
            command = RUN.fullmatch(content.rstrip("\n"))
            if command is None or command.group(2) != name:
                found.append(f"not a command that is run here: {content}")
            else:
                runs.append((int(command.group(1)), name))
        elif language == "text" and runs:
            if content != output_of(*runs.pop()):
                found.append(f"not what the program prints:\n{content}")
        else:
            found.append(f"a block that nothing is compared with:\n{content}")
    return found + [f"no output of {run}" for run in runs]


class Pages(unittest.TestCase):
    def test_say_what_programs_do(self):
        for page in PAGES:
            with self.subTest(page.name):
                text = page.read_text(encoding="utf-8")

                self.assertLessEqual({"cpp", "sh", "text"}, {language for language, _ in blocks(text)})
                self.assertEqual(complaints(page.stem, text), [])

    def test_are_compared_line_by_line(self):
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for language, content in blocks(text):
                for line in filter(str.strip, content.splitlines()):
                    with self.subTest(page.name, line=line):
                        changed = text.replace(f"\n{line}\n", f"\n{line.replace(line.strip()[0], '#', 1)}.\n", 1)

                        self.assertNotEqual(complaints(page.stem, changed), [])

    def test_one_for_each_program_in_the_table_of_contents(self):
        names = [page.stem for page in PAGES]
        contents = (COURSE / "README.md").read_text(encoding="utf-8")

        self.assertEqual(len(names), 10)
        self.assertEqual(names, sorted(program.stem for program in COURSE.glob("*.cpp")))
        self.assertEqual(re.findall(r"^\| \d+ \| \[.*\]\((\w+)[.]md\)", contents, flags=re.MULTILINE), names)
        for page, following in zip(PAGES, PAGES[1:]):
            self.assertIn(f"]({following.name})", page.read_text(encoding="utf-8"))

    def test_links_lead_to_files(self):
        for page in [COURSE / "README.md", *PAGES]:
            prose = re.sub(FENCED, "", page.read_text(encoding="utf-8"))
            for link in re.findall(r"\]\(([^)#:]+)\)", prose):
                self.assertTrue((COURSE / link).exists(), f"{page.name}: {link}")

    def test_commands_of_the_table_of_contents(self):
        (language, commands), = blocks((COURSE / "README.md").read_text(encoding="utf-8"))

        self.assertEqual(language, "sh")
        configure, build = (line.split() for line in commands.splitlines())
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
        self.assertEqual(configure[:2], ["cmake", "--preset"])
        self.assertIn(configure[2], [preset["name"] for preset in presets["configurePresets"]])
        self.assertEqual(build[:3], ["cmake", "--build", "--preset"])
        self.assertIn(build[3], [preset["name"] for preset in presets["buildPresets"]])
        self.assertEqual(build[4], "--target")
        self.assertIn(f"add_custom_target({build[5]})", (COURSE / "CMakeLists.txt").read_text(encoding="utf-8"))


if __name__ == "__main__":
    programs.main()
