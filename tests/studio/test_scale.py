"""How the values of a control lie along its travel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.play.knobs import SPECS, TEMPERATURE
from studio.widgets.scale import Scale

SCALES = {spec.control: spec.scale for spec in (TEMPERATURE, *SPECS)}
DECIBELS, MILLISECONDS, TEMPERATURES = SCALES["gain"], SCALES["latency"], SCALES["temperature"]


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@given(place=st.floats(0, 1))
def test_a_place_and_its_value_are_the_same_place(scale: Scale, place: float) -> None:
    value = scale.value(place, fine=True)
    finest = 10.0 ** -(scale.digits + 1 if scale.digits else 0)
    around = scale.place(scale.within(value - finest)), scale.place(scale.within(value + finest))
    assert around[0] - 1e-9 <= place <= around[1] + 1e-9


def test_most_of_the_travel_of_the_temperature_is_where_music_is() -> None:
    assert TEMPERATURES.place(1.3) - TEMPERATURES.place(0.5) > 0.6
    assert (TEMPERATURES.value(0), TEMPERATURES.value(1)) == (0, 10)


def test_equal_travel_is_an_equal_factor_on_a_logarithmic_scale() -> None:
    assert MILLISECONDS.value(0.5) == 100  # between 20 and 500
    assert [MILLISECONDS.stepped(value, 1) for value in (20, 80, 100)] == [22, 82, 120]
    assert SCALES["crossfade"].stepped(0.02, -5) == 0.02


@pytest.mark.parametrize(
    ("text", "value"),
    [("-6", -6), ("\N{MINUS SIGN}6.5 dB", -6.5), ("  -6,25dB ", -6.25), ("12", 12), ("-0", 0), ("+3", 3)],
)
def test_what_is_typed_is_read_with_its_unit_or_without(text: str, value: float) -> None:
    assert DECIBELS.read(text) == value


@pytest.mark.parametrize("text", ["", "loud", "13", "-61", "nan", "inf", "1 2", "6 ms"])
def test_what_cannot_be_is_answered_with_what_can(text: str) -> None:
    with pytest.raises(ValueError, match=r"type (one|a number) from .60\.0 to 12.0 dB"):
        DECIBELS.read(text)


@given(value=st.floats(-60, 12))
def test_what_is_shown_can_be_typed_again(value: float) -> None:
    value = DECIBELS.within(value)
    assert DECIBELS.read(DECIBELS.text(value)) == value


def test_values_are_written_with_the_decimals_that_matter() -> None:
    shown = [TEMPERATURES.text(value) for value in (0.9, 0.905, 10)], DECIBELS.text(-3), MILLISECONDS.text(99.6)
    assert shown == (["0.90", "0.905", "10.00"], "\N{MINUS SIGN}3.0 dB", "100 ms")
