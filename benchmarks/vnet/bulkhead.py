"""Bulkhead's switch; bench-switch does the work."""
import gateway
from benchmarks.vnet.bed import A, B, OTHERS, Bed

PROGRAM = "benchmarks/vnet/bench-switch"


class Bulkhead(Bed):
    title = "Bulkhead"

    def begin(self):
        self.switch = self.start(gateway.BUILD / PROGRAM, f"/sys/fs/bpf/{self.net}")
        for port in (A, B, *OTHERS):
            self.attach(port, "-")
        tell_rules(self.switch, self.rules)
        self.switch.ask("open")

    def end(self):
        self.switch.end()

    def bring_up(self, ports):
        self.switch = self.start(gateway.BUILD / PROGRAM, f"/sys/fs/bpf/{self.net}")
        for port in ports:
            self.switch.ask("port", port.name, "later", port.mac, port.address)
        tell_rules(self.switch, self.rules)
        self.switch.ask("start")

    def settle(self):
        maps = self.switch.ask("memory")["bytes"]
        self.switch.end()
        return maps

    def take_down(self):
        """What bring_up() made outlives its process."""
        again = self.start(gateway.BUILD / PROGRAM, f"/sys/fs/bpf/{self.net}")
        again.ask("end")
        again.end()
        super().take_down()

    def attach(self, port, interface):
        self.switch.ask("port", port.name, interface, port.mac, port.address)

    def open_one(self, rule):
        tell_rules(self.switch, [rule])
        self.switch.ask("open")

    def close_one(self, rule):
        tell_rules(self.switch, [rule])
        self.switch.ask("close")


def tell_rules(switch, rules, sender=A):
    for rule in rules:
        switch.tell("rule", sender.name, rule.to.name, rule.transport, rule.port)
