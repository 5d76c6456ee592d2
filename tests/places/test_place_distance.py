"""Distances between places."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.places import distance_between

latitudes = st.floats(min_value=-90, max_value=90)
longitudes = st.floats(min_value=-180, max_value=180)
flemish = st.tuples(st.floats(min_value=50.6, max_value=51.6), st.floats(min_value=2.5, max_value=6.0))


@given(latitudes, longitudes, latitudes, longitudes)
def test_it_is_symmetric_and_bounded(a: float, b: float, c: float, d: float) -> None:
    there, back = distance_between(a, b, c, d), distance_between(c, d, a, b)
    assert math.isclose(there, back, abs_tol=1e-6)
    assert 0 <= there <= 20016


@given(latitudes, longitudes)
def test_a_place_is_nowhere_else(latitude: float, longitude: float) -> None:
    assert distance_between(latitude, longitude, latitude, longitude) == pytest.approx(0, abs=1e-6)


@given(flemish, flemish, flemish)
def test_a_detour_is_never_shorter(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert distance_between(*a, *c) <= distance_between(*a, *b) + distance_between(*b, *c) + 1e-6
