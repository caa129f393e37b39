import json
import random
import unittest

import table
from hand_made import session
from verdict import judge

TRACES = ("a", "b", "c", "d", "e")
RUNGS = [1, 1, 2, 2, 3, 3, 2, 2, 1, 1] * 4


def runs(emulate, repeats=3):
    """Five traces; the real player's startup differs by some ten milliseconds from run to run, as `emulate`'s does."""
    chance = random.Random(1)
    out = {}
    for trace in TRACES:
        for repeat in range(1, repeats + 1):
            out["real", "hls.js", trace, repeat] = session(RUNGS, startup=800 + chance.gauss(0, 15))
            out["emulated", "hls.js", trace, repeat] = emulate(800 + chance.gauss(0, 15))
    return out


def verdicts(judgement):
    return {name: test.verdict for (_, name), test in judgement.tests.items()}


class Verdict(unittest.TestCase):
    def test_a_faithful_emulation_is_equivalent_in_everything(self):
        judgement = judge(runs(lambda startup: session(RUNGS, startup=startup)))
        self.assertEqual(set(verdicts(judgement).values()), {"equivalent"})
        self.assertTrue(judgement.met())
        self.assertEqual(judgement.tests["hls.js", "startup"].n, 15)

    def test_a_slower_start_is_not_equivalent(self):
        judgement = judge(runs(lambda startup: session(RUNGS, startup=startup + 300)))
        self.assertEqual(verdicts(judgement)["startup"], "different")
        self.assertIn("startup", judgement.rows[0].missed())
        self.assertFalse(judgement.met())

    def test_a_lower_rung_is_not_equivalent(self):
        judgement = judge(runs(lambda startup: session([max(0, rung - 1) for rung in RUNGS], startup=startup)))
        self.assertEqual((verdicts(judgement)["requested"], verdicts(judgement)["buffered"]), ("different", "different"))
        self.assertIn("same rung", judgement.rows[0].missed())

    def test_stalls_that_the_real_player_has_not_are_not_equivalent(self):
        judgement = judge(runs(lambda startup: session(RUNGS, startup=startup, stalls=[(50_000, 1200)])))
        self.assertEqual(verdicts(judgement)["stall ratio"], "different")
        self.assertEqual(judgement.rows[0].missed(), ["stall ratio"])

    def test_too_many_switches_are_not_equivalent(self):
        judgement = judge(runs(lambda startup: session([1, 2] * 20, startup=startup)))
        self.assertEqual(verdicts(judgement)["switches"], "different")

    def test_an_emulation_that_never_starts_is_not_equivalent(self):
        judgement = judge(runs(lambda startup: session(RUNGS, startup=None)))
        self.assertEqual(verdicts(judgement)["startup"], "different")
        self.assertIn("startup", judgement.rows[0].missed())
        self.assertIn("3 of 3 never started", table.text_of(judgement))

    def test_an_erratic_emulation_is_not_shown_to_be_equivalent(self):
        chance = random.Random(3)
        judgement = judge(runs(lambda startup: session(RUNGS, startup=startup + chance.choice((-500, 500)))))
        self.assertEqual(verdicts(judgement)["startup"], "not shown")

    def test_the_real_players_own_spread_widens_the_target(self):
        real = [session(RUNGS, startup=startup) for startup in (700, 1300)]
        rows = {("real", "shaka", "a", i): one for i, one in enumerate(real)}
        rows.update({("emulated", "shaka", "a", i): session(RUNGS, startup=1400) for i in range(2)})
        cell = judge(rows).rows[0].cells["startup"]
        self.assertTrue(cell.met and cell.by_spread)
        self.assertIn(" ~", table.text_of(judge(rows)))

    def test_runs_cannot_cancel_each_other_out(self):
        rows = {("real", "shaka", "a", i): session(RUNGS, startup=800) for i in range(2)}
        rows.update({("emulated", "shaka", "a", i): session(RUNGS, startup=startup) for i, startup in enumerate((500, 1100))})
        self.assertIn("startup", judge(rows).rows[0].missed())

    def test_the_spread_of_one_run_widens_nothing(self):
        rows = {("real", "shaka", "a", 1): session(RUNGS, startup=800), ("emulated", "shaka", "a", 1): session(RUNGS, startup=1000)}
        self.assertEqual(judge(rows).rows[0].missed(), ["startup"])

    def test_agreement_need_not_exceed_that_of_two_real_runs(self):
        other = [3 if i % 4 == 0 else rung for i, rung in enumerate(RUNGS)]
        rows = {("real", "shaka", "a", 1): session(RUNGS), ("real", "shaka", "a", 2): session(other), ("emulated", "shaka", "a", 1): session(RUNGS)}
        row = judge(rows).rows[0]
        self.assertLess(row.same_rung_real, 0.9)
        self.assertTrue(row.agreement_met)

    def test_says_where_runs_part(self):
        later = [*RUNGS[:20], 0, *RUNGS[21:]]
        rows = {("real", "shaka", "a", 1): session(RUNGS), ("real", "shaka", "a", 2): session(later),
                ("emulated", "shaka", "a", 1): session([1, 2, *RUNGS[2:]])}
        row = judge(rows).rows[0]
        self.assertEqual([parting["t"] for parting in row.partings_real], [10_000.0])
        self.assertEqual(row.partings, [{"t": 500.0, "one": [2, 1], "other": [2, 2]}] * 2)
        self.assertIn("0.5 s: segment 2 at rung 1 / segment 2 at rung 2", table.text_of(judge(rows)))

    def test_runs_that_never_part_are_said_to(self):
        row = judge({(kind, "shaka", "a", run): session(RUNGS) for kind in ("real", "emulated") for run in (1, 2)}).rows[0]
        self.assertEqual((table.when_apart(row.partings), table.last_apart(row.partings)), ("never never never never", "-"))

    def test_no_switches_at_all_are_equal_to_none(self):
        flat = {("real", "hls.js", t, r): session([1] * 9) for t in "ab" for r in (1, 2)}
        flat.update({("emulated", *key[1:]): session([1] * 9) for key in list(flat)})
        self.assertEqual(judge(flat).tests["hls.js", "switches"].verdict, "equivalent")
        flat["emulated", "hls.js", "a", 1] = session([1, 2, 1, 1, 1, 1, 1, 1, 1])
        self.assertNotEqual(judge(flat).tests["hls.js", "switches"].verdict, "equivalent")

    def test_what_has_no_counterpart_is_named(self):
        judgement = judge({("real", "shaka", "a", 1): session(RUNGS)})
        self.assertEqual(judgement.incomplete, ["shaka on a"])
        self.assertFalse(judgement.met())
        self.assertIn("shaka on a", table.text_of(judgement))

    def test_results_are_json(self):
        for one in (judge(runs(lambda startup: session(RUNGS, startup=None))), judge(runs(lambda startup: session(RUNGS, startup=startup), repeats=1))):
            json.loads(json.dumps(table.json_of(one), allow_nan=False))


if __name__ == "__main__":
    unittest.main()
