"""From recordings to verdicts. A row is an engine on a trace: the means of the real and the emulated runs, the real player's own
run-to-run spread, and whether each target is met. A test is an engine and a KPI over all paired runs."""
import itertools
import statistics
from dataclasses import dataclass, field

import recording as rec
from equivalence import Tost, tost

AGREEMENT_TARGET = 0.90
STARTUP_SHARE, STARTUP_MS = 0.05, 100
BITRATE_SHARE = 0.03
STALL_POINTS = 0.003
SWITCH_SHARE = 0.10


@dataclass(frozen=True)
class Kpi:
    name: str
    field: str
    margin: object  # (real figure) -> how far the emulated one may be from it
    unit: str
    scale: float = 1  # of the recording's figure, for print
    digits: int = 0


KPIS = (
    Kpi("startup", "startup_ms", lambda real: max(STARTUP_SHARE * real, STARTUP_MS), "ms"),
    Kpi("stall ratio", "stall_ratio", lambda real: STALL_POINTS, "%", 100, 2),
    Kpi("requested", "avg_declared_kbps", lambda real: BITRATE_SHARE * real, "kbit/s"),
    Kpi("buffered", "avg_buffered_kbps", lambda real: BITRATE_SHARE * real, "kbit/s"),
    Kpi("switches", "switches_requested", lambda real: SWITCH_SHARE * real, "", 1, 1),
)


@dataclass
class Cell:
    """One KPI of one row. What a player did not come to (a session that never started) is counted, not averaged away."""
    real: list
    emulated: list
    margin: float = 0  # for the mean difference between a real and an emulated run
    spread: float | None = None  # mean difference between two real runs; None: there is only one
    met: bool = False
    by_spread: bool = False  # met only because the real player differs from itself as much


@dataclass
class Row:
    engine: str
    trace: str
    cells: dict = field(default_factory=dict)  # KPI name -> Cell
    same_rung: float | None = None  # mean over pairs of a real and an emulated run
    same_rung_real: float | None = None  # mean over pairs of real runs
    start_error_ms: float | None = None
    start_error_real_ms: float | None = None
    agreement_met: bool = False
    partings: list = field(default_factory=list)  # of each pair of a real and an emulated run: recording.parting()
    partings_real: list = field(default_factory=list)  # of each pair of real runs
    warnings: int = 0  # recordings that were made on a disturbed machine

    def missed(self):
        return [name for name, cell in self.cells.items() if not cell.met] + ([] if self.agreement_met else ["same rung"])


def spread_of(values):
    pairs = [abs(a - b) for a, b in itertools.combinations(values, 2)]
    return statistics.mean(pairs) if pairs else None


def cell_of(kpi, real, emulated):
    cell = Cell([r[kpi.field] for r in real], [r[kpi.field] for r in emulated])
    if None in cell.real or None in cell.emulated:
        cell.met = all(v is None for v in cell.real + cell.emulated)
        return cell
    apart = statistics.mean(abs(a - b) for a, b in itertools.product(cell.real, cell.emulated))
    cell.margin, cell.spread = kpi.margin(statistics.mean(cell.real)), spread_of(cell.real)
    cell.by_spread = cell.margin < apart <= (cell.spread or 0)
    cell.met = apart <= cell.margin or cell.by_spread
    return cell


def mean_of_pairs(measure, pairs):
    return rec.mean(value for value in (measure(a, b) for a, b in pairs) if value is not None)


def row_of(engine, trace, real, emulated):
    row = Row(engine, trace, {kpi.name: cell_of(kpi, real, emulated) for kpi in KPIS})
    mixed, among = list(itertools.product(real, emulated)), list(itertools.combinations(real, 2))
    row.same_rung, row.same_rung_real = mean_of_pairs(rec.agreement, mixed), mean_of_pairs(rec.agreement, among)
    row.start_error_ms, row.start_error_real_ms = mean_of_pairs(rec.start_error_ms, mixed), mean_of_pairs(rec.start_error_ms, among)
    row.partings, row.partings_real = [rec.parting(*pair) for pair in mixed], [rec.parting(*pair) for pair in among]
    wanted = min(AGREEMENT_TARGET, AGREEMENT_TARGET if row.same_rung_real is None else row.same_rung_real)
    row.agreement_met = row.same_rung is not None and row.same_rung >= wanted
    row.warnings = sum(1 for r in real + emulated if r.get("warnings"))
    return row


def test_of(kpi, pairs):
    """The differences of the pairs, each in shares of the margin that holds at its real figure; the margin is then 1. Switches are few
    in one run, so that their margin is that of the mean over all runs."""
    figures = [(real[kpi.field], emulated[kpi.field]) for real, emulated in pairs]
    if any((a is None) != (b is None) for a, b in figures):
        return Tost(len(figures), float("inf"), float("inf"), float("inf"), 1.0, 1.0, "different")
    figures = [(a, b) for a, b in figures if a is not None]
    overall = kpi.margin(rec.mean(a for a, _ in figures) or 0)
    margins = [overall if kpi.name == "switches" else kpi.margin(a) for a, _ in figures]
    if any(margin == 0 for margin in margins):  # nothing to be a share of
        return tost([float(b - a) for a, b in figures], 0.0)
    return tost([(b - a) / margin for (a, b), margin in zip(figures, margins)], 1.0)


@dataclass
class Judgement:
    rows: list
    tests: dict  # (engine, KPI name) -> Tost
    incomplete: list  # "engine on trace": without runs of either kind

    def met(self):
        return bool(self.rows) and not any(row.missed() for row in self.rows)


def judge(recordings):
    """`recordings`: (kind, engine, trace, repeat) -> recording; kind is "real" or "emulated". Pairs are of equal repeats."""
    cases = sorted({(engine, trace) for _, engine, trace, _ in recordings})

    def of(kind, case):
        return [recordings[key] for key in sorted(recordings) if key[0] == kind and key[1:3] == case]

    whole = [case for case in cases if of("real", case) and of("emulated", case)]
    rows = [row_of(*case, of("real", case), of("emulated", case)) for case in whole]
    tests = {}
    for engine in sorted({engine for engine, _ in whole}):
        keys = [key for key in sorted(recordings) if key[0] == "real" and key[1] == engine]
        pairs = [(recordings[key], recordings["emulated", *key[1:]]) for key in keys if ("emulated", *key[1:]) in recordings]
        for kpi in KPIS:
            tests[engine, kpi.name] = test_of(kpi, pairs)
    return Judgement(rows, tests, [f"{engine} on {trace}" for engine, trace in cases if (engine, trace) not in whole])
