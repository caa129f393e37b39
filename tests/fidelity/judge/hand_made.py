"""Recordings made by hand, for the tests: a session that shows `rungs` one after the other, two seconds each."""
import recording as rec

CONTENT = {"segment_s": 2.0, "video": [{"declared_bps": bps} for bps in (300_000, 700_000, 1_500_000, 3_000_000)]}


def video(seg, rung, start, **more):
    return {"url": f"http://198.18.0.1/seg-{rung}-{seg:05d}.m4s", "t_start": start, "t_end": start + 400, "bytes": 1000, **more}


def session(rungs, startup=800.0, stalls=(), late=0.0, requests=None, end=120_000.0):
    made = {"startup_ms": startup, "end_ms": end, "stalls": [{"t": at, "duration": lasted} for at, lasted in stalls],
            "requests": requests or [video(i + 1, rung, 500.0 * i + late) for i, rung in enumerate(rungs)]}
    rec.label_requests(made, CONTENT)
    rec.add_figures(made, CONTENT)
    return made
