# SPDX-License-Identifier: BSD-3-Clause
"""Platform descriptions of SimGrid: which hosts there are, and how many ranks each takes."""

import hashlib
import pathlib
import re
import xml.etree.ElementTree

from bad_input import BadInput

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "platforms"


def numbers(radical, path):
    """0-2,5 → 0 1 2 5"""
    for part in radical.split(","):
        found = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not found:
            raise BadInput(f"--platform: {path}: the radical \"{radical}\" of a cluster is no list of numbers")
        first, last = int(found[1]), int(found[2] or found[1])
        if last - first > 1_000_000:
            raise BadInput(f"--platform: {path}: a cluster of {last - first + 1} hosts is more than can be simulated")
        yield from range(first, last + 1)


class Platform:
    def __init__(self, path):
        """Reads `path`."""
        self.path = pathlib.Path(path).absolute()
        self.name = self.path.stem
        try:
            text = self.path.read_bytes()
        except OSError as error:
            raise BadInput(f"--platform: {path}: {error.strerror}; those that come with misfit are in {SHIPPED}") \
                from error
        self.sha256 = hashlib.sha256(text).hexdigest()
        try:
            root = xml.etree.ElementTree.fromstring(text)
        except (xml.etree.ElementTree.ParseError, LookupError, ValueError) as error:  # the latter: its encoding
            raise BadInput(f"--platform: {path}: is no XML: {error}") from error
        if root.tag != "platform":
            raise BadInput(f"--platform: {path}: is no platform of SimGrid: its root is <{root.tag}>")
        self.comment = " ".join(" ".join(re.findall(r"<!--(.*?)-->", text.decode(errors="replace"),
                                                    re.DOTALL)).split())
        self.hosts = list(self.hosts_of(root))
        if not self.hosts:
            raise BadInput(f"--platform: {path}: has no hosts")
        speeds = {element.get("speed") for tag in ("cluster", "host") for element in root.iter(tag)}
        if len(speeds) != 1:
            raise BadInput(f"--platform: {path}: its hosts must be of one speed; computing is charged in seconds")
        self.speed = speeds.pop() or "1f"  # without one, SimGrid refuses the file, and tells why

    def cores_of(self, element):
        text = element.get("core", "1")
        if not re.fullmatch(r"[1-9]\d{0,5}", text):
            raise BadInput(f"--platform: {self.path}: core=\"{text}\" is no number of cores")
        return int(text)

    def hosts_of(self, root):
        """(name, ranks) of each, in the order of the file."""
        for element in root.iter():
            if element.tag == "cluster":
                for number in numbers(element.get("radical", ""), self.path):
                    yield (f"{element.get('prefix', '')}{number}{element.get('suffix', '')}",
                           self.cores_of(element))
            elif element.tag == "host":
                yield element.get("id", ""), self.cores_of(element)

    def places(self):
        return sum(cores for _, cores in self.hosts)

    def host_file(self, ranks):
        """A line for each rank: hosts are filled one after the other."""
        if ranks > self.places():
            raise BadInput(f"{ranks} ranks are more than the {self.places()} places of {self.path}; "
                           "give a larger --platform, or fewer --ranks")
        lines = [name for name, cores in self.hosts for _ in range(cores)]
        return "".join(f"{name}\n" for name in lines[:ranks])


def this_machine(path, cores, latency, bytes_per_second):
    """Writes to `path` and reads a platform of one node with what was measured between two of its ranks."""
    path.write_text(f"""<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<!-- This machine: {cores} cores, and between two ranks what an exchange of messages has just measured. -->
<platform version="4.1">
  <cluster id="machine" prefix="node-" radical="0-0" suffix="" speed="1Gf" core="{cores}" bw="1GBps" lat="1us"
           loopback_bw="{bytes_per_second:.17g}Bps" loopback_lat="{latency:.17g}s"/>
</platform>
""", encoding="utf-8")
    return Platform(path)
