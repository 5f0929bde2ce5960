# SPDX-License-Identifier: BSD-3-Clause
"""The Python side of scripts/scaling_study."""

import signal
import sys

import options
from bad_input import BadInput


def main(arguments):
    asked = options.parse(arguments)
    if asked.presets:
        print(" ".join(options.presets(asked)))
    elif not asked.only_check:
        # Not before: what the reports need may not be installed yet.
        from commands import MODES
        MODES[asked.mode](asked)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what is running must end too
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except BadInput as error:
        print(f"scaling_study: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("scaling_study: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)
