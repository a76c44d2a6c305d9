"""What is being done, on one line of a terminal; silent elsewhere."""

import sys
from pathlib import Path


class Progress:
    def __init__(self):
        self._on = sys.stderr.isatty()

    def say(self, text):
        if self._on:
            print(f"\r\033[Kimage: {text}", end="", file=sys.stderr, flush=True)

    def growth(self, text, folder):
        """Called now and then while files in `folder` grow."""
        if self._on:
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            self.say(f"{text}, {size / 2**20:.1f} MiB")

    def done(self):
        if self._on:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
