import random
import unittest

from equivalence import t_above, t_quantile, tost


class Student(unittest.TestCase):
    def test_quantiles_are_those_of_the_tables(self):
        for freedom, expected in {1: 6.3138, 2: 2.9200, 4: 2.1318, 14: 1.7613, 29: 1.6991, 1000: 1.6464}.items():
            self.assertAlmostEqual(t_quantile(0.95, freedom), expected, places=4)

    def test_tails_are_those_of_the_tables(self):
        self.assertAlmostEqual(t_above(0, 7), 0.5)
        self.assertAlmostEqual(t_above(2.5, 10), 0.015723, places=6)
        self.assertAlmostEqual(t_above(-2.5, 10), 1 - 0.015723, places=6)


class Tost(unittest.TestCase):
    def test_small_differences_with_little_spread_are_equivalent(self):
        self.assertEqual(tost([0.1, -0.1, 0.2, 0.0, -0.2], 1.0).verdict, "equivalent")

    def test_no_mean_difference_with_a_wide_spread_is_not_shown(self):
        self.assertEqual(tost([3.0, -3.0, 2.5, -2.5], 1.0).verdict, "not shown")

    def test_a_difference_beyond_the_margin_is_different(self):
        self.assertEqual(tost([2.1, 1.9, 2.0, 2.05], 1.0).verdict, "different")
        self.assertEqual(tost([-2.1, -1.9, -2.0, -2.05], 1.0).verdict, "different")

    def test_one_pair_shows_nothing(self):
        self.assertEqual(tost([0.0], 1.0).verdict, "too few runs")

    def test_identical_runs_are_equivalent(self):
        self.assertEqual(tost([0.0, 0.0, 0.0], 0.0).verdict, "equivalent")
        self.assertEqual(tost([0.5, 0.5, 0.5], 1.0).verdict, "equivalent")
        self.assertEqual(tost([1.5, 1.5, 1.5], 1.0).verdict, "different")

    def test_the_interval_is_that_of_the_t_distribution(self):
        test = tost([1.0, 2.0, 3.0], 5.0)  # mean 2, standard error 1/sqrt(3)
        self.assertAlmostEqual(test.high - test.mean, 2.9200 / 3**0.5, places=4)

    def test_verdict_and_p_agree(self):
        chance = random.Random(5)
        for _ in range(300):
            test = tost([chance.gauss(chance.uniform(-1, 1), 0.8) for _ in range(chance.randint(2, 12))], 1.0)
            self.assertEqual(test.verdict == "equivalent", test.p < 0.05)

    def test_something_at_the_margin_is_seldom_called_equivalent(self):
        chance = random.Random(7)
        wrong = sum(tost([chance.gauss(1.0, 0.5) for _ in range(15)], 1.0).verdict == "equivalent" for _ in range(2000))
        self.assertLess(wrong / 2000, 0.065)  # 5 % and three standard errors


if __name__ == "__main__":
    unittest.main()
