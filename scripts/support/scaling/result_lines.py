# SPDX-License-Identifier: BSD-3-Clause
"""A line for each point on stdout, always of the same form, which JUBE and others read:

RESULT case=mask/strong/16/65536/fn_and_grad ranks=2 threads=1 nodes=1 ms=9.05817 low=8.9 high=9.2 kind=measured
"""

import decimal


def plain(value):
    """Six digits, and never an exponent."""
    text = format(decimal.Decimal(f"{value:.6g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def line(point):
    case = "/".join(str(point[key]) for key in ("family", "series", "operators_in_name", "size", "call"))
    words = {"case": case, **{key: point[key] for key in ("ranks", "threads", "nodes")}, "ms": plain(point["ms"]),
             "low": plain(point["ms_low"]), "high": plain(point["ms_high"]), "kind": point["kind"]}
    words |= {key: point[key] for key in ("form",) if key in point}
    return "RESULT " + " ".join(f"{key}={value}" for key, value in words.items())


def show(points):
    for point in points:
        print(line(point))
