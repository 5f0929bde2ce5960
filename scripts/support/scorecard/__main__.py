# SPDX-License-Identifier: BSD-3-Clause
"""The Python side of scripts/scorecard."""

import signal
import sys

import card
import options
from bad_input import BadInput


def main(arguments):
    asked = options.parse(arguments)
    if asked.list:
        card.list_checks(asked.checks)
    elif asked.builds:
        print("\n".join(options.builds(asked)))
    elif not asked.only_check:
        return card.run(asked)
    return 0


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what is running must end too
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except BadInput as error:
        print(f"scorecard: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("scorecard: interrupted; what had ended is written", file=sys.stderr)
        sys.exit(130)
