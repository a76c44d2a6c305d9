"""What the switch is to reach, and by how much it does or does not."""
import dataclasses

from benchmarks.vnet import control, forwarding
from benchmarks.vnet.bulkhead import Bulkhead

MANY = "100,000 rules"


@dataclasses.dataclass
class Goal:
    what: str
    got: float
    wanted: float
    unit: str
    at_least: bool = False

    def __str__(self):
        met = self.got >= self.wanted if self.at_least else self.got <= self.wanted
        by = abs(self.got / self.wanted - 1) * 100
        bound = "at least" if self.at_least else "at most"
        return f"{'met   ' if met else 'MISSED'}  {self.what}: {self.got:.3g}{self.unit}, {bound} {self.wanted:g}{self.unit}" + \
            ("" if met else f", missed by {by:.3g} %")


def show(rows):
    ours = [row for row in rows if row.bed == Bulkhead.title and row.value is not None]
    reached = [*speed(ours), *constant_cost(ours), *changes(ours)]
    print("\nGoals")
    print("\n".join(f"  {goal}" for goal in reached))
    behind = [row for row in ours if not row.first]
    print(f"  {'met   ' if not behind else 'MISSED'}  first in every row: in {len(ours) - len(behind)} of {len(ours)}")
    if not any(MANY in row.case for row in ours):
        print(f"  Without {MANY}, which --quick leaves out, nothing is said about them.")


def speed(ours):
    for kind in ("veth", "tap"):
        rate, latency = forwarding.questions(kind)
        name = forwarding.NAMES[kind]
        for row in ours:
            if MANY in row.case and row.question == rate:
                yield Goal(f"packets per second over {name}, {row.case}", row.ratio, 1, "x the bridge's", at_least=True)
            if row.question == latency and row.case.startswith("p99"):
                yield Goal(f"latency over {name}, {row.case}", row.ratio, 1, "x the bridge's")


def constant_cost(ours):
    """In ratios to the bridge's, which hold what else the machine did in the meantime."""
    for kind in ("veth", "tap"):
        of_kind = {row.case: row.ratio for row in ours if row.question == forwarding.questions(kind)[0]}
        for size in forwarding.SIZES:
            one, many = (of_kind.get(f"{size} B, {rules}") for rules in ("1 rule", MANY))
            if one and many:
                lost = max(0, 100 * (1 - many / one))
                yield Goal(f"lost from 1 to {MANY} over {forwarding.NAMES[kind]}, {size} B", lost, 5, " %")


def changes(ours):
    for row in ours:
        if row.question == control.CONDUIT:
            yield Goal(f"one conduit {row.case}", row.value * 1e3, 1, " ms")
        if row.question == control.START and row.case == "start":
            yield Goal("a start", row.value, 1, " s")
        if row.question == control.MEMORY:
            yield Goal(f"memory, {row.case}", row.value / 2**20, 32, " MiB")
