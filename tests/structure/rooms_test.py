# SPDX-License-Identifier: BSD-3-Clause
"""Whether headers include only what stands above them in the list of rooms of docs/design.md."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include/misfit"


def read_rooms(text):
    """The line of each room, from the block of docs/design.md."""
    block = re.search(r"```rooms\n(.*?)```", text, re.DOTALL).group(1)
    lines = {}
    for number, line in enumerate(block.splitlines()):
        for room in re.split(r"\s{2,}", line)[0].split():
            lines[room] = number
    return lines


def room_of(header, rooms):
    """The room that a header stands in: its folder, or for a file of none its name."""
    parts = header.removesuffix(".hpp").split("/")
    name = "/".join(parts[:2]) if parts[0] == "detail" else parts[0]
    return name if name in rooms else None


def faults(includes, rooms):
    """What is wrong with `includes`, pairs of a header and one that it includes."""
    found = []
    for header, included in includes:
        here, there = room_of(header, rooms), room_of(included, rooms)
        for name, room in ((header, here), (included, there)):
            if room is None:
                found.append(f"{name} stands in no room of docs/design.md")
        if here and there and rooms[there] > rooms[here]:
            found.append(f"{header} includes {included}, which stands below it")
    return found


def includes_of_headers():
    pairs = []
    for path in sorted(HEADERS.rglob("*.hpp")):
        header = path.relative_to(HEADERS).as_posix()
        for included in re.findall(r"#include <misfit/([^>]+)>", path.read_text()):
            pairs.append((header, included))
    return pairs


def cycles(includes):
    """Headers that include each other, directly or through others."""
    graph = {}
    for header, included in includes:
        graph.setdefault(header, set()).add(included)

    def reaches(start):
        seen, todo = set(), list(graph.get(start, ()))
        while todo:
            header = todo.pop()
            if header not in seen:
                seen.add(header)
                todo.extend(graph.get(header, ()))
        return seen

    return sorted(header for header in graph if header in reaches(header))


class Rooms(unittest.TestCase):
    rooms = read_rooms((ROOT / "docs/design.md").read_text())

    def test_headers_include_what_stands_above_them(self):
        self.assertEqual(faults(includes_of_headers(), self.rooms), [])

    def test_no_headers_include_each_other(self):
        self.assertEqual(cycles(includes_of_headers()), [])

    def test_every_room_is_there(self):
        for room in self.rooms:
            self.assertTrue((HEADERS / room).is_dir() or (HEADERS / f"{room}.hpp").is_file(), room)

    def test_an_include_that_goes_up_is_found(self):
        self.assertEqual(len(faults([("detail/sums/lanes.hpp", "communicator.hpp")], self.rooms)), 1)
        self.assertEqual(len(faults([("detail/new/x.hpp", "error.hpp")], self.rooms)), 1)
        self.assertEqual(cycles([("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]), ["a", "b", "c"])


if __name__ == "__main__":
    unittest.main()
