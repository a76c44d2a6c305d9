"""Rising rates of frames, until they are lost: what each way takes without a loss."""
import dataclasses
import sys
import time

from table import Row

RATES = (10, 20, 40, 80, 160, 320, 640, 1280, 2560)  # frames a second that are asked for
SECONDS = 10  # of a round
ROUNDS = 2  # at each rate
STILL_SECONDS = 6  # without another frame: nothing more comes. A guest that is emulated twice tells its counts late
NEVER_SECONDS = 120


@dataclasses.dataclass
class Trial:
    """What became of frames that were offered at one rate."""
    sent: int
    rate: float  # really, 1/s
    lost: dict  # by the way that they took


def climb(offer, heard):
    """Trials at rising rates, until every way has lost some or the sender is no faster. `offer(rate, count)` sends, and returns its
    seconds; `heard()` is the count of frames so far, by way."""
    trials = []
    for rate in RATES:
        trials.append(trial(offer, heard, rate))
        print(f"  lab: {trials[-1].sent} frames at {trials[-1].rate:.0f}/s, lost {trials[-1].lost}", file=sys.stderr, flush=True)
        if all(trials[-1].lost.values()) or trials[-1].rate < 0.5 * rate:
            break
    return trials


def trial(offer, heard, rate):
    count, seconds = rate * SECONDS, 0.0
    before = heard()
    lost = dict.fromkeys(before, 0)
    for _ in range(ROUNDS):
        seconds += offer(rate, count)
        after = settled(heard, {way: number + count for way, number in before.items()})
        for way in lost:
            lost[way] += count - (after[way] - before[way])
        before = after
    return Trial(ROUNDS * count, ROUNDS * count / seconds, lost)


def settled(heard, wanted):
    """The counts when all have come, or nothing more comes."""
    counts, still_since, begin = heard(), time.monotonic(), time.monotonic()
    while counts != wanted and time.monotonic() - still_since < STILL_SECONDS:
        if time.monotonic() - begin > NEVER_SECONDS:
            raise RuntimeError(f"more frames than were sent, or for more than {NEVER_SECONDS} s: {counts}, wanted {wanted}")
        time.sleep(1)  # applications tell theirs once a second
        now = heard()
        if now != counts:
            counts, still_since = now, time.monotonic()
    return counts


def of_frames(trials, names, free, guarded):
    """Of ways by their `names`; two of them differ in their guard alone."""
    fastest = {way: max((each for each in trials if each.lost[way] == 0), key=lambda each: each.rate, default=None) for way in names}
    base = next(iter(names))
    rates = {way: each.rate if each else 0.0 for way, each in fastest.items()}
    rows = [Row("passthrough", f"lab: CAN frames without loss, {words}", rates[way], "1/s", names[base], rates[way] / (rates[base] or 1))
            for way, words in names.items()]
    if best := fastest[free]:
        rows.append(Row("passthrough", f"lab: CAN frames lost {names[guarded]}, at {best.rate:.0f}/s, the most without", best.lost[guarded], "frames",
                        f"the {best.sent} sent", best.lost[guarded] / best.sent))
    return rows
