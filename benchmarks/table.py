"""Rows of a benchmark: printed as a table, written as JSON. Every row is a ratio against something in the same run."""
import dataclasses
import json


@dataclasses.dataclass
class Row:
    part: str
    name: str
    value: float
    unit: str
    against: str  # what the ratio compares with
    ratio: float  # value divided by that of `against`


def show(rows):
    titles = ("PART", "NAME", "VALUE", "UNIT", "RATIO", "AGAINST")
    cells = [(r.part, r.name, f"{r.value:.4g}", r.unit, f"{r.ratio:.3g}x", r.against) for r in rows]
    widths = [max(len(line[i]) for line in [titles, *cells]) for i in range(len(titles))]
    for line in [titles, *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dataclasses.asdict(row)) + "\n")


def read(path):
    with open(path, encoding="utf-8") as file:
        return [Row(**json.loads(line)) for line in file if line.strip()]
