"""What is being done, on one line of a terminal; silent elsewhere."""

import sys


class Progress:
    def __init__(self, steps):
        self._steps = steps
        self._step = 0
        self._on = sys.stderr.isatty()

    def step(self, text):
        self._step += 1
        if self._on:
            bar = "#" * self._step + "." * (self._steps - self._step)
            print(f"\r\033[Kimage [{bar}] {text}", end="", file=sys.stderr, flush=True)

    def done(self):
        if self._on:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
