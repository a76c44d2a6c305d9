"""The packages of one build: chosen once, by what Debian offers or by the lock, and unpacked where they can be read."""

import os
import tempfile
from pathlib import Path

from . import debian
from .failure import Failure


class Sources:
    def __init__(self, cache, locked, insist):
        self._cache = cache
        self._locked = locked  # name -> Package
        self._insist = insist  # on exactly those
        self._scratch = tempfile.TemporaryDirectory(prefix="bulkhead-image-")
        self.chosen = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._scratch.cleanup()

    def add(self, names):
        names = sorted(set(names) - set(self.chosen))
        packages = self._choose(names)
        for name in names:
            self._cache.unpack(packages[name], self.root(name))
        self.chosen |= packages

    def _choose(self, names):
        if not self._insist:
            return debian.offered(names) if names else {}
        for name in names:
            if name not in self._locked:
                raise Failure(f"the lock file has no {name}", "build without --locked, and take over the new lock file")
        return {name: self._locked[name] for name in names}

    def kernel(self, meta):
        """Adds the package with the kernel behind `meta`; its name."""
        if not self._insist:
            return debian.kernel_package(meta)
        locked = [name for name in self._locked if name.startswith("linux-image-")]
        if len(locked) != 1:
            raise Failure(f"the lock file has {len(locked)} kernels, wanted one")
        return locked[0]

    def root(self, name):
        return Path(self._scratch.name) / name

    def read(self, name, path):
        """The file `path` of package `name`, through links that stay in the package; with or without merged /usr."""
        for _ in range(8):
            bare = path.removeprefix("/usr")
            file = next((f for f in (self.root(name) / p.lstrip("/") for p in (bare, "/usr" + bare)) if os.path.lexists(f)), None)
            if file is None:
                break
            if not file.is_symlink():
                return file.read_bytes()
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(file)))
        raise Failure(f"package {name} holds no {path}")
