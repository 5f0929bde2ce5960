# SPDX-License-Identifier: BSD-3-Clause
"""Whether a program goes on after kill -9, wherever that comes. Arguments: the program, mpiexec and its option for the
number of ranks, and how often it is killed."""

import sys
import time

from checkpoint_kills import kills


def main():
    program, mpiexec, flag, count = sys.argv[1:5]
    start = time.monotonic()
    tried = list(kills(program, [mpiexec, flag], int(count)))
    wrong = [words for words, _ in tried if words]
    amid = sum(amid for _, amid in tried)
    print(f"{len(tried)} kills, {amid} of them while a checkpoint was written, {len(wrong)} starts that failed, "
          f"{time.monotonic() - start:.1f} s", *wrong, sep="\n")
    sys.exit(0 if not wrong and len(tried) == int(count) and amid > 0 else 1)


if __name__ == "__main__":
    main()
