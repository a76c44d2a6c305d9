"""Runs the benchmark parts, prints the table and writes the rows."""
import argparse
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
# `import centre` is the one under test; the part of that name is benchmarks.centre.
sys.path[:1] = [str(HERE.parent / "tests/system"), str(HERE), str(HERE.parent)]
PARTS = ("attestation", "boot", "centre", "fleet", "memory", "passthrough", "prove", "vnet")
WITH_QUICK = ("passthrough", "vnet")  # those that can be had shorter


def main():
    parser = argparse.ArgumentParser(prog="./bench", description="Ratios against the limit or a peer, measured in one run.")
    parser.add_argument("part", nargs="*", help=f"any of {', '.join(PARTS)}; all without one")
    parser.add_argument("--quick", action="store_true", help=f"fewer rounds; of {', '.join(WITH_QUICK)}")
    parser.add_argument("--json", metavar="FILE", help="also write the rows, one JSON object a line")
    parser.add_argument("--build", default="build-check", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = [part for part in arguments.part if part not in PARTS]
    if unknown:
        parser.error(f"no part '{unknown[0]}'; there are {', '.join(PARTS)}")
    parts = arguments.part or PARTS
    if arguments.quick and not set(parts) <= set(WITH_QUICK):
        parser.error(f"--quick is for {', '.join(WITH_QUICK)} alone")
    import gateway
    import table
    gateway.BUILD = arguments.build.resolve()
    rows, plain = [], []
    for part in parts:
        module = importlib.import_module(f"benchmarks.{part}")
        found = module.run(quick=True) if arguments.quick else module.run()
        rows += found
        if hasattr(module, "show"):
            module.show(found)
        else:
            plain += found
    if plain:
        table.show(plain)
    if arguments.json:
        table.write(arguments.json, rows)
    return 0


sys.exit(main())
