# SPDX-License-Identifier: BSD-3-Clause
"""Finds what can be mutated, by the syntax trees of clang."""

import re

import clang.cindex as clang

import mutant
from mutant import Mutant

KIND = clang.CursorKind

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/"}
LOGIC = {"&&": "||", "||": "&&"}
OPERATORS = {**{key: ("relation", new) for key, new in RELATIONS.items()},
             **{key: ("arithmetic", new) for key, new in ARITHMETIC.items()},
             **{key: ("logic", new) for key, new in LOGIC.items()}}

# What must be known when it is compiled, or is no code that runs.
CONSTANT = {KIND.STATIC_ASSERT, KIND.ENUM_CONSTANT_DECL, KIND.TEMPLATE_NON_TYPE_PARAMETER, KIND.TYPE_ALIAS_DECL,
            KIND.TYPE_ALIAS_TEMPLATE_DECL, KIND.TEMPLATE_TYPE_PARAMETER, KIND.PARM_DECL, KIND.TYPE_REF,
            KIND.CXX_UNARY_EXPR, KIND.TYPEDEF_DECL, KIND.CXX_BASE_SPECIFIER}
FUNCTIONS = {KIND.FUNCTION_DECL, KIND.FUNCTION_TEMPLATE, KIND.CXX_METHOD, KIND.CONSTRUCTOR, KIND.DESTRUCTOR,
             KIND.CONVERSION_FUNCTION}
STATEMENTS = {KIND.CALL_EXPR, KIND.BINARY_OPERATOR, KIND.COMPOUND_ASSIGNMENT_OPERATOR, KIND.UNARY_OPERATOR,
              KIND.UNEXPOSED_EXPR}
VALUES = {KIND.DECL_REF_EXPR, KIND.MEMBER_REF_EXPR, KIND.CALL_EXPR, KIND.CXX_THIS_EXPR}
TEXT = re.compile(r'"|to_string|_text|text\(|message|name')
CPU_FORM = re.compile(r"in_cpu_form<|on_host<|host_reads<")


class Finder:
    """Collects the mutants of one file."""

    def __init__(self, file, text):
        self.file, self.text, self.data = file, text, text.encode()
        self.found = []

    def part(self, begin, end):
        return self.data[begin:end].decode(errors="replace")  # a character may be cut

    def add(self, kind, begin, end, made):
        text = self.part(begin, end)
        # A comment would hide what follows; a macro's text lies elsewhere.
        if begin >= end or "//" in text or "#" in text or "\\" in text:
            return
        line = self.data.count(b"\n", 0, begin) + 1
        code = self.text.split("\n")[line - 1].strip()
        self.found.append(Mutant(self.file, line, begin, end, kind, *made, code=code))

    def walk(self, node):
        for child in node.get_children():
            self.visit(child)

    def visit(self, node):
        if node.kind in CONSTANT:
            return None
        if node.kind in FUNCTIONS:
            return self.walk_function(node)
        if node.kind in (KIND.VAR_DECL, KIND.FIELD_DECL):
            return self.walk_variable(node)
        if node.kind == KIND.IF_STMT:
            return self.visit_if(node)
        if node.kind == KIND.WHILE_STMT:
            self.add_condition(node, "while")
        elif node.kind == KIND.BINARY_OPERATOR:
            self.add_operator(node)
        elif node.kind in (KIND.INTEGER_LITERAL, KIND.FLOATING_LITERAL):
            self.add_literal(node)
        elif node.kind == KIND.COMPOUND_STMT:
            self.add_statements(node)
        elif node.kind == KIND.UNEXPOSED_DECL and self.is_constant(node):
            return None
        elif node.kind == KIND.CASE_STMT:
            for child in list(node.get_children())[1:]:
                self.visit(child)
            return None
        return self.walk(node)

    def walk_function(self, node):
        """The body, and what members are set to; nothing of the declaration."""
        member = False
        for child in node.get_children():
            if child.kind == KIND.COMPOUND_STMT or member:
                self.visit(child)
            member = child.kind == KIND.MEMBER_REF

    def is_constant(self, node):
        """Whether it is a concept, or a template of a constant."""
        head = re.split("[={]", self.part(node.extent.start.offset, node.extent.end.offset), maxsplit=1)[0]
        return "concept " in head or "constexpr " in head

    def walk_variable(self, node):
        """What it is set to, if that is not known when it is compiled."""
        at = node.location.offset
        begin = max(self.data.rfind(mark, 0, at) for mark in (b";", b"{", b"}", b"(", b":\n"))
        # A const integer is computed by the compiler where it can.
        known = node.type.is_const_qualified() and not any(inner.kind in VALUES for inner in node.walk_preorder())
        if known or b"constexpr" in self.data[begin + 1:at]:
            return
        # Constructors set most of the private members once more.
        if node.kind == KIND.FIELD_DECL and node.spelling.endswith("_"):
            return
        for child in node.get_children():
            between = self.data[at:child.extent.start.offset]
            if child.extent.start.offset > at and (b"[" not in between or b"=" in between or b"{" in between):
                self.visit(child)

    def add_operator(self, node):
        sides = list(node.get_children())
        if len(sides) != 2:
            return
        begin, end = node.extent.start.offset, node.extent.end.offset
        left_end, right_begin = sides[0].extent.end.offset, sides[1].extent.start.offset
        if not begin < left_end < right_begin < end:
            return
        between = self.part(left_end, right_begin)
        operator = between.strip()
        left, right = self.part(begin, left_end), self.part(right_begin, end)
        kind, new = OPERATORS.get(operator, (None, None))
        if kind is None or kind == "arithmetic" and TEXT.search(left + right):
            return
        self.add(kind, begin, end, mutant.swapped(left, between, right, operator, new))

    def add_literal(self, node):
        begin, end = node.extent.start.offset, node.extent.end.offset
        text = self.part(begin, end)
        before, after = self.part(max(0, begin - 40), begin).rstrip(), self.part(end, end + 40).lstrip()
        # No template argument.
        if not re.fullmatch(r"[0-9][0-9a-fA-FxX'.]*[0-9e.+-]*[uUlLfF]*", text) or before[-1:] == "<" or after[:1] == ">":
            return
        self.add("literal", begin, end, mutant.next_number(text))

    def add_condition(self, node, word):
        """Of an `if` or a `while`. Returns whether it is a mutable one."""
        span = condition_of(self.data, node.extent.start.offset, word)
        if span is None:
            return None
        begin, end = span
        parts = list(node.get_children())
        # A declaration in place of a condition.
        if b";" not in self.data[node.extent.start.offset:begin] and parts[0].kind in (KIND.VAR_DECL, KIND.DECL_STMT):
            return None
        self.add("condition", begin, end, mutant.negated(self.part(begin, end)))
        return span

    def visit_if(self, node):
        head = self.part(node.extent.start.offset, node.extent.start.offset + 40)
        parts = list(node.get_children())
        if re.match(r"if\s+constexpr", head):
            branches = parts[1:]
            condition = self.part(node.extent.start.offset, branches[0].extent.start.offset)
            if CPU_FORM.search(condition):  # the other branch is for GPUs
                branches = branches[1:] if "!" in condition else branches[:1]
            for branch in branches:
                self.visit(branch)
            return
        span = self.add_condition(node, "if")
        if span and any(self.is_throw(part.extent.start.offset) for part in parts):
            self.add("throw", *span, mutant.never(self.part(*span)))
        for part in parts:
            self.visit(part)

    def add_statements(self, node):
        for statement in node.get_children():
            begin, end = statement.extent.start.offset, statement.extent.end.offset
            follows = re.match(rb"\s*;", self.data[end:end + 80])
            if statement.kind in STATEMENTS and begin < end and follows and not self.is_throw(begin):
                self.add("deleted", begin, end, mutant.deleted(self.part(begin, end)))

    def is_throw(self, begin):
        return self.data[begin:begin + 6] in (b"throw ", b"throw;")


def condition_of(data, start, word):
    """Where the condition is of the `if` or `while` that starts there."""
    head = re.compile(rb"%s\s*\(" % word.encode()).match(data, start)
    if not head:
        return None
    depth, begin = 1, head.end()
    for at in range(begin, len(data)):
        mark = data[at:at + 1]
        depth += (mark in (b"(", b"{")) - (mark in (b")", b"}"))
        if depth == 1 and mark == b";":
            begin = at + 1
        if depth == 0:
            while data[begin:begin + 1].isspace():
                begin += 1
            return begin, at
    return None


def candidates(root, files, arguments):
    """All mutants of the files, in the order of files; they are parsed as one program."""
    sources = [name for name in files if name.endswith(".cpp")]
    program = "#include <misfit/misfit.hpp>\n" + "".join(f'#include "{root / name}"\n' for name in sources)
    unit = clang.Index.create().parse("all.cpp", args=arguments, unsaved_files=[("all.cpp", program)])
    finders = {str(root / name): Finder(name, (root / name).read_text(encoding="utf-8")) for name in files}
    for top in unit.cursor.get_children():
        finder = top.location.file and finders.get(top.location.file.name)
        if finder:
            finder.visit(top)
    return {finder.file: unique(finder.found) for finder in finders.values() if finder.found}


def unique(found):
    """Each once: a template's parts may be seen twice."""
    return list({(m.begin, m.end, m.kind): m for m in found}.values())
