"""The judgement as text (Markdown that reads as it stands) and as JSON."""
import dataclasses
import math
import statistics

from verdict import KPIS


def spread_text(values, kpi):
    if any(v is None for v in values):
        return f"{sum(v is None for v in values)} of {len(values)} never started"
    values = [v * kpi.scale for v in values]
    deviation = f"±{statistics.stdev(values):.{kpi.digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{kpi.digits}f}{deviation}"


def cell_text(cell, kpi):
    mark = "" if cell.met and not cell.by_spread else " ~" if cell.met else " !"
    return f"{spread_text(cell.real, kpi)} / {spread_text(cell.emulated, kpi)}{mark}"


def pair_text(value, own, form):
    return ("-" if value is None else form(value)) + " / " + ("-" if own is None else form(own))


def percent(share):
    return f"{share * 100:.0f}"


def seconds(milliseconds):
    return f"{milliseconds / 1000:.2f}"


def markdown(head, lines):
    width = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    rows = [head, ["-" * w for w in width], *lines]
    return "\n".join("| " + " | ".join(text.ljust(w) for text, w in zip(row, width)) + " |" for row in rows)


def titled(kpi):
    return f"{kpi.name} {kpi.unit}".strip()


def rows_table(judgement):
    head = ["engine", "trace", "n", *[titled(kpi) for kpi in KPIS], "same rung %", "request start s", "targets"]
    lines = []
    for row in judgement.rows:
        runs = [len(row.cells["startup"].real), len(row.cells["startup"].emulated)]
        missed = row.missed()
        lines.append([row.engine, row.trace, "/".join(map(str, runs)), *[cell_text(row.cells[kpi.name], kpi) for kpi in KPIS],
                      pair_text(row.same_rung, row.same_rung_real, percent) + ("" if row.agreement_met else " !"),
                      pair_text(row.start_error_ms, row.start_error_real_ms, seconds), "missed: " + ", ".join(missed) if missed else "met"])
    return markdown(head, lines)


def figure(value, kpi):
    return "-" if value is None else f"{value * kpi.scale:.{max(1, kpi.digits)}f}"


def spread_table(judgement):
    head = ["engine", "trace", *[f"{titled(kpi)} (margin)" for kpi in KPIS], "same rung %", "request start s"]
    lines = [[row.engine, row.trace, *[f"{figure(row.cells[kpi.name].spread, kpi)} ({figure(row.cells[kpi.name].margin, kpi)})" for kpi in KPIS],
              "-" if row.same_rung_real is None else percent(row.same_rung_real),
              "-" if row.start_error_real_ms is None else seconds(row.start_error_real_ms)] for row in judgement.rows]
    return markdown(head, lines)


def signed(value):
    return "-" if math.isinf(value) else f"{value:+.2f}"


def tests_table(judgement):
    lines = [[engine, name, str(test.n), signed(test.mean), f"{signed(test.low)} … {signed(test.high)}", f"{test.p:.3f}", test.verdict]
             for (engine, name), test in judgement.tests.items()]
    return markdown(["engine", "KPI", "pairs", "mean difference / margin", "90 % interval", "p", "verdict"], lines)


def when_apart(partings):
    """Seconds, earliest first; a pair that never parts comes last."""
    times = sorted(math.inf if parting is None else parting["t"] for parting in partings)
    return " ".join("never" if math.isinf(at) else f"{at / 1000:.0f}" for at in times) or "-"


def last_apart(partings):
    if not partings or None in partings:
        return "-"
    last = max(partings, key=lambda parting: parting["t"])
    real, emulated = (f"segment {segment} at rung {rung}" for segment, rung in (last["one"], last["other"]))
    return f"{last['t'] / 1000:.1f} s: {real} / {emulated}"


def partings_table(judgement):
    lines = [[row.engine, row.trace, when_apart(row.partings_real), when_apart(row.partings), last_apart(row.partings)] for row in judgement.rows]
    return markdown(["engine", "trace", "two real runs, s", "real and emulated, s", "the pair that parts last: real / emulated"], lines)


def text_of(judgement):
    parts = ["## Real / emulated, mean ± standard deviation over the repeats", "", rows_table(judgement), "",
             "! beyond the target · ~ beyond the margin but within the real player's own spread. same rung and request start: real against",
             "emulated / real against real.", "",
             "## The real players' own spread: mean difference between two runs (margin of the target)", "", spread_table(judgement), "",
             "## Where two runs part: the first request for video that they make differently", "", partings_table(judgement), "",
             "## Equivalence over all paired runs: two one-sided t tests at 5 %, differences in units of the margin", "", tests_table(judgement)]
    disturbed = sum(row.warnings for row in judgement.rows)
    if disturbed:
        parts += ["", f"{disturbed} recordings were made on a disturbed machine; their `warnings` say how."]
    if judgement.incomplete:
        parts += ["", "Not compared, because runs of one kind are missing: " + ", ".join(judgement.incomplete) + "."]
    return "\n".join(parts) + "\n"


def finite(value):
    """JSON knows no infinity."""
    if isinstance(value, float) and math.isinf(value):
        return None
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, list) else value


def json_of(judgement):
    rows = [{**dataclasses.asdict(row), "missed": row.missed()} for row in judgement.rows]
    tests = [{"engine": engine, "kpi": name, **dataclasses.asdict(test)} for (engine, name), test in judgement.tests.items()]
    return finite({"met": judgement.met(), "rows": rows, "tests": tests, "incomplete": judgement.incomplete})
