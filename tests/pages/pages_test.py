# SPDX-License-Identifier: BSD-3-Clause
"""Whether README.md and the pages of docs/ say what is so: code is quoted from what tests run, output from what tests
compare it with, commands and their options exist, links lead somewhere, and names are those of the tree."""

import functools
import re
import shlex
import unittest

import commands
import pages
import yaml

# Names that pages invent, and those of others.
FOREIGN = r"Gabor|(Kokkos|KOKKOS|CMAKE|MPI|OMPI|SLURM|SPACK)_\w+"
README_NAMES = """check_adjoint check_gradient value_at gradient_at batches flatten AnyOperator Partition prox least_squares
norm_squared norm_squared_bound""".split()


@functools.lru_cache(maxsize=None)
def sources(kind):
    """The texts of the files that tests compile, configure, run or read."""
    endings = {"cpp": (".cpp", ".hpp"), "cmake": ("CMakeLists.txt",), "yaml": (".yml",), "python": (".py",), "bash": (".sh",)}[kind]
    places = ("tests/pages/", "tests/reference/", "tests/consumer/", "tests/operators/fourier_planning_test.cpp", "examples/", ".github/",
              "scripts/")
    return [pages.read(name) for name in pages.tracked() if name.startswith(places) and name.endswith(endings)]


class Pages(unittest.TestCase):
    texts = {name: pages.read(name) for name in pages.names_of_pages()}
    blocks = [block for name, text in texts.items() for block in pages.blocks(name, text)]

    def test_there_are_pages_and_blocks(self):
        self.assertIn("README.md", self.texts)
        self.assertGreater(len(self.texts), 12)
        self.assertGreater(len(self.blocks), 40)

    def test_code_is_quoted_from_what_tests_run(self):
        for block in self.blocks:
            if block.language in ("cpp", "cmake", "yaml", "python", "bash"):
                self.assertTrue(pages.is_quoted(block.text, sources(block.language)), f"{block}: stands in no tested file")

    def test_every_other_block_is_of_a_known_kind(self):
        for block in self.blocks:
            self.assertIn(block.language, ("cpp", "cmake", "yaml", "python", "bash", "sh", "text", "formula", "diagram", "rooms"), block)

    def test_output_is_compared_with_what_a_program_prints(self):
        for block in self.blocks:
            if block.language == "text":
                self.assertRegex(block.tested_by, r"^tests/.*\.(py|cmake)$", f"{block}: no comment above it says which test compares it")
                self.assertIn(block.page.split("/")[-1], pages.read(block.tested_by), block)
        for name, text in self.texts.items():
            if pages.test_of_page(text):
                self.assertIn(name, pages.read(pages.test_of_page(text)), name)

    def test_commands_and_their_options_exist(self):
        for block in self.blocks:
            if block.language == "sh" and not pages.test_of_page(self.texts[block.page]):
                for line in block.text.replace("\\\n", " ").splitlines():
                    self.assertEqual(commands.faults(line), [], f"{block}: {line}")
        for name, text in self.texts.items():
            for span in pages.spans(pages.prose(name, text)):
                if re.match(r"(scripts/\w+|cmake|mpirun|ctest)( |$)", span):
                    self.assertEqual(commands.faults(span), [], f"{name}: {span}")

    def test_links_lead_somewhere(self):
        for name, text in self.texts.items():
            folder = (pages.ROOT / name).parent
            for target in pages.links(pages.prose(name, text)):
                if re.match("https?://|mailto:", target):
                    continue
                path, _, anchor = target.partition("#")
                file = folder / path if path else pages.ROOT / name
                self.assertTrue(file.exists(), f"{name}: {target}")
                if anchor:
                    self.assertIn(anchor, pages.anchors(file.read_text(encoding="utf-8")), f"{name}: {target}")

    def test_every_page_can_be_reached_from_the_readme(self):
        seen, todo = set(), ["README.md"]
        while todo:
            name = todo.pop()
            if name in seen or name not in self.texts:
                continue
            seen.add(name)
            for target in pages.links(self.texts[name]):
                path = (pages.ROOT / name).parent / target.partition("#")[0]
                if path.is_file():
                    todo.append(str(path.resolve().relative_to(pages.ROOT)))
        self.assertEqual(set(self.texts) - seen, set())

    def test_names_are_those_of_the_tree(self):
        for name, text in self.texts.items():
            for span in pages.spans(pages.prose(name, text)):
                found = re.fullmatch(r"(?:misfit::)?(?:\w+::)*([A-Za-z]\w*)(?:\(.*\))?", span)
                if found and re.search(r"[A-Z_]|\(|::", span) and not re.fullmatch(FOREIGN, found[1]):
                    self.assertIn(found[1], pages.words_of_tree(), f"{name}: `{span}`")

    def test_files_that_are_named_are_there(self):
        for name, text in self.texts.items():
            for span in pages.spans(pages.prose(name, text)):
                found = re.fullmatch(r"(?:include|core|tests|examples|scripts|docs|benchmarks|study)/[\w./]*", span)
                if found and not re.match("docs/html|scripts/spack", span):
                    self.assertTrue((pages.ROOT / span).exists(), f"{name}: `{span}`")


class Readme(unittest.TestCase):
    text = pages.read("README.md")

    def test_has_at_most_120_lines(self):
        self.assertLessEqual(len(self.text.splitlines()), 120)

    def test_says_where_everything_is(self):
        for word in (*README_NAMES, "**adds**", "Licence", "Status", "Not for you"):
            self.assertIn(word, self.text)

    def test_figures_are_those_of_the_measurements(self):
        tables = [line for line in self.text.splitlines() if re.match(r"\| [\w ,]+ \| \d+\.\d+ ", line)]
        self.assertEqual(len(tables), 6)
        measured = set(re.findall(r"[\d.]+", pages.read("docs/measurements.md")))
        for line in tables:
            for figure in re.findall(r"(?<![\w.])\d+\.\d+", line):
                self.assertIn(figure, measured, line)


class Workflows(unittest.TestCase):
    """Of GitHub Actions: as YAML, and their commands."""

    names = [name for name in pages.tracked() if name.endswith(".yml") and ("workflow" in name)]

    def test_are_sound(self):
        self.assertGreaterEqual(len(self.names), 2)
        for name in self.names:
            workflow = yaml.safe_load(pages.read(name))
            self.assertTrue({"name", "jobs", True} <= set(workflow), name)  # YAML takes `on` for true
            for job in workflow["jobs"].values():
                self.assertIn("runs-on", job)
                for step in job["steps"]:
                    self.assertTrue(("uses" in step) != ("run" in step), f"{name}: {step}")
                    if "uses" in step:
                        self.assertRegex(step["uses"], r"^[\w-]+(/[\w-]+)+@v\d+$")
                    for line in step.get("run", "").replace("\\\n", " ").splitlines():
                        self.assertEqual(commands.faults(line), [], f"{name}: {line}")
                    commands.require_syntax(step.get("run", ""))

    def test_packages_are_those_of_the_scripts(self):
        workflow = yaml.safe_load(pages.read("tests/pages/continuous_integration/workflow.yml"))
        named = workflow["jobs"]["test"]["steps"][0]["run"].split("--no-install-recommends")[1].split()
        known = commands.output_of("scripts/install_dependencies", "--list").split()
        self.assertIn("libopenmpi-dev", named)
        self.assertEqual(set(named) - set(known), {"git", "ca-certificates", "ccache"})

    def test_citation_has_the_version_of_the_tree(self):
        citation = yaml.safe_load(pages.read("CITATION.cff"))
        version = re.search(r"project\(misfit VERSION (\S+)", pages.read("CMakeLists.txt"))[1]
        self.assertEqual(citation["version"], version)
        self.assertEqual(citation["license"], "BSD-3-Clause")
        for key in ("cff-version", "message", "title", "authors", "abstract"):
            self.assertIn(key, citation)


class Checks(unittest.TestCase):
    """The checks find what is wrong."""

    def test_of_quotations(self):
        source = "  a\n    b\n\n  c\n"
        self.assertTrue(pages.is_quoted("a\n  b\n\nc", [source]))
        self.assertFalse(pages.is_quoted("a\nb", [source]))
        self.assertFalse(pages.is_quoted("a\n  b\nc", [source]))

    def test_of_commands(self):
        self.assertEqual(commands.faults("scripts/run --quick && scripts/benchmark --family mask"), [])
        for wrong in ("scripts/run --fast", "scripts/walk", "cmake --preset fastest", "misfit --help",
                      "cmake --build build --target misfit_" + "fastest",
                      "mpirun -n 2 build/release/examples/none"):
            self.assertEqual(len(commands.faults(wrong)), 1, wrong)

    def test_of_blocks(self):
        text = "# a\n\n<!-- tests/a.py -->\n```text\nx\n```\n\n    scripts/run\n\nend\n"
        found = [(block.language, block.text, block.tested_by) for block in pages.blocks("page", text)]
        self.assertEqual(found, [("text", "x", "tests/a.py"), ("sh", "scripts/run", "")])
        self.assertEqual(shlex.split(pages.prose("page", text).replace("# a\n\n<!-- tests/a.py -->", "")), ["end"])
        found = [block.tested_by for block in pages.blocks("page", "<!-- tests/b.py -->\n" + text)]
        self.assertEqual(found, ["tests/a.py", "tests/b.py"])


if __name__ == "__main__":
    unittest.main()
