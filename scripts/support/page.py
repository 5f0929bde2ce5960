# SPDX-License-Identifier: BSD-3-Clause
"""What the reports of this folder's scripts have in common."""

import datetime
import html
import os
import pathlib
import platform
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

STYLE = """body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.2rem; margin-top: 2rem; }
img { max-width: 100%; } code { font-size: 0.95em; }
table { border-collapse: collapse; font-size: 0.9rem; margin: 0.5rem 0 1rem; }
th, td { text-align: right; padding: 0.15rem 0.7rem; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
.facts td:first-child, .facts td { text-align: left; } .facts tr:first-child { display: none; }
.key { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
.key div { background: #f3f5f8; border-radius: 6px; padding: 0.6rem 1rem; } .key b { display: block; font-size: 1.4rem; }
"""


def machine():
    def lines(path):
        try:
            return pathlib.Path(path).read_text().splitlines()
        except OSError:
            return []

    def first(path, key, separator):
        return next((line.split(separator, 1)[1].strip(' "') for line in lines(path) if line.startswith(key)), "unknown")

    git = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                         capture_output=True, text=True, check=False) if ROOT.joinpath(
                             ".git").exists() and shutil.which("git") else None
    memory = first("/proc/meminfo", "MemTotal", ":").split()[0]
    return {
        "processor": first("/proc/cpuinfo", "model name", ":"),
        "cores_visible": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory) / 2**20, 1) if memory.isdigit() else None,
        "system": f'{first("/etc/os-release", "PRETTY_NAME", "=")}, Linux {platform.release()}',
        "revision": git.stdout.strip() if git and git.returncode == 0 else "unknown",
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def table(rows, headings):
    def line(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + line(headings, "th") + "\n".join(line(row, "td") for row in rows) + "</table>"
