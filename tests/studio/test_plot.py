"""Lines from arrays."""

import numpy as np
import pytest

from studio.views.plot import polyline


@pytest.mark.parametrize("points", [0, 1, 5])
def test_a_line_has_the_points_it_is_given(points: int) -> None:
    x = np.arange(points, dtype=np.float64)
    line = polyline(x, 2 * x)
    assert line.size() == points
    assert [(line.at(k).x(), line.at(k).y()) for k in range(points)] == [(float(k), 2.0 * k) for k in range(points)]
