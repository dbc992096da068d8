"""How often a training of some length is kept and validated."""

import pytest

from studio.training.moments import MOMENTS, Pace, moments, steps_in

PACE = Pace(step=0.3, validation=9.0)


def numbers(minutes: float, pace: Pace = PACE, settings: tuple[str, ...] = ()) -> dict[str, int]:
    return {key: int(value) for key, value in (each.split("=") for each in moments(minutes, pace, settings))}


@pytest.mark.parametrize(
    ("minutes", "pace", "keep_every", "valid_every"),
    [
        (60, PACE, 1475, 1000),  # more often than it is kept, to see where it goes
        (60, Pace(3.0, 9.0), 150, 150),
        (10, PACE, 225, 225),
        (3, PACE, 75, 150),  # three validations are all that there is time for
        (1, PACE, 25, 175),  # one
        (1, Pace(0.3, 600.0), 25, 1000),  # there is time for none
        (3, Pace(0.3, 0.0), 75, 75),
    ],
)
def test_a_short_one_validates_less_often(minutes: float, pace: Pace, keep_every: int, valid_every: int) -> None:
    assert numbers(minutes, pace) == {"keep_every": keep_every, "valid_every": valid_every}


def test_what_a_person_said_stays() -> None:
    assert numbers(10, PACE, ("batch=4", "keep_every=7")) == {"batch": 4, "keep_every": 7, "valid_every": 225}


@pytest.mark.parametrize("minutes", [2, 3, 5, 10, 30, 120, 1000])
def test_most_of_the_time_it_learns(minutes: float) -> None:
    chosen = moments(minutes, PACE, ())
    steps = steps_in(minutes, PACE, chosen)
    assert 0.75 * minutes * 60 < steps * PACE.step < minutes * 60
    if minutes >= 10:
        assert steps / numbers(minutes)["keep_every"] == pytest.approx(MOMENTS, abs=1)
