# SPDX-License-Identifier: BSD-3-Clause
"""The tests of a build, as CTest knows them."""

import dataclasses
import json
import re
import subprocess

from launches import ROOT


@dataclasses.dataclass
class Test:
    name: str
    command: list
    environment: dict
    limit: float
    says: str = ""  # what it must print, whatever its exit status

    def passes(self, outcome):
        """Of an outcome that has kept all that was said."""
        if outcome.end == "hang":
            return False
        return bool(re.search(self.says, "\n".join(outcome.said))) if self.says else outcome.status == 0

    def told(self, outcome, lines):
        how = "hung" if outcome.end == "hang" else f"status {outcome.status}"
        return f"{self.name}: {how}: " + "\n  ".join(lines)


def properties_of(test):
    return {entry["name"]: entry["value"] for entry in test.get("properties", ())}


def of_build(preset, label):
    """Those of build/PRESET with the label."""
    done = subprocess.run(["ctest", "--test-dir", str(ROOT / "build" / preset), "--show-only=json-v1"],
                          capture_output=True, text=True, check=True)
    found = []
    for test in json.loads(done.stdout)["tests"]:
        properties = properties_of(test)
        if label in properties.get("LABELS", ()) and "command" in test:
            environment = dict(line.split("=", 1) for line in properties.get("ENVIRONMENT", ()))
            found.append(Test(test["name"], test["command"], environment, properties.get("TIMEOUT", 120),
                              "|".join(properties.get("PASS_REGULAR_EXPRESSION", ()))))
    return found
