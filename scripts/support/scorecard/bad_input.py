# SPDX-License-Identifier: BSD-3-Clause


class BadInput(Exception):
    """What the user asked for cannot be done; its text says what to do instead."""
