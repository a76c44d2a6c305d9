"""One figure of one bed in one case, beside the bridge's of the same rounds; and how many of them become a table."""
import dataclasses
import statistics

from table import Row


@dataclasses.dataclass
class Cell(Row):
    question: str = ""
    case: str = ""
    bed: str = ""
    low: float = 0.0  # quartiles of the rounds' ratios
    high: float = 0.0
    first: bool = False
    why_not: str = ""  # it could not be measured


def cells(question, case, values, unit, higher_is_better, impossible=(), base_competes=True):
    """`values`: {bed: one figure for each round}, the base's first; `impossible`: {bed: why}. The ratio of a round is against the
    base's figure of that round, and of all rounds the median counts. A base that does less than the others does not compete."""
    base = next(iter(values.values()))
    made = []
    for bed, figures in values.items():
        ratios = [figure / other for figure, other in zip(figures, base)]
        low, middle, high = quartiles(ratios)
        made.append(Cell("vnet", f"{question}, {case}, {bed}", statistics.median(figures), unit, next(iter(values)), middle,
                         question, case, bed, low, high))
    best = (max if higher_is_better else min)(made if base_competes else made[1:], key=lambda cell: cell.ratio)
    best.first = True
    return made + [Cell("vnet", f"{question}, {case}, {bed}", None, unit, "", None, question, case, bed, why_not=why)
                   for bed, why in dict(impossible).items()]


def quartiles(figures):
    if len(figures) == 1:
        return figures * 3
    return statistics.quantiles(figures, n=4, method="inclusive")


def show(question, rows, columns):
    """`columns`: titles of beds, in order. One line for each case."""
    cases = list(dict.fromkeys(row.case for row in rows))
    lines = [["", *columns, "FIRST"]]
    reasons = {}
    for case in cases:
        of_case = {row.bed: row for row in rows if row.case == case}
        lines.append([case, *(text(of_case.get(column), reasons) for column in columns),
                      next((row.bed for row in of_case.values() if row.first), "")])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    print(f"\n{question}")
    for line in lines:
        print("  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]).rstrip())
    for mark, why in reasons.items():
        print(f"  {mark} {why}")


def text(row, reasons):
    """1.23 M  0.98x ±2: the median, its ratio, and half the distance between the ratios' quartiles in percent."""
    if row is None:
        return ""
    if row.value is None:
        marks = {why: mark for mark, why in reasons.items()}
        mark = marks.get(row.why_not) or f"[{'abcdefgh'[len(reasons)]}]"
        reasons[mark] = row.why_not
        return mark
    spread = 50 * (row.high - row.low) / row.ratio
    return f"{scaled(row.value, row.unit)} {row.ratio:5.2f}x ±{spread:<2.0f}"


SCALES = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")), "B": ((2**20, "MiB"),)}
OTHERS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, " "))


def scaled(value, unit):
    """Three figures and a scale that suits."""
    steps = SCALES.get(unit, OTHERS)
    scale, name = next((step for step in steps if value >= step[0]), steps[-1])
    return f"{value / scale:.3g} {name}"
