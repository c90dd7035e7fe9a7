"""The command `leaklint`, and `python -m leaklint`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command and end the process with its exit code; a user's mistake is never a traceback."""
    try:
        from leaklint.cli import run

        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # the reader of our output has gone: nothing is left to say, not even while the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    main()
