"""A recording, real or emulated: what its requests are, and the figures that are compared. docs/fidelity.md describes the format."""
import math
import re

VIDEO, AUDIO, INIT, PLAYLIST, MANIFEST = "video", "audio", "init", "playlist", "manifest"


def kind_of(url, audio_rung):
    """(kind, rung, segment) of a request by the name of its file; segments count from 1."""
    name = url.split("?")[0].rsplit("/", 1)[-1]
    if found := re.fullmatch(r"seg-(\d+)-(\d+)\.m4s", name):
        rung = int(found[1])
        return (AUDIO if rung == audio_rung else VIDEO), rung, int(found[2])
    if found := re.fullmatch(r"init-(\d+)\.mp4", name):
        return INIT, int(found[1]), None
    if found := re.fullmatch(r"media_(\d+)\.m3u8", name):
        return PLAYLIST, int(found[1]), None
    return MANIFEST, None, None


def label_requests(recording, content):
    """Adds kind, rung and segment to every request and leaves the file name of its URL."""
    audio_rung = len(content["video"])
    for request in recording["requests"]:
        request["kind"], request["rung"], request["seg"] = kind_of(request["url"], audio_rung)
        request["url"] = request["url"].split("?")[0].rsplit("/", 1)[-1]


def all_video_requests(recording):
    """In the order in which they were made."""
    return sorted((r for r in recording["requests"] if r["kind"] == VIDEO), key=lambda request: request["t_start"])


def video_requests(recording):
    """Those that crossed the link."""
    return [request for request in all_video_requests(recording) if not request.get("cached")]


def is_complete(request):
    return request.get("t_end") is not None and not request.get("aborted") and not request.get("state")


def switches_of(recording):
    """Changes of rung between one request for video and the next."""
    out, last = [], None
    for request in video_requests(recording):
        if last is not None and request["rung"] != last:
            out.append({"t": request["t_start"], "from": last, "to": request["rung"], "seg": request["seg"]})
        last = request["rung"]
    return out


def buffered_rungs(recording):
    """segment -> rung of the last fetch that was completed: what the viewer is shown. An answer from the cache counts: it is appended."""
    done = [r for r in all_video_requests(recording) if is_complete(r)]
    return {request["seg"]: request["rung"] for request in sorted(done, key=lambda request: request["t_end"])}


def first_starts(recording):
    """segment -> when it was first asked for, in ms."""
    out = {}
    for request in video_requests(recording):
        out.setdefault(request["seg"], request["t_start"])
    return out


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else None


def add_figures(recording, content):
    """The derived figures, from the events and requests alone, so that both kinds of recording are folded by the same rules."""
    stalled = sum(stall["duration"] for stall in recording["stalls"])
    done = [r for r in video_requests(recording) if is_complete(r)]
    started, declared = recording["startup_ms"], [rung["declared_bps"] / 1000 for rung in content["video"]]
    recording["stall_count"], recording["stall_ms"] = len(recording["stalls"]), round(stalled, 1)
    recording["stall_ratio"] = None if started is None else round(stalled / max(1.0, recording["end_ms"] - started), 6)
    recording["video_segments"] = len(done)
    recording["aborted_video"] = sum(1 for r in video_requests(recording) if r.get("aborted"))
    recording["avg_declared_kbps"] = mean(declared[r["rung"]] for r in done)
    recording["avg_actual_kbps"] = mean(r["bytes"] * 8 / content["segment_s"] / 1000 for r in done)
    recording["avg_buffered_kbps"] = mean(declared[rung] for rung in buffered_rungs(recording).values())
    recording["switches"] = switches_of(recording)
    recording["switches_requested"] = len(recording["switches"])
    recording["bytes_total"] = sum(r["bytes"] for r in recording["requests"] if not r.get("cached"))


def agreement(one, other):
    """Share of segments shown at the same rung, of those up to the last that both have; one that only one has counts against it."""
    a, b = buffered_rungs(one), buffered_rungs(other)
    if not a or not b:
        return None
    common = range(1, min(max(a), max(b)) + 1)
    return sum(1 for seg in common if seg in a and a[seg] == b.get(seg)) / len(common)


def parting(one, other):
    """The first request for video that the two make differently: {"t" in ms, "one" and "other": [segment, rung]}; None: no such request."""
    for a, b in zip(video_requests(one), video_requests(other)):
        mine, theirs = [a["seg"], a["rung"]], [b["seg"], b["rung"]]
        if mine != theirs:
            return {"t": min(a["t_start"], b["t_start"]), "one": mine, "other": theirs}
    return None


def start_error_ms(one, other):
    """Root mean square of the differences between the times at which both first asked for a segment."""
    a, b = first_starts(one), first_starts(other)
    squares = mean((a[seg] - b[seg]) ** 2 for seg in a.keys() & b.keys())
    return None if squares is None else math.sqrt(squares)
