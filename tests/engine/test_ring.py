"""The ring: what goes in comes out, in order, and running dry is heard as a fade and counted."""

import threading
import time
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ring import Ring, callback_address

RATE = 1000
"""Hz: a ramp is 5 frames."""
RAMP = 5


def numbered(first, count):
    """Frames whose left channel counts, and whose right one counts down."""
    up = np.arange(first, first + count, dtype=np.float32)
    return np.stack([up, -up], axis=1)


def playing(capacity, channels=2):
    """A ring past its first sound's beginning, expecting more."""
    ring = Ring(capacity, RATE, channels)
    ring.expect(0)
    return ring


@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.sampled_from(["write", "read"]), st.integers(0, 50)), max_size=60),
)
def test_it_is_a_list_with_an_end(capacity, steps):
    ring, written = Ring(capacity, RATE), 0
    model: deque[np.ndarray] = deque()
    ring.let_run_dry()  # no waiting to be filled again
    ever_read = False
    for step, count in steps:
        if step == "write":
            taken = ring.write(numbered(written + 1, count))
            assert taken == min(count, capacity - len(model))
            model.extend(numbered(written + 1, taken))
            written += taken
        else:
            before = len(model)
            out, taken = ring.read(count)
            assert taken == min(count, before)
            expected = np.array([model.popleft() for _ in range(taken)]).reshape(-1, 2)
            if not ever_read:  # after the first, what comes after a dry spell fades in
                np.testing.assert_array_equal(out[:taken], expected)
            assert (np.abs(out[:taken]) <= np.abs(expected) + 1e-6).all()
            ever_read = ever_read or taken < count
        assert ring.fill == len(model)
    assert ring.gaps == 0


def test_two_threads_pass_a_million_frames_in_order():
    ring, count = playing(997), 1_000_000
    sizes = np.random.default_rng(1).integers(1, 300, size=100_000).tolist()

    def write():
        at, i = 1, 0
        while at <= count:
            put = ring.write(numbered(at, min(sizes[i % len(sizes)], count + 1 - at)))
            at, i = at + put, i + 1
            if not put:  # full: Python lets the other thread run only now and then
                time.sleep(0)

    writer = threading.Thread(target=write)
    writer.start()
    ring.write(numbered(0, 0))
    heard, i = 0, 7
    while heard < count:
        # no more than there is, so that it never runs dry
        out, taken = ring.read(min(sizes[i % len(sizes)], ring.fill))
        assert taken == len(out)
        np.testing.assert_array_equal(out, numbered(heard + 1, taken))
        heard, i = heard + taken, i + 1
        if not taken:
            time.sleep(0)
    writer.join()
    assert (ring.fill, ring.consumed, ring.gaps) == (0, count, 0)


def test_it_waits_until_it_is_filled_and_then_begins_at_once():
    ring = Ring(100, RATE)
    ring.expect(20)
    ring.write(np.ones((19, 2), np.float32))
    out, taken = ring.read(10)
    assert (taken, ring.gaps) == (0, 0)
    assert not out.any()
    ring.write(np.ones((1, 2), np.float32))
    out, taken = ring.read(10)
    assert taken == 10
    assert (out == 1).all()


def test_running_dry_fades_out_is_counted_once_and_fades_in_when_it_is_filled_again():
    ring = Ring(100, RATE)
    ring.expect(10)
    ring.write(np.ones((10, 2), np.float32))
    out, taken = ring.read(20)
    assert taken == 10
    assert (out[:10] == 1).all()
    np.testing.assert_allclose(out[10:15, 0], [0.8, 0.6, 0.4, 0.2, 0], atol=1e-6)
    assert not out[15:].any()
    assert (ring.gaps, ring.missing) == (1, 10)
    ring.write(np.ones((9, 2), np.float32))
    out, taken = ring.read(4)
    assert (taken, ring.gaps, ring.missing) == (0, 1, 14)
    ring.write(np.ones((5, 2), np.float32))
    out, taken = ring.read(8)
    assert taken == 8
    np.testing.assert_allclose(out[:, 1], [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1], atol=1e-6)
    assert (ring.gaps, ring.missing) == (1, 14)


def test_a_fade_out_goes_on_over_blocks():
    ring = playing(10)
    ring.write(np.ones((1, 2), np.float32))
    whole = np.concatenate([ring.read(n)[0] for n in (1, 2, 1, 1, 4)])
    np.testing.assert_allclose(whole[:, 0], [1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0], atol=1e-6)


def test_the_end_is_no_gap():
    ring = playing(10)
    ring.write(np.ones((4, 2), np.float32))
    ring.let_run_dry()
    _, taken = ring.read(8)
    assert (taken, ring.gaps, ring.missing) == (4, 0, 0)
    assert ring.fill == 0


def test_what_begins_amid_a_sound_is_faded_in():
    for amid in (False, True):
        ring = Ring(1000, RATE)
        ring.expect(10, amid)
        ring.write(np.ones((500, 2), np.float32))
        out, _ = ring.read(400)
        assert (out[0, 0] < 1) == amid
        assert out[-1, 0] == 1


@pytest.mark.parametrize(("channels", "expected"), [(1, [2.0]), (2, [1.0, 3.0]), (4, [1.0, 3.0, 0.0, 0.0])])
def test_any_number_of_channels_gets_what_it_can(channels, expected):
    ring = playing(10, channels)
    ring.write(np.array([[1, 3]], np.float32))
    out, _ = ring.read(1)
    np.testing.assert_array_equal(out, [expected])


def test_the_callback_reads_and_counts_what_the_device_missed():
    import ctypes

    ring = playing(10)
    ring.write(numbered(1, 6))
    callback = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p
    )(callback_address())
    out = np.empty((4, 2), np.float32)
    assert callback(None, out.ctypes.data, 4, None, 0, ring.address) == 0
    np.testing.assert_array_equal(out, numbered(1, 4))
    assert (ring.calls, ring.consumed, ring.gaps) == (1, 4, 0)
    output_underflow = 4
    assert callback(None, out.ctypes.data, 2, None, output_underflow, ring.address) == 0
    assert (ring.calls, ring.gaps) == (2, 1)
