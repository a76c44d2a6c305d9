#!/usr/bin/env python3
"""Reads every #include of the tree and enforces the floors: what a folder may include, and who may know a C library.

The two tables below are the allow-list. A new folder gets a line in FLOORS; a new library a line in EDGES.
"""

import re
import sys
from pathlib import Path

# What each folder may include beside itself. The longest folder that fits a file decides. `bulkhead` are the
# messages generated from proto/.
FLOORS = {
    "base": [],
    "crypto": ["base"],
    "storage": ["base"],
    # The one way to a console: TLS with a pinned CA, for the gateway's uplink and the command.
    "channel": ["base", "crypto"],
    "rpc": ["base", "bulkhead"],
    "yaml": ["base"],
    "proto": [],
    "model": ["base"],
    "policies": ["base", "yaml", "model"],
    # The guest's half of policies/: knows neither model nor YAML.
    "policies/sandbox": ["base", "policies/profile"],
    "policies/profile": ["base"],
    "spec": ["base", "crypto", "yaml", "bulkhead/v1alpha1", "model", "policies"],
    "attestation": ["base", "crypto", "bulkhead", "model", "spec"],
    # The guest's half of attestation/: knows no crypto library.
    "attestation/wire": ["base"],
    "attestation/guest": ["base", "attestation/wire"],
    "images": ["base", "crypto", "yaml", "bulkhead", "model", "policies"],
    # What Modbus requests say and whether they may be said; framing over TCP. Knows neither line nor socket.
    "modbus": ["base", "model"],
    "vnet": ["base", "yaml", "bulkhead", "model", "policies"],
    # What the guard of conduits is told and says, the driver, and the process, which knows neither switch nor netlink.
    "vnet/guard": ["base", "model", "vnet"],
    "vnet/guard/process": ["base", "modbus", "model", "policies", "vnet/guard", "vnet/space"],
    # Tenants' routers. What they are told is pure; the process knows neither switch nor netlink.
    "vnet/router": ["base", "model", "policies", "vnet"],
    "vnet/router/process": ["base", "model", "policies", "vnet/router", "vnet/space"],
    # A network namespace of a process of ours.
    "vnet/space": ["base"],
    # Frames as they pass an interface, and the process that reads them: knows neither switch nor model.
    "vnet/capture": ["base"],
    "vnet/capture/process": ["base", "policies/profile", "policies/sandbox", "vnet/capture"],
    # The interpreter and the prover are written apart from the programs and the maps: they know what both are told.
    "vnet/explain": ["base", "model", "vnet/ir", "vnet/wire", "vnet/bytes_order", "vnet/bpf/layout"],
    "vnet/proof": ["base", "model", "vnet/ir", "vnet/wire", "vnet/bytes_order", "vnet/bpf/layout", "vnet/explain"],
    "passthrough": ["base", "yaml", "bulkhead", "model", "policies", "modbus"],
    "partition-manager/plan": ["base", "crypto", "model", "policies"],
    "partition-manager/apply": ["base", "storage", "bulkhead", "model", "policies", "partition-manager/plan"],
    "partition-manager/hypervisor": ["base", "bulkhead", "model", "policies"],
    "partition-manager/lifecycle": ["base", "bulkhead", "model", "policies"],
    # swtpm for each partition, its state key and endorsement; the measured log.
    "partition-manager/trust": ["base", "crypto", "storage", "bulkhead", "model", "attestation"],
    # The gateway's end of the line to the console: identity, spool, desired state.
    "partition-manager/uplink": ["base", "channel", "crypto", "storage", "bulkhead", "model", "spec", "attestation"],
    "partition-manager/daemon": ["base", "channel", "rpc", "crypto", "storage", "yaml", "bulkhead", "model", "policies", "spec",
                                 "attestation", "images", "vnet", "passthrough", "partition-manager"],
    "guest-agent": ["base", "bulkhead/agent", "policies", "attestation/guest", "attestation/wire"],
    "cli": ["base", "channel", "crypto", "yaml", "bulkhead", "model", "spec", "images"],
    "console/store": ["base", "crypto", "storage", "bulkhead"],
    "console/server": ["base", "crypto", "bulkhead", "rpc", "model", "spec", "attestation", "console/store"],
    # A vendor's application and a simulator copy nothing of ours but the floor that stands on POSIX.
    "examples": ["base", "bulkhead"],
    "benchmarks": ["*"],
    "lab": ["*"],
    # Tests may include what they test, and all below it; the table's rule for them is the tree itself.
    "tests": ["*"],
}

# The one folder or file (without extension) that may include a library's header. More than one needs a reason.
EDGES = {
    r"yaml\.h": ["yaml/document"],
    r"libvirt/.*": ["partition-manager/hypervisor"],
    r"pugixml\.hpp": ["partition-manager/hypervisor"],
    r"sqlite3\.h": ["storage"],
    r"bpf/.*": ["vnet"],
    r"netlink/.*": ["vnet"],
    r"seccomp\.h": ["policies/sandbox"],
    r"cap-ng\.h": ["policies"],
    r"libusb\.h|usbredirhost\.h": ["passthrough/usb"],
    r"usbredirparser\.h": ["tests"],
    # Also the machines at both ends of what is guarded, in tests and benchmarks.
    r"modbus(/.*)?\.h": ["examples", "vnet/guard", "benchmarks/passthrough", "tests/passthrough/modbus"],
    # The API's two ends.
    r"grpcpp/.*|grpc/.*": ["channel", "rpc", "partition-manager/daemon", "partition-manager/uplink", "console/server", "cli", "proto"],
    r"CLI/.*": ["cli", "partition-manager/daemon/options", "console/server/options"],
    # Reflection is the decoder's, JSON the CLI's; the reader of agents' frames bounds what is decoded. Generated
    # messages need no header of the library.
    r"google/protobuf/.*": ["spec", "proto", "cli", "partition-manager/lifecycle/agent_session",
                              "console", "tests"],
    r"openssl/.*": ["crypto"],
    r"tss2/.*": ["attestation/tpm"],
    r"httplib\.h": ["console/server"],
}

SOURCES = (".hpp", ".cpp", ".h", ".c")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# Two lines that are wrong on purpose, so that a test that finds nothing is seen to be able to.
WRONG_ON_PURPOSE = [("base/x.cpp", '"', "model/spec.hpp"), ("cli/x.cpp", "<", "libvirt/libvirt.h")]


def within(path, folder):
    """Whether a path (without its extension, if `folder` names a file) is or lies in a folder."""
    stem = re.sub(r"\.\w+$", "", path)
    return path.startswith(folder + "/") or stem == folder


def floor_of(path):
    fitting = [folder for folder in FLOORS if within(path, folder)]
    return max(fitting, key=len) if fitting else None


def complaint(path, quote, included):
    """What is wrong with one include of one file, or None."""
    if quote == "<":
        for pattern, owners in EDGES.items():
            in_tests = path.startswith("tests/") and any(within(path, "tests/" + owner) or
                                                         within(path.replace("_test.", "."), "tests/" + owner)
                                                         for owner in owners)
            if re.fullmatch(pattern, included) and not in_tests and not any(within(path, o) for o in owners):
                return f"only {' and '.join(owners)} may include <{included}>"
        return None
    included = included.removeprefix("proto/")
    floor = floor_of(path)
    if floor is None:
        return "this folder has no line in FLOORS of tests/floors/floors.py"
    if included.startswith("bulkhead/") and included.endswith(".grpc.pb.h"):
        if not any(within(path, owner) for owner in EDGES[r"grpcpp/.*|grpc/.*"]) and floor != "tests":
            return f'only the two ends of the API may include "{included}"'
    if "/" not in included:  # beside it, or made by the build
        return None
    own = floor.split("/")[0] if "/" not in floor else floor
    allowed = FLOORS[floor] + [own]
    if "*" in allowed or any(within(included, folder) for folder in allowed):
        return None
    return f'{floor} may not include "{included}"; it may include {", ".join(FLOORS[floor]) or "nothing but itself"}'


def sources(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in SOURCES and not name.startswith(("build", ".")):
            yield name, path.read_text(encoding="utf-8")


def main():
    root = Path(sys.argv[1])
    for path, quote, included in WRONG_ON_PURPOSE:
        if complaint(path, quote, included) is None:
            sys.exit(f"this test can't fail: {path} may include {included}")
    files, wrong = 0, 0
    for name, text in sources(root):
        files += 1
        for match in INCLUDE.finditer(text):
            if what := complaint(name, match[1], match[2]):
                line = text.count("\n", 0, match.start(2)) + 1
                print(f"{name}:{line}: {what}")
                wrong += 1
    print(f"{files} files read, {wrong} includes against the floors")
    sys.exit(1 if wrong or files == 0 else 0)


if __name__ == "__main__":
    main()
