# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of scripts/support/benchmark_report.py share: results made up for them."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "support"))
import benchmark_report  # noqa: E402  (the line above makes it importable)


def benchmark(name, roofline, low, high, **more):
    return {"name": f"{name}/iterations:9/manual_time", "ms": 2.0, "bandwidth": 1e10, "memory": 1.0,
            **ratio("roofline", roofline, low, high), **more}


def ratio(name, value, low, high):
    return {name: value, f"{name}_low": low, f"{name}_high": high}


class Folder:
    """A folder of raw results, and what the script does with them."""

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def write_run(self, *benchmarks, ranks=2):
        return self.write(f"mask.{ranks}.json", {
            "context": {"mpi_ranks": str(ranks), "executable": "mask_benchmark",
                        "compiler": "GNU"}, "benchmarks": list(benchmarks)})

    def run(self, *arguments):
        """The exit status, and what was printed to stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = benchmark_report.main(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def written(self, name):
        return json.loads((self.path / "out" / name).read_text())
