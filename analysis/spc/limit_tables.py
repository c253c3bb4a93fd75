"""Limits found by simulating the whole way from baseline to alarm; `python -m bench spc_limits` finds them anew.

For baselines of TABLE_POINTS and false-alarm rates RATES: the share of the rate handed to the spike chart, the limit of
the shift chart (CUSUM, k = 0.75) and of the drift chart (EWMA, lambda = 0.1, in its own standard errors).
"""

from __future__ import annotations

RATES = (0.0003, 0.0027, 0.015)
TABLE_POINTS = (28, 56, 84, 168, 365, 730)
TABLE = (
    ((1.795, 15.35, 5.737), (0.636, 8.384, 3.320), (0.497, 4.290, 2.156)),
    ((1.157, 9.651, 4.428), (0.800, 5.981, 3.329), (0.759, 3.557, 2.309)),
    ((1.059, 8.365, 4.315), (0.858, 5.502, 3.364), (0.828, 3.416, 2.372)),
    ((0.920, 7.028, 4.115), (0.889, 5.131, 3.396), (0.889, 3.271, 2.435)),
    ((0.953, 6.196, 4.035), (0.970, 4.813, 3.328), (0.920, 3.206, 2.488)),
    ((0.960, 6.000, 3.990), (0.980, 4.720, 3.320), (0.930, 3.180, 2.490)),
)
