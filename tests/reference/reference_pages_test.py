#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The reference pages: nothing is left out of the quick reference and of what maps DeepInverse's names, and Markdown is
handed to Doxygen so that its links lead somewhere."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/support"))
import doxygen_markdown  # noqa: E402  # pylint: disable=wrong-import-position

HEADERS = ROOT / "include/misfit"
# No operators: a stand-in for a mask, and a function.
NO_OPERATORS = {"NoMask", "Wrap"}
# deepinv.distributed.__all__ of DeepInverse 0.4.1, and what its classes offer.
DEEPINVERSE = """DistributedContext DistributedStackedPhysics DistributedStackedLinearPhysics DistributedProcessing
DistributedDataFidelity distribute rank world_size local_rank local_world_size device use_dist created_dist local_indices A forward
local_indexes local_physics num_operators A_adjoint A_vjp A_adjoint_A A_A_adjoint A_dagger compute_sqnorm fn grad""".split()


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(page):
    """The names with which the rows of a page begin."""
    rows = [line for line in read(page).splitlines() if line.startswith("| ")]
    return {name for row in rows for name in re.findall(r"[`*](\w+)", row.split(" | ")[0])}


def classes(folder):
    found = set()
    for header in (HEADERS / folder).glob("*.hpp"):
        text = re.sub(r"namespace detail \{.*?\n\}  // namespace detail", "", header.read_text(encoding="utf-8"), flags=re.S)
        found.update(re.findall(r"^class (\w+)", text, flags=re.M))
    return found


class QuickReference(unittest.TestCase):
    cells = first_cells("docs/quick_reference.md")

    def test_has_all_operators(self):
        functions = {"Compose": "compose", "Scale": "scale", "Stack": "stack", "SliceBySlice": "slice_by_slice"}
        names = {functions.get(name, name) for name in classes("operators")} - NO_OPERATORS
        self.assertGreater(len(names), 18)
        self.assertEqual(names - self.cells, set())

    def test_has_all_distances(self):
        names = classes("distances")
        self.assertGreater(len(names), 9)
        self.assertEqual(names - self.cells, set())

    def test_has_all_concepts_and_errors(self):
        names = re.findall(r"^concept (\w+)", read("include/misfit/operator_concepts.hpp") + read("include/misfit/distance_concepts.hpp"),
                           flags=re.M)
        names += re.findall(r"^class (\w+) : public Error", read("include/misfit/error.hpp"), flags=re.M)
        self.assertGreater(len(names), 20)
        self.assertEqual(set(names) - self.cells, set())

    def test_columns_of_a_table_are_as_many_in_all_rows(self):
        for page in ("quick_reference", "coming_from_deepinverse", "coming_from_others"):
            for table in re.findall(r"(?:^\|.*\n)+", read(f"docs/{page}.md"), flags=re.M):
                columns = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
                self.assertEqual(len(columns), 1, table)


class DeepInverse(unittest.TestCase):
    def test_every_name_has_its_row(self):
        self.assertEqual(set(DEEPINVERSE) - first_cells("docs/coming_from_deepinverse.md"), set())


class Filter(unittest.TestCase):
    def test_headings_have_the_names_of_github(self):
        page = doxygen_markdown.filtered("docs/design.md", "# Design\n\n## The way of `one` call, here\n")
        self.assertEqual(page, "# Design {#docs_design}\n\n## The way of `one` call, here {#docs_design-the-way-of-one-call-here}\n")

    def test_links(self):
        text = "[a](design.md) [b](#rooms) [c](../README.md) [d](../LICENSE) [e](https://x.org/) ![f](images/a.png)\n"
        self.assertEqual(doxygen_markdown.filtered("docs/design.md", text),
                         "[a](#docs_design) [b](#docs_design-rooms) [c](#index) <a href=\"../../LICENSE\">d</a> [e](https://x.org/)"
                         " ![f](images/a.png)\n")

    def test_a_link_that_leads_nowhere(self):
        with self.assertRaises(SystemExit) as error:
            doxygen_markdown.filtered("docs/design.md", "[a](nowhere.md)\n")
        self.assertIn("docs/design.md", str(error.exception))

    def test_code_is_left_as_it_is_but_spans_that_doxygen_would_cut(self):
        code = "```cpp\n# no heading [a](b.md)\n```\n\n    # none [a](b.md)\n"
        self.assertEqual(doxygen_markdown.filtered("README.md", code), code)
        self.assertEqual(doxygen_markdown.filtered("README.md", "`a 'b'\n'c'`, `d`\n"), "``a 'b' 'c'``, `d`\n")

    def test_fences_and_breaks_of_lines(self):
        self.assertEqual(doxygen_markdown.filtered("README.md", "a\\\nb\n\n```formula\nf(x)\n```\n"),
                         "a<br>\nb\n\n```{.unparsed}\nf(x)\n```\n")

    def test_rows_that_begin_with_a_type_link_to_it(self):
        self.assertEqual(doxygen_markdown.filtered("README.md", "| `Fourier<T>(shape)` | `L2` |\n| `fn` | x |\n"),
                         "| [Fourier&lt;T&gt;(shape)](@ref misfit::Fourier) | `L2` |\n| `fn` | x |\n")


if __name__ == "__main__":
    unittest.main()
