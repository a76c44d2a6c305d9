"""The emulated gateway: what it is made of, how it is started, reached and ended."""
import sys
from pathlib import Path

# What images/build has to read Debian's packages and kernels.
sys.path.append(str(Path(__file__).resolve().parents[2] / "images"))
