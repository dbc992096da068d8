"""Safe for ears: however the stream is cut, no constant part, no jump, nothing above the ceiling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dsp import CEILING, FLOOR, DcBlocker, Envelope, Gain, Limiter, peak_dbfs, rms_dbfs

RATE = 48_000
SECOND = np.arange(RATE) / RATE


def tone(pitch, level=0.5, rate=RATE):
    wave = level * np.sin(2 * np.pi * pitch * np.arange(rate) / rate)
    return np.stack([wave, 0.5 * wave], 1).astype(np.float32)


def noise(frames, level, seed=1):
    return (level * np.random.default_rng(seed).normal(size=(frames, 2))).astype(np.float32)


def cut(sound, borders):
    return np.split(sound, sorted({border % len(sound) for border in borders} - {0}))


borders = st.lists(st.integers(0, 10_000), max_size=12)


@given(borders, st.sampled_from([0.01, 0.4, 4.0]))
def test_cutting_changes_nothing(borders, level):
    sound = noise(6000, level)
    sound[3000] = 50
    for make in (lambda: DcBlocker(RATE).process, lambda: Limiter(RATE).process):
        process = make()
        np.testing.assert_allclose(
            np.concatenate([process(part) for part in cut(sound, borders)]), make()(sound), atol=2e-6
        )


@given(borders, st.floats(0, 2), st.floats(0, 2))
def test_cutting_changes_no_gain(borders, first, second):
    sound = noise(4000, 0.3)
    whole, parts = Gain(RATE), Gain(RATE)
    expected = np.concatenate([whole.process(sound, first), whole.process(sound, second)])
    got = [parts.process(part, gain) for gain in (first, second) for part in cut(sound, borders)]
    np.testing.assert_allclose(np.concatenate(got), expected, atol=2e-6)


def test_a_constant_part_goes_and_low_tones_stay():
    blocker = DcBlocker(RATE)
    out = np.concatenate([blocker.process(tone(30) + np.float32(0.3)) for _ in range(2)])
    assert abs(out[RATE:, 0].mean()) < 1e-3
    assert np.abs(out[RATE:, 0]).max() == pytest.approx(0.5, rel=0.02)


def test_a_gain_glides_and_is_there_in_time():
    gain = Gain(RATE)
    ones = np.ones((960, 2), np.float32)
    out = np.concatenate([gain.process(ones, 1.0), gain.process(ones, 0.0), gain.process(ones, 2.0)])
    assert (out[:960] == 1).all()
    assert out[960 + 720, 0] == 0
    assert out[-1, 0] == 2
    assert np.abs(np.diff(out[:, 0])).max() < 0.003


@given(st.floats(0.001, 1e6), st.integers(0, 100), st.sampled_from([16_000, 44_100, 48_000]))
def test_nothing_is_ever_above_the_ceiling(level, seed, rate):
    sound = noise(3000, level, seed)
    sound[1500:1510] *= 100
    limiter = Limiter(rate)
    out = np.concatenate([limiter.process(part) for part in np.split(sound, [700, 701, 2000])])
    assert np.abs(out).max() <= CEILING
    assert out.dtype == np.float32
    assert np.isfinite(out).all()


def test_what_needs_no_limiting_is_only_late():
    limiter = Limiter(RATE)
    sound = noise(9600, 0.1)
    out = np.concatenate([limiter.process(part) for part in np.split(sound, 10)])
    np.testing.assert_array_equal(out[limiter.delay :], sound[: -limiter.delay])
    assert not out[: limiter.delay].any()


def test_both_channels_are_turned_down_together():
    limiter = Limiter(RATE)
    out = limiter.process(tone(440, 3.0))[limiter.delay + 10_000 :]
    np.testing.assert_allclose(out[:, 1], 0.5 * out[:, 0], atol=1e-6)


def test_after_a_peak_it_is_as_loud_as_before():
    limiter = Limiter(RATE)
    sound = tone(440, 0.4)
    sound[9600:9700] *= 10
    out = limiter.process(sound)
    late = slice(9600 + RATE // 5, None)
    np.testing.assert_array_equal(out[late], sound[9600 + RATE // 5 - limiter.delay : -limiter.delay])
    just_after = out[9700 + limiter.delay : 9700 + limiter.delay + 400]
    assert 0 < np.abs(just_after).max() < 0.2


def test_peaks_between_the_samples_stay_below_as_well():
    """A tone of a quarter of the rate, met by the samples half-way up its slopes."""
    wave = np.sin(np.pi / 2 * np.arange(9600) + np.pi / 4).astype(np.float32)
    sound = np.stack([wave, wave], 1) * np.float32(1.2)
    assert np.abs(sound).max() < CEILING
    out = Limiter(RATE).process(sound)[4800:, 0]
    spectrum = np.fft.rfft(out)
    finer = np.fft.irfft(np.concatenate([spectrum, np.zeros(7 * (len(spectrum) - 1))])) * 8
    assert np.abs(finer[100:-100]).max() < CEILING * 1.05


@given(st.integers(1, 5000), borders)
def test_a_crossfade_has_equal_power_however_it_is_cut(frames, borders):
    coming, going = Envelope(0.0), Envelope(1.0)
    coming.go(1.0, frames)
    going.go(0.0, frames)
    sizes = [len(part) for part in cut(np.zeros(6000), borders)]
    up = np.concatenate([coming.next(size) for size in sizes])
    down = coming_down = np.concatenate([going.next(size) for size in reversed(sizes)])
    np.testing.assert_allclose(up**2 + coming_down**2, 1, atol=1e-6)
    assert (up[frames - 1 :] == 1).all()
    assert (down[frames - 1 :] == 0).all()
    assert coming.remaining == going.remaining == 0


def test_a_fade_that_is_turned_round_goes_on_from_where_it_is():
    envelope = Envelope(0.0)
    envelope.go(1.0, 1000)
    up = envelope.next(500)
    envelope.go(0.0, 1000)
    down = envelope.next(1000)
    assert abs(down[0] - up[-1]) < 0.003
    assert (np.diff(down) < 0).all()
    assert down[-1] == 0


def test_levels():
    assert peak_dbfs(tone(100, 1.0)) == pytest.approx(0, abs=0.01)
    assert rms_dbfs(tone(100, 1.0)[:, 0]) == pytest.approx(-3.01, abs=0.01)
    assert peak_dbfs(np.zeros(10)) == rms_dbfs(np.zeros(0)) == FLOOR
