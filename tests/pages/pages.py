# SPDX-License-Identifier: BSD-3-Clause
"""What the pages of the documentation hold: blocks of code, links, headings, names."""

import dataclasses
import functools
import pathlib
import re
import subprocess
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Block:
    """A block of code: `language` is that of its fence, or "sh" where it is indented."""

    page: str
    line: int
    language: str
    text: str
    tested_by: str  # what a comment above it names, or ""

    def __str__(self):
        return f"{self.page}:{self.line}"


def tracked():
    """All files of the tree that git has, or would have."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:  # an archive
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if "build" not in path.relative_to(ROOT).parts]
    return [name for name in names if (ROOT / name).is_file()]


@functools.lru_cache(maxsize=None)
def words_of_tree():
    """All words of its code, scripts and projects."""
    words = set()
    for name in tracked():
        if re.search(r"\.(hpp|cpp|in|cmake|py|sh|xml|json|yml)$|^scripts/\w+$|CMakeLists\.txt$", name):
            words.update(re.findall(r"\w+", read(name)))
    return words


def names_of_pages():
    wanted = r"(README|CONTRIBUTING|SECURITY|docs/\w+|examples/README|scripts/\w+/README)\.md"
    return [name for name in tracked() if re.fullmatch(wanted, name)]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_of_page(text):
    """The test that a comment on the first line names, which runs the whole page; or ""."""
    named = re.match(r"<!-- (\S+) -->\n", text)
    return named[1] if named else ""


def blocks(page, text):
    """All blocks of code of a page."""
    found, lines, number, comment = [], text.splitlines(), 0, test_of_page(text)
    while number < len(lines):
        start, line = number, lines[number]
        fence = re.match(r"( *)(```+)(\w*)\s*$", line)
        if fence:
            number += 1
            while lines[number].strip() != fence[2]:
                number += 1
            found.append(Block(page, start + 1, fence[3], textwrap.dedent("\n".join(lines[start + 1:number])), comment))
        elif line.startswith("    ") and (start == 0 or not lines[start - 1].strip()):
            while number + 1 < len(lines) and re.match("    |$", lines[number + 1]):
                number += 1
            found.append(Block(page, start + 1, "sh", textwrap.dedent("\n".join(lines[start:number + 1])).strip(), comment))
        if line.strip():
            named = re.fullmatch(r"<!-- (\S+) -->", line.strip())
            comment = named[1] if named else test_of_page(text)
        number += 1
    return found


def prose(page, text):
    """The page without its blocks of code."""
    lines = text.splitlines()
    for block in blocks(page, text):
        fences = 0 if lines[block.line - 1].startswith("    ") and "```" not in lines[block.line - 1] else 2
        for number in range(block.line - 1, block.line - 1 + len(block.text.splitlines()) + fences):
            lines[number] = ""
    return "\n".join(lines)


def spans(text):
    """What stands between backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def links(text):
    """The targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(text):
    """Those of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_quoted(text, sources):
    """Whether the lines stand in one of the sources one after the other, whatever the whole is indented by."""
    wanted = [line.rstrip() for line in textwrap.dedent(text).splitlines()]
    while wanted and not wanted[-1]:
        wanted.pop()
    for source in sources:
        lines = [line.rstrip() for line in source.splitlines()]
        for first, line in enumerate(lines):
            if line.strip() == wanted[0].strip():
                part = lines[first:first + len(wanted)]
                if textwrap.dedent("\n".join(part)).splitlines() == wanted:
                    return True
    return False
