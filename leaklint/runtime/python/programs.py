"""Programs that are not installed: its text goes into drivers that need it."""

import functools
import os
import shutil
import subprocess
import typing


def stand_in_for_programs() -> None:
    """Lets one that does nothing be started instead of one that is not there."""
    start = subprocess.Popen.__init__

    @functools.wraps(start)
    def started(self: typing.Any, args: typing.Any, *more: typing.Any, **options: typing.Any) -> None:
        program = args if isinstance(args, (str, os.PathLike)) else next(iter(args), "")
        if not options.get("shell") and shutil.which(program) is None:
            args = "true"
        start(self, args, *more, **options)

    setattr(subprocess.Popen, "__init__", started)  # noqa: B010
