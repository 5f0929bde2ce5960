# SPDX-License-Identifier: BSD-3-Clause
"""A mutant: one small change of one expression or statement."""

import dataclasses


@dataclasses.dataclass
class Mutant:
    """The change is `prefix` before the text from `begin` to `end`, and `suffix` behind it; NUMBER stands for its number."""
    file: str
    line: int
    begin: int
    end: int
    kind: str
    change: str  # as people read it
    prefix: str
    suffix: str
    code: str = ""  # the line
    number: int = 0

    def inserted(self):
        return self.prefix.replace("NUMBER", str(self.number)), self.suffix.replace("NUMBER", str(self.number))

    def identity(self):
        return [self.file, self.begin, self.kind, self.change]

    def name(self):
        return f"{self.number} {self.file}:{self.line} {self.change}"


ON = "::misfit_mutant::on(NUMBER)"


def short(text, length=60):
    words = " ".join(text.split())
    return words if len(words) <= length else words[:length - 4] + " ..."


def swapped(left, between, right, operator, new):
    """`left operator right` with another operator."""
    original = left + between + right
    other = " ".join((left + between.replace(operator, new) + right).split())
    return f"{short(original)} -> {new}", f"({ON} ? ({other}) : (", "))"


def negated(condition):
    return f"!({short(condition)})", "((", f") ? !{ON} : {ON})"


def never(condition):
    return f"no throw if {short(condition)}", "((", f") ? !{ON} : false)"


def next_number(literal):
    return f"{literal} -> {literal} + 1", "(", f" + {ON})"


def deleted(statement):
    return f"without {short(statement)}", f"if (!{ON}) ", ""
