"""A rendered file is a whole file, as long as asked for, and what the stream played."""

import hashlib
import os
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.render import RenderStopped, check_output, pan_and_mix, render, stereo_gains
from engine.select import select_kernel
from engine.stream import Stream, StreamFailed
from models.errors import InputError
from models.style import open_style
from tests.disk import disk_of

RATE = 16_000
FORMATS = [".wav", ".flac"]


def played(kernel, seed, voices, samples, temperature=0.9):
    """-> codes and sound, [voices, samples]"""
    frames = -(-samples // kernel.config.lookback)
    block = Stream(kernel, seed, voices).generate(frames, temperature)
    return block.codes[:, :samples], block.sound[:, :samples]


@pytest.fixture(scope="module")
def kernel(tiny_style):
    """The one that plays here: the files do not depend on which."""
    return select_kernel(open_style(tiny_style), "cpu").kernel


@pytest.mark.parametrize("suffix", [*FORMATS, ".FLAC"])
@pytest.mark.parametrize("voices", [1, 2, 3, 4])
def test_the_file_holds_what_the_stream_plays(kernel, tmp_path, suffix, voices):
    path = tmp_path / f"take{suffix}"
    done = render(Stream(kernel, 7, voices), path, 0.25, 0.9)
    info = soundfile.info(path)
    assert (info.format, info.subtype) == (suffix[1:].upper(), "PCM_16")
    assert (info.samplerate, info.channels, info.frames) == (RATE, 2, RATE // 4)
    codes, sound = played(kernel, 7, voices, RATE // 4)
    expected = pan_and_mix(sound, stereo_gains(voices))
    heard, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_allclose(heard, expected, atol=1.01 / 2**15)
    assert done.codes_sha256 == hashlib.sha256(codes.astype("<u2").tobytes()).hexdigest()
    assert (done.file, done.samples, done.seconds) == (path, RATE // 4, 0.25)
    assert done.real_time_factor > 0
    assert os.listdir(tmp_path) == [path.name]


def test_a_wav_opens_with_python_alone(kernel, tmp_path):
    render(Stream(kernel, 1), tmp_path / "take.wav", 0.1, 0.9)
    with wave.open(str(tmp_path / "take.wav")) as file:
        assert file.getparams()[:4] == (2, 2, RATE, RATE // 10)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("samples", [1, 3, 1599, 1600, 1601, 4099])
def test_it_is_as_long_as_asked_for_to_the_sample(kernel, tmp_path, suffix, samples):
    path = tmp_path / f"take{suffix}"
    done = render(Stream(kernel, 1), path, samples / RATE, 0.9)
    assert soundfile.info(path).frames == done.samples == samples
    codes = played(kernel, 1, 1, samples)[0]
    assert done.codes_sha256 == hashlib.sha256(codes.astype("<u2").tobytes()).hexdigest()


def test_the_same_seed_is_the_same_music_and_another_is_not(kernel, tmp_path):
    def rendered(seed, temperature=0.9):
        path = tmp_path / "take.wav"
        return render(Stream(kernel, seed), path, 0.1, temperature).codes_sha256, path.read_bytes()

    assert rendered(1) == rendered(1)
    assert len({rendered(1), rendered(2), rendered(1, 0.8)}) == 3


def test_what_was_primed_is_not_in_the_file(kernel, tmp_path):
    stream, unprimed = Stream(kernel, 1), Stream(kernel, 1)
    stream.prime(np.sin(np.arange(4000, dtype=np.float32) / 20))
    done = render(stream, tmp_path / "take.wav", 0.5, 0.9)
    assert soundfile.info(tmp_path / "take.wav").frames == RATE // 2
    assert done.codes_sha256 != render(unprimed, tmp_path / "other.wav", 0.5, 0.9).codes_sha256


def test_progress_rises_to_the_end(kernel, tmp_path):
    fractions: list[float] = []
    render(Stream(kernel, 1), tmp_path / "take.wav", 0.35, 0.9, fractions.append)
    assert fractions == sorted(set(fractions))
    assert len(fractions) == 4
    assert fractions[-1] == 1


@pytest.mark.parametrize("suffix", FORMATS)
def test_interrupted_it_leaves_what_was_made(kernel, tmp_path, suffix):
    def interrupt(fraction):
        if fraction > 0.5:
            raise KeyboardInterrupt

    path = tmp_path / f"take{suffix}"
    path.write_bytes(b"the take before")
    with pytest.raises(KeyboardInterrupt):
        render(Stream(kernel, 1), path, 1, 0.9, interrupt)
    heard, _ = soundfile.read(path, dtype="float32")
    whole = pan_and_mix(played(kernel, 1, 1, RATE)[1], stereo_gains(1))
    assert RATE * 0.5 < len(heard) < RATE * 0.75
    np.testing.assert_allclose(heard, whole[: len(heard)], atol=1.01 / 2**15)
    assert os.listdir(tmp_path) == [path.name]


def test_interrupted_before_the_first_sound_it_leaves_the_file_before(kernel, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    path = tmp_path / "take.wav"
    path.write_bytes(b"the take before")
    stream = Stream(kernel, 1)
    monkeypatch.setattr(stream, "generate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render(stream, path, 1, 0.9)
    assert path.read_bytes() == b"the take before"
    assert os.listdir(tmp_path) == [path.name]


def test_a_stream_that_fails_leaves_what_was_made_before(kernel, tmp_path, monkeypatch):
    stream = Stream(kernel, 1)
    blocks = iter([stream.generate(400, 0.9) for _ in range(3)])

    def fail_later(frames, temperature):
        for block in blocks:
            return block
        raise StreamFailed("the network's output is not finite")

    monkeypatch.setattr(stream, "generate", fail_later)
    with pytest.raises(StreamFailed):
        render(stream, tmp_path / "take.flac", 1, 0.9)
    assert soundfile.info(tmp_path / "take.flac").frames == 3 * RATE // 10
    assert os.listdir(tmp_path) == ["take.flac"]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.4, 0.55, 0.8, 0.99, 1])
def test_a_full_disk_leaves_what_was_made_before(kernel, tmp_path, suffix, share):
    path, seconds = tmp_path / f"take{suffix}", 4 * 4096 / RATE  # whole frames of FLAC: the encoder holds the last back
    render(Stream(kernel, 1), path, seconds, 0.9)
    whole, _ = soundfile.read(path, dtype="int16")
    room = round(share * path.stat().st_size) - 1
    with disk_of(room), pytest.raises(RenderStopped) as stopped:
        render(Stream(kernel, 1), path, seconds, 0.9)
    heard, _ = soundfile.read(path, dtype="int16")
    np.testing.assert_array_equal(heard, whole[: len(heard)])
    # but for the last block, and of a FLAC the last frame and what the encoder held back
    assert len(heard) > share * len(whole) - (1601 if suffix == ".wav" else 2 * 4096)
    assert f"cannot write {path}: the disk is full, or failing" in str(stopped.value)
    assert "seconds before that are kept in it" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("room", [0, 20, 60, 2000])
def test_a_disk_without_room_for_any_sound_leaves_the_file_before(kernel, tmp_path, suffix, room):
    path = tmp_path / f"take{suffix}"
    path.write_bytes(b"the take before")
    with disk_of(room), pytest.raises(RenderStopped, match="nothing is kept"):
        render(Stream(kernel, 1), path, 1, 0.9)
    assert path.read_bytes() == b"the take before"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_length_that_cannot_be_is_refused(kernel, tmp_path, seconds):
    with pytest.raises(InputError, match="it must be above 0"):
        render(Stream(kernel, 1), tmp_path / "take.wav", seconds, 0.9)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("temperature", [-0.1, float("nan"), float("inf"), 10.1])
def test_a_temperature_that_cannot_be_is_refused(kernel, tmp_path, temperature):
    (tmp_path / "take.wav").write_bytes(b"the take before")
    with pytest.raises(InputError, match="it must be from 0 to 10"):
        render(Stream(kernel, 1), tmp_path / "take.wav", 1, temperature)
    assert (tmp_path / "take.wav").read_bytes() == b"the take before"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("take.mp3", r"must end in \.wav or \.flac"),
        ("take", r"must end in \.wav or \.flac"),
        ("nowhere/take.wav", "no such folder"),
        ("folder.wav", "is a folder"),
        ("file/take.wav", "no such folder"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_refused(tmp_path, name, reason):
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=reason):
        check_output(tmp_path / name)


@given(voices=st.integers(1, 64))
def test_voices_are_spread_evenly_and_none_is_lost(voices):
    gains = stereo_gains(voices)
    left, right = gains.T
    np.testing.assert_allclose((gains**2).sum(axis=1), 2 / voices, rtol=1e-5)
    np.testing.assert_allclose(left, right[::-1], atol=1e-6)
    assert (np.diff(left) < 0).all()
    assert (gains > 0).all()


def test_one_voice_sounds_on_both_sides_as_loud_as_it_is():
    np.testing.assert_allclose(stereo_gains(1), [[1, 1]], rtol=1e-6)


def test_a_mix_is_clipped_and_does_not_wrap():
    mixed = pan_and_mix(np.full((4, 3), 0.9, np.float32), stereo_gains(4))
    assert mixed.shape == (3, 2)
    assert mixed.max() == 1
