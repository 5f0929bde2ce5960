#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Doxygen's filter for Markdown, which is written as GitHub shows it: headings get the names by which GitHub links to
them; links to pages lead to Doxygen's, those to other files to the tree, from docs/html; a row of a table that begins
with the name of a type links to that."""

import functools
import html
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include/misfit"
PAGES = ("README.md", "docs/*.md", "examples/course/*.md")


def page_id(path):
    """By which Doxygen links to the page of a file."""
    return "index" if path == "README.md" else path.removesuffix(".md").replace("/", "_").lower()


def anchor_id(path, heading):
    """By which it links to a heading there, with or without the marks of Markdown."""
    name = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")
    return f"{page_id(path)}-{name}"


def pages():
    """The files that are pages, as paths in the tree."""
    return {file.relative_to(ROOT).as_posix() for pattern in PAGES for file in ROOT.glob(pattern)}


@functools.cache
def public_types():
    """Classes and concepts of the headers, which have pages."""
    headers = [file for file in HEADERS.rglob("*.hpp") if "detail" not in file.parts]
    text = "\n".join(file.read_text(encoding="utf-8") for file in headers)
    return set(re.findall(r"^(?:class|struct|concept) (\w+)", text, flags=re.M))


def linked_name(match):
    """The first cell of a row, where that begins with the name of a type."""
    code, name = match[1], match[2]
    return f"| [{html.escape(code, quote=False)}](@ref misfit::{name})" if name in public_types() else match[0]


def link(path, words, target, known):
    """What Doxygen is given for a link to `target` on the page of `path`."""
    if re.match(r"[a-z]+:", target):
        return f"[{words}]({target})"
    file, _, anchor = target.partition("#")
    if not file:
        return f"[{words}](#{anchor_id(path, anchor)})"
    to = (ROOT / path).parent.joinpath(file).resolve()
    if not to.exists():
        raise SystemExit(f"{path}: error: a link leads to {target}, which is not there")
    inside = to.relative_to(ROOT).as_posix()
    if inside not in known:  # Doxygen takes any name in .md for that of a page
        return f'<a href="../../{inside}">{words}</a>'
    return f"[{words}](#{anchor_id(inside, anchor) if anchor else page_id(inside)})"


def code_span(match):
    """A span of code that Doxygen takes as one: on one line, and between two marks where there is a quote in it."""
    code = match[2].replace("\n", " ")
    mark = "``" if "'" in code else match[1]
    return f"{mark}{code}{mark}"


def prose(path, lines, known):
    """A paragraph, a heading, a list or a table."""

    def heading(match):
        level, words = match.groups()
        name = page_id(path) if level == "#" else anchor_id(path, words)
        return match[0] if name == "index" else f"{match[0]} {{#{name}}}"

    text = re.sub(r"^(#+) (.*\S)$", heading, "\n".join(lines), flags=re.M)
    text = re.sub(r"\\$", "<br>", text, flags=re.M)
    text = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", code_span, text, flags=re.S)
    text = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", lambda found: link(path, found[1], found[2], known), text)
    return re.sub(r"^\| `((\w+)[^`]*)`", linked_name, text, flags=re.M)


def filtered(path, text):
    """The page of `path` for Doxygen."""
    known = pages()
    result, paragraph, in_fence = [], [], False
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith("```")
        if in_fence or is_fence or not line.strip() or line.startswith("    "):
            if paragraph:
                result.append(prose(path, paragraph, known))
            paragraph = []
            # Doxygen takes languages that it does not know for others: "formula" for Fortran.
            result.append(re.sub(r"```(?!cpp|python)\w+", "```{.unparsed}", line) if is_fence else line)
            in_fence ^= is_fence
        else:
            paragraph.append(line.rstrip())
    return "\n".join(result + ([prose(path, paragraph, known)] if paragraph else []))


def main():
    file = pathlib.Path(sys.argv[1]).resolve()
    sys.stdout.write(filtered(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
