"""Equivalence of paired figures by two one-sided t tests (TOST): the claim "the mean difference lies within the margin" has to be
earned; a small sample or a wide spread does not earn it."""
import functools
import math
from dataclasses import dataclass

ALPHA = 0.05


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def beta_fraction(a, b, x):
    """The continued fraction of the incomplete beta function by Lentz's algorithm (DLMF 8.17.22)."""
    tiny, limit = 1e-300, 1e-15
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    value = d
    for m in range(1, 500):
        for coefficient in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / (1 + coefficient * d or tiny)
            c = 1 + coefficient / c or tiny
            value *= c * d
        if abs(c * d - 1) < limit:
            break
    return value


def regularised_beta(a, b, x):
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * beta_fraction(a, b, x) / a
    return 1 - front * beta_fraction(b, a, 1 - x) / b


def t_above(t, freedom):
    """P(T > t) of Student's distribution."""
    tail = regularised_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return tail if t >= 0 else 1 - tail


@functools.lru_cache(maxsize=None)
def t_quantile(level, freedom):
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_above(middle, freedom) > 1 - level else (low, middle)
    return high


@dataclass
class Tost:
    n: int
    mean: float
    low: float  # of the two-sided interval at 1 - 2 ALPHA; equivalence is claimed exactly when it lies inside the margin
    high: float
    margin: float
    p: float
    verdict: str  # "equivalent", "not shown", "different": the interval lies outside the margin altogether; "too few runs"


def verdict_of(low, high, margin):
    if -margin < low and high < margin:
        return "equivalent"
    return "different" if low > margin or high < -margin else "not shown"


def tost(differences, margin):
    n = len(differences)
    middle = sum(differences) / n if n else 0.0
    if n < 2:
        return Tost(n, middle, -math.inf, math.inf, margin, 1.0, "too few runs")
    error = math.sqrt(sum((d - middle) ** 2 for d in differences) / (n - 1) / n)
    if error == 0:  # identical differences: nothing is left to chance
        inside = abs(middle) < margin or middle == 0
        return Tost(n, middle, middle, middle, margin, 0.0 if inside else 1.0, "equivalent" if inside else "different")
    half = t_quantile(1 - ALPHA, n - 1) * error
    p = max(t_above((middle + margin) / error, n - 1), t_above((margin - middle) / error, n - 1))
    return Tost(n, middle, middle - half, middle + half, margin, p, verdict_of(middle - half, middle + half, margin))
