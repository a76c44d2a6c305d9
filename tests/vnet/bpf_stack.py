"""The deepest chain of calls of each BPF program, as the kernel that it is made for counts it: `bpf_stack.py OBJECT ROUND`.

The verifier (check_max_stack_depth() in kernel/bpf/verifier.c) rounds each frame up, to 32 bytes in Linux 6.1 and to 16 since 6.8, and allows
512 in a chain. The kernel that the tests run on may be a newer one, which takes what the older refuses.
"""
import collections
import dataclasses
import pathlib
import struct
import sys

LIMIT = 512  # MAX_BPF_STACK
FRAME_POINTER = 10
LOAD, STORE_IMMEDIATE, STORE = 1, 2, 3  # classes of instructions (RFC 9669)
MOVE, ADD_IMMEDIATE, CALL, LOAD_ADDRESS = 0xbf, 0x07, 0x85, 0x18
LOCAL_CALL = 1  # as the source register of CALL
FUNCTION = 2  # a symbol's type


@dataclasses.dataclass
class Function:
    depth: int = 0
    calls: set = dataclasses.field(default_factory=set)


class Object:
    """As much of ELF as this needs: functions, and what relocations lead to."""

    def __init__(self, data):
        self.data = data
        table, = struct.unpack_from("<Q", data, 40)
        count, names = struct.unpack_from("<HH", data, 60)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + 64 * i) for i in range(count)]
        self.names = [self.text(self.sections[names][4] + section[0]) for section in self.sections]
        symbols = next(i for i, section in enumerate(self.sections) if section[1] == 2)
        strings = self.sections[self.sections[symbols][6]][4]
        self.symbols = []  # (name, type, section, value, size)
        for at in range(self.sections[symbols][4], self.sections[symbols][4] + self.sections[symbols][5], 24):
            name, info, _, section, value, size = struct.unpack_from("<IBBHQQ", data, at)
            self.symbols.append((self.text(strings + name), info & 15, section, value, size))
        self.functions = {(section, value): name for name, kind, section, value, _ in self.symbols if kind == FUNCTION}

    def text(self, at):
        return self.data[at:self.data.index(b"\0", at)].decode()

    def relocations(self, section):
        """Symbol by the offset in the section."""
        found = {}
        for kind, at, size, of in ((s[1], s[4], s[5], s[7]) for s in self.sections):
            if kind == 9 and of == section:
                for entry in range(at, at + size, 16):
                    offset, info = struct.unpack_from("<QQ", self.data, entry)
                    found[offset] = self.symbols[info >> 32]
        return found

    def function_at(self, symbol, offset):
        """Of a relocation: the symbol itself, or what is that far into its section."""
        name, kind, section, _, _ = symbol
        return name if kind == FUNCTION else self.functions.get((section, offset))


def read(data):
    elf = Object(data)
    functions = {}
    for name, kind, section, value, size in elf.symbols:
        if kind == FUNCTION:
            functions[name] = scan(elf, section, value, size)
    return elf, functions


def scan(elf, section, value, size):
    function = Function()
    relocations = elf.relocations(section)
    in_frame = set()  # registers that are copies of the frame pointer
    for offset in range(value, value + size, 8):
        code, registers, off, immediate = struct.unpack_from("<BBhi", elf.data, elf.sections[section][4] + offset)
        target, source = registers & 15, registers >> 4
        if code & 7 in (LOAD, STORE_IMMEDIATE, STORE) and (source if code & 7 == LOAD else target) == FRAME_POINTER:
            function.depth = max(function.depth, -off)
        if code == ADD_IMMEDIATE and target in in_frame:
            function.depth = max(function.depth, -immediate)
        if code == MOVE and source == FRAME_POINTER:
            in_frame.add(target)
        elif code & 7 not in (STORE_IMMEDIATE, STORE, 5, 6):
            in_frame.discard(target)
        callee = None
        if code == CALL and source == LOCAL_CALL:
            symbol = relocations.get(offset)
            callee = elf.function_at(symbol, 8 * (immediate + 1)) if symbol else elf.functions.get((section, offset + 8 * (immediate + 1)))
        elif code == LOAD_ADDRESS and offset in relocations:  # of a callback, or else of a map
            callee = elf.function_at(relocations[offset], immediate)
        if callee:
            function.calls.add(callee)
    return function


def deepest(functions, name, step):
    """(bytes, chain) from this function on."""
    own = -(-max(functions[name].depth, 1) // step) * step
    below = max((deepest(functions, callee, step) for callee in functions[name].calls), default=(0, []))
    return own + below[0], [f"{name} {functions[name].depth}", *below[1]]


def main(path, step):
    elf, functions = read(pathlib.Path(path).read_bytes())
    programs = [name for name, kind, section, _, _ in elf.symbols if kind == FUNCTION and elf.names[section] != ".text"]
    if not programs:
        sys.exit(f"{path}: no program in it; this test can't fail")
    called = collections.Counter(callee for function in functions.values() for callee in function.calls)
    lost = [name for name in functions if name not in programs and not called[name]]
    if lost:
        sys.exit(f"{path}: nobody calls {', '.join(lost)}: its calls are not understood")
    worst = 0
    for name in programs:
        depth, chain = deepest(functions, name, step)
        worst = max(worst, depth)
        print(f"{depth:4} bytes of {LIMIT}: {' > '.join(chain)}")
    if worst > LIMIT:
        sys.exit(f"{path}: {worst} bytes of stack in one chain of calls, the kernel takes {LIMIT}: give a function of it less, "
                 "or a frame of its own for what it needs only for a while")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
