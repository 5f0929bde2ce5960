# SPDX-License-Identifier: BSD-3-Clause
"""What is wrong with a command that a page tells to type."""

import functools
import json
import re
import shlex
import subprocess

import pages

# Tools of others; those of BART and ISMRMRD are run by tests/examples.
FOREIGN = {"apt-get", "bart", "benchpark", "cd", "cp", "ctest", "echo", "export", "git", "ismrmrd_generate_cartesian_shepp_logan", "module",
           "python3", "ramble", "reframe", "sbatch", "squeue", "srun", "tail"}
# Whose other options go to CTest.
CTEST = {"-R", "-V"}


@functools.lru_cache(maxsize=None)
def output_of(script, option):
    return subprocess.run([pages.ROOT / script, option], capture_output=True, text=True, check=True, timeout=60).stdout


@functools.lru_cache(maxsize=None)
def presets():
    return {preset["name"] for preset in json.loads(pages.read("CMakePresets.json"))["configurePresets"]}


@functools.lru_cache(maxsize=None)
def programs():
    """The names of the examples."""
    return set(re.findall(r"misfit_add(?:_file)?_example\((\w+)", pages.read("examples/CMakeLists.txt")))


def faults_of_one(words):
    while words and re.fullmatch(r"\w+=.*", words[0]):  # variables
        words = words[1:]
    if not words:
        return []
    name, options = words[0], words[1:]
    if re.fullmatch(r"(\./)?scripts/\w+", name):
        if not (pages.ROOT / name).is_file():
            return [f"there is no {name}"]
        known = output_of(name, "--help")
        return [f"{name} has no option {option}" for option in (word.partition("=")[0] for word in options)
                if option.startswith("-") and not re.search(rf"{re.escape(option)}\b", known)
                and not (name == "scripts/test" and option in CTEST)]
    if name == "cmake":
        wanted = [value for option, value in zip(options, options[1:]) if option == "--preset"]
        targets = [value for option, value in zip(options, options[1:]) if option == "--target"]
        return [*(f"there is no preset {value}" for value in wanted if value not in presets()),
                *(f"there is no target {value}" for value in targets if value not in pages.words_of_tree())]
    if name == "mpirun":
        found = [re.fullmatch(r"build/\w+/examples/(?:\w+/)?(\w+)", word) for word in options]
        return [f"there is no example {match[1]}" for match in found if match and match[1] not in programs()]
    if name in FOREIGN or re.fullmatch(r"jobs/submit|build/[\w/]+", name):
        return []
    return [f"{name}: neither a script of the tree nor a tool that it knows"]


def faults(line):
    """What is wrong with a line of a shell, as sentences."""
    line = re.sub(r"\$\{\{.*?\}\}", "value", line)  # of GitHub Actions
    if not line.strip() or line.strip().startswith("#") or re.match(r"\s*(if|then|else|fi|for|do|done)\b", line):
        return []
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;()<>")
    lexer.whitespace_split = True
    found, words = [], []
    for token in [*lexer, ";"]:
        if re.fullmatch(r"[&|;]+", token):
            found.extend(faults_of_one(words))
            words = []
        else:
            words.append(token)
    return found


def require_syntax(script):
    """Raises unless bash can read it."""
    subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "value", script), text=True, check=True, timeout=60)
