"""Where the lab keeps things, and how it says that it can't go on."""
from pathlib import Path

from builder.failure import Failure  # noqa: F401  (one word for it: what happened, and what mends it)

SOURCE = Path(__file__).resolve().parents[2]

LAB = SOURCE / "build-lab"
IMAGE = LAB / "image"        # the gateway's root, its kernel and initrd
PROGRAMS = LAB / "programs"  # the product, as a disk
RUN = LAB / "run"            # of the gateway that is up, or was cut from power: disk, TPM, sockets, logs
KEY = LAB / "key"            # signs in to the gateway
