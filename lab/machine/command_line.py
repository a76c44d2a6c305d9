"""What all commands of the lab share: how they end, and what they say then."""
import argparse
import os
import signal
import sys

from .places import Failure


def parser(name, description):
    return argparse.ArgumentParser(prog=f"lab/{name}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter,
                                   epilog="Exit codes: 0 done, 1 failed, 2 wrong usage. See lab/README.md.")


def main(name, action, when_interrupted):
    """Runs `action`, and exits with what it returns."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)
    try:
        sys.exit(action())
    except Failure as failure:
        sys.exit(f"lab/{name}: {failure}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"lab/{name}: {where}{error.strerror or error}")
    except KeyboardInterrupt as interrupt:
        number = interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT
        print(f"lab/{name}: interrupted; {when_interrupted}", file=sys.stderr)
        # As one that the signal ended, for the shell that started it.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class Ended(KeyboardInterrupt):
    """By another signal, and as an interrupt does: what was begun is taken away first. A SystemExit would be a failed case to unittest, which
    goes on with the next."""

    def __init__(self, number):
        super().__init__()
        self.number = number


def _ended(number, _):
    raise Ended(number)
