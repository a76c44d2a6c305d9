"""A Linux bridge: plain, which no guarded switch can be expected to beat, and with nftables in its forward hook, as rules one
after the other and as sets. Both guard the sender's MAC and IPv4 address as Bulkhead does. Without connection tracking: the
bridge family has it only where the kernel was built so, and answers are told by their ports instead."""
import pathlib

from benchmarks.vnet.bed import A, B, Bed, scratch

SESSION = pathlib.Path(__file__).with_name("nft_session.py")


class Bridge(Bed):
    title = "bridge"

    def begin(self):
        self.run("ip", "link", "add", "bench", "type", "bridge")
        self.run("ip", "link", "set", "bench", "up")

    def attach(self, port, interface):
        self.run("ip", "link", "set", interface, "master", "bench")
        self.run("bridge", "fdb", "add", port.mac, "dev", interface, "master", "static")

    def attach_all(self, ports):
        self.run("ip", "-batch", "-", input="".join(f"link set {port.name} master bench\n" for port in ports))
        self.run("bridge", "-batch", "-",
                 input="".join(f"fdb add {port.mac} dev {port.name} master static\n" for port in ports))


class Nftables(Bridge):
    def begin(self):
        super().begin()
        path = scratch(self.net) / "rules.nft"
        path.write_text(self.ruleset([A, B], self.rules))
        self.run("nft", "-f", path)
        self.session = self.start("python3", SESSION)

    def settle(self):
        self.session.end()

    def end(self):
        self.session.end()


class NftLinear(Nftables):
    title = "nft linear"

    @staticmethod
    def ruleset(ports, rules):
        """The rules are from the first one; interfaces have the ports' names."""
        chains = [f"chain from_{port.name} {{\n ether saddr != {port.mac} drop\n ether type != ip drop\n"
                  f" ip saddr != {port.address} drop\n" for port in ports]
        chains[0] += "".join(f" {request(rule)}\n" for rule in rules)
        chains[1] += "".join(f" {answer(rule)}\n" for rule in rules if rule.to == ports[1])
        jumps = ", ".join(f"{port.name} : jump from_{port.name}" for port in ports)
        return "table bridge bench {\n" + "}\n".join(chains) + "}\n" + \
            f"chain forward {{ type filter hook forward priority 0; policy drop; iifname vmap {{ {jumps} }}\n}}\n}}\n"

    def open_one(self, rule):
        self.handles = self.session.ask(f"echo add rule bridge bench from_left {request(rule)}; "
                                        f"add rule bridge bench from_right {answer(rule)}")["handles"]

    def close_one(self, rule):
        first, second = self.handles
        self.session.ask(f"delete rule bridge bench from_left handle {first}; "
                         f"delete rule bridge bench from_right handle {second}")


def request(rule):
    return f"ip daddr {rule.to.address} {rule.transport} dport {rule.port} accept"


def answer(rule):
    return f"ip daddr {A.address} {rule.transport} sport {rule.port} accept"


class NftSets(Nftables):
    title = "nft sets"

    @staticmethod
    def ruleset(ports, rules):
        guard = ", ".join(f'"{port.name}" . {port.mac} . {port.address}' for port in ports)
        size = 262144
        return f"""table bridge bench {{
            set guard {{ typeof iifname . ether saddr . ip saddr; elements = {{ {guard} }} }}
            map requests {{ typeof ip saddr . ip daddr . ip protocol . th dport : verdict; size {size}
                elements = {{ {", ".join(map(request_key, rules))} }} }}
            map answers {{ typeof ip saddr . ip daddr . ip protocol . th sport : verdict; size {size}
                elements = {{ {", ".join(map(answer_key, rules))} }} }}
            chain forward {{ type filter hook forward priority 0; policy drop
                iifname . ether saddr . ip saddr != @guard drop
                ip saddr . ip daddr . ip protocol . th dport vmap @requests
                ip saddr . ip daddr . ip protocol . th sport vmap @answers
            }}
            }}"""

    def open_one(self, rule):
        self.session.ask(f"add element bridge bench requests {{ {request_key(rule)} }}; "
                         f"add element bridge bench answers {{ {answer_key(rule)} }}")

    def close_one(self, rule):
        self.session.ask(f"delete element bridge bench requests {{ {request_key(rule)} }}; "
                         f"delete element bridge bench answers {{ {answer_key(rule)} }}")


def request_key(rule):
    return f"{A.address} . {rule.to.address} . {rule.transport} . {rule.port} : accept"


def answer_key(rule):
    return f"{rule.to.address} . {A.address} . {rule.transport} . {rule.port} : accept"
