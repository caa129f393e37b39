import unittest

import recording as rec
from hand_made import CONTENT, session, video


class Recording(unittest.TestCase):
    def test_knows_requests_by_their_file_names(self):
        cases = {"http://h/seg-2-00017.m4s": ("video", 2, 17), "seg-4-00001.m4s?CMCD=x": ("audio", 4, 1), "http://h/init-0.mp4": ("init", 0, None),
                 "http://h/media_3.m3u8": ("playlist", 3, None), "http://h/manifest.mpd": ("manifest", None, None)}
        for url, expected in cases.items():
            self.assertEqual(rec.kind_of(url, 4), expected, url)

    def test_requested_bitrate_counts_a_replaced_segment_twice(self):
        one = session([], requests=[video(1, 0, 0), video(2, 0, 500), video(2, 2, 1000)])
        self.assertAlmostEqual(one["avg_declared_kbps"], (300 + 300 + 1500) / 3)
        self.assertAlmostEqual(one["avg_buffered_kbps"], (300 + 1500) / 2)

    def test_aborted_requests_count_in_no_bitrate(self):
        one = session([], requests=[video(1, 0, 0), video(2, 3, 500, aborted=True), video(2, 0, 700)])
        self.assertAlmostEqual(one["avg_declared_kbps"], 300)
        self.assertEqual(one["aborted_video"], 1)

    def test_a_request_without_an_end_is_not_complete(self):
        running = video(2, 3, 500)
        del running["t_end"]
        self.assertEqual(rec.buffered_rungs(session([], requests=[video(1, 0, 0), running])), {1: 0})

    def test_requests_answered_by_the_cache_are_no_switches(self):
        one = session([], requests=[video(1, 0, 0), video(2, 2, 500, cached=True), video(3, 0, 1000)])
        self.assertEqual(one["switches_requested"], 0)

    def test_what_came_from_the_cache_is_shown(self):
        self.assertEqual(rec.buffered_rungs(session([], requests=[video(1, 0, 0), video(1, 2, 500, cached=True)])), {1: 2})

    def test_switches_are_those_of_requests_in_time(self):
        one = session([], requests=[video(2, 1, 500), video(1, 0, 0), video(3, 0, 1000)])
        self.assertEqual([(s["from"], s["to"], s["seg"]) for s in one["switches"]], [(0, 1, 2), (1, 0, 3)])

    def test_stall_ratio_is_of_the_time_after_the_start(self):
        self.assertAlmostEqual(session([1], startup=1000.0, stalls=[(5000, 1000), (9000, 200)], end=121_000.0)["stall_ratio"], 0.01)

    def test_a_session_that_never_started_has_no_stall_ratio(self):
        self.assertIsNone(session([1], startup=None)["stall_ratio"])

    def test_agreement_is_the_share_of_equal_rungs(self):
        self.assertEqual(rec.agreement(session([1, 1, 2, 2]), session([1, 1, 2, 3])), 0.75)

    def test_agreement_ends_where_the_shorter_session_does(self):
        self.assertEqual(rec.agreement(session([1, 1, 2, 2]), session([1, 1])), 1)

    def test_a_segment_left_out_counts_against_agreement(self):
        self.assertEqual(rec.agreement(session([1, 1]), session([], requests=[video(2, 1, 0)])), 0.5)

    def test_runs_part_at_the_first_request_that_differs(self):
        one, other = session([1, 1, 2, 2]), session([1, 1, 3, 2], late=5.0)
        self.assertEqual(rec.parting(one, other), {"t": 1000.0, "one": [3, 2], "other": [3, 3]})

    def test_a_segment_that_only_one_loads_again_parts_them(self):
        again = session([], requests=[video(1, 1, 0), video(1, 2, 500), video(2, 2, 1000)])
        self.assertEqual(rec.parting(again, session([1, 2])), {"t": 500.0, "one": [1, 2], "other": [2, 2]})

    def test_runs_of_the_same_requests_do_not_part(self):
        self.assertIsNone(rec.parting(session([1, 2, 2]), session([1, 2], late=30.0)))

    def test_start_error_is_the_root_mean_square(self):
        one, other = session([1, 1]), session([], requests=[video(1, 1, 3.0), video(2, 1, 504.0)])
        self.assertAlmostEqual(rec.start_error_ms(one, other), (12.5) ** 0.5)

    def test_actual_bitrate_is_that_of_the_bytes(self):
        self.assertAlmostEqual(session([1])["avg_actual_kbps"], 1000 * 8 / CONTENT["segment_s"] / 1000)


if __name__ == "__main__":
    unittest.main()
