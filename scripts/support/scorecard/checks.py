# SPDX-License-Identifier: BSD-3-Clause
"""The checks of scripts/scorecard: each a guarantee, what shows it, and the fault that it must find. docs/guarantees.md
says the same in a table, and a test compares the two."""

from model import Check, Goal, Launch, on_ranks  # noqa: F401

CHECKS = (
)

BY_NAME = {check.name: check for check in CHECKS}
