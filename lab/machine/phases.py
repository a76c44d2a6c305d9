"""What the lab is doing, and how long each part took."""
import sys
import time
from contextlib import contextmanager


class Phases:
    def __init__(self):
        self.began = self.last = time.monotonic()

    @contextmanager
    def phase(self, name):
        """Names it at once, for what takes long; its time follows on the same line."""
        print(f"{name:<28}", end="", file=sys.stderr, flush=True)
        self.last = time.monotonic()
        try:
            yield
        except BaseException:
            print("", file=sys.stderr)
            raise
        self._ended()

    def reached(self, name):
        """An event that ends what began with the one before."""
        print(f"{name:<28}", end="", file=sys.stderr)
        self._ended()

    def _ended(self):
        now = time.monotonic()
        print(f"{now - self.last:6.1f} s", file=sys.stderr, flush=True)
        self.last = now

    def total(self, name):
        print(f"{name:<28}{time.monotonic() - self.began:6.1f} s", file=sys.stderr, flush=True)
