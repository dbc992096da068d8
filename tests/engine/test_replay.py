"""A take goes on beyond its end as it would have gone on. tests/engine/test_engine.py has takes made again as they
are."""

import numpy as np
import pytest
import soundfile

from engine import controls as say
from engine.replay import replay
from engine.takes import read_recipe
from models.errors import InputError

SETTLED = 0.02
"""What the DC block, which knows nothing of what was before a take, may still make of it."""


def recorded(playing, path, seconds=0.5):
    """A take. Returns the position of its first frame."""
    playing.send(say.Record(path))
    playing.wait(lambda status: status.taking and status.taking.seconds > seconds)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    return begin_of(playing, path)


def begin_of(playing, path):
    """The position of a take's first frame."""
    take, _ = soundfile.read(path, dtype="float32")
    heard = playing.board.recall(0, playing.status.written)
    starts = np.flatnonzero(np.abs(heard[: len(heard) - len(take) + 1, 0] - take[0, 0]) < 1e-6)
    return next(int(at) for at in starts if np.abs(heard[at : at + len(take)] - take).max() < 1e-6)


def assert_goes_on(playing, path, begin, seconds):
    """That what goes on is what was heard."""
    again = path.with_name("again.wav")
    made = replay(path, again, "cpu", seconds=seconds)
    assert made.matches
    sound, rate = soundfile.read(again, dtype="float32")
    assert made.seconds == seconds
    assert len(sound) == seconds * rate
    playing.wait(lambda status: status.written > begin + len(sound))
    was = playing.board.recall(begin, begin + len(sound))
    np.testing.assert_allclose(sound[rate // 4 :], was[rate // 4 :], atol=SETTLED)
    np.testing.assert_allclose(sound[-1000:], was[-1000:], atol=2e-3)
    assert np.abs(was[-rate // 4 :]).max() > 0.02


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_take_goes_on_as_the_stream_did(playing, tmp_path, suffix):
    playing.set(temperature=0.7)
    playing.wait_played(0.3)
    path = tmp_path / f"take{suffix}"
    begin = recorded(playing, path)
    assert_goes_on(playing, path, begin, 2.0)
    plain = replay(path, tmp_path / "plain.wav", "cpu")
    assert plain.codes_sha256 == read_recipe(path)[-1]["codes_sha256"]
    take, _ = soundfile.read(path, dtype="int32")
    longer, _ = soundfile.read(tmp_path / "again.wav", dtype="int32")
    same, _ = soundfile.read(tmp_path / "plain.wav", dtype="int32")
    assert len(same) == len(take)
    # a resampler that is fed in other portions rounds the last of 24 bits another way
    np.testing.assert_allclose(longer[: len(same)], same, rtol=0, atol=2 << 8)
    # to its very end: what was drawn for it must not stay behind in the resampler
    np.testing.assert_allclose(same[-1000:], take[-1000:], rtol=0, atol=2e-3 * (1 << 31))


def test_a_take_that_ended_with_a_stop_goes_on_as_if_it_had_not(playing, tmp_path):
    playing.wait_played(0.3)
    path = tmp_path / "take.wav"
    playing.send(say.Record(path))
    playing.wait(lambda status: status.taking and status.taking.seconds > 0.5)
    playing.send(say.Stop())
    playing.notice("recorded")
    length = soundfile.info(path).frames
    made = replay(path, tmp_path / "again.wav", "cpu", seconds=2.0)
    assert made.matches
    sound, rate = soundfile.read(tmp_path / "again.wav", dtype="float32")
    take, _ = soundfile.read(path, dtype="float32")
    fade = round(0.07 * rate)
    assert np.abs(take[-200:]).max() < SETTLED
    np.testing.assert_allclose(sound[rate // 4 : length - fade], take[rate // 4 : length - fade], atol=SETTLED)
    for second in range(3):
        assert np.abs(sound[length + second * rate // 4 :][: rate // 4]).max() > 0.02


def test_what_was_kept_goes_on_from_its_end_and_what_was_played_later_is_not_in_it(playing, tmp_path):
    playing.set(latency=0.5)
    playing.wait_played(1.5)
    path = tmp_path / "kept.wav"
    playing.send(say.Keep(path, 0.7))
    playing.send(say.Branch(0, seed=99))
    playing.notice("kept 0.7 seconds")
    part = next(event for event in read_recipe(path) if event["event"] == "part")
    made = replay(path, tmp_path / "again.wav", "cpu", seconds=1.5)
    assert made.matches
    sound, rate = soundfile.read(tmp_path / "again.wav", dtype="float32")
    assert len(sound) == 1.5 * rate
    jump = playing.wait(lambda status: status.seed == 99).marks[-1].position
    begin = part["from"]  # the only chapter yet began with the clock
    until = min(jump - begin, len(sound))
    assert until > 0.7 * rate
    was = playing.board.recall(begin, begin + until)
    np.testing.assert_allclose(sound[:until], was, atol=1e-4)
    assert np.abs(sound[-rate // 4 :]).max() > 0.02


def test_a_take_that_ends_amid_a_crossfade_goes_on_with_what_came(playing, tiny_style, tmp_path):
    playing.set(crossfade=1.0)
    playing.wait_played(0.3)
    path = tmp_path / "take.wav"
    playing.send(say.Record(path))
    playing.wait(lambda status: status.taking)
    playing.send(say.Load(tiny_style, seed=21))
    playing.wait(lambda status: status.seed == 21)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    assert_goes_on(playing, path, begin_of(playing, path), 2.5)


def test_what_cannot_go_on_is_said(playing, tmp_path):
    path = tmp_path / "take.wav"
    playing.wait_played(0.3)
    recorded(playing, path)
    length = soundfile.info(path).duration
    for seconds in (0.1, length):
        with pytest.raises(InputError, match=r"take\.wav is [\d.]+ seconds long; to go on beyond it takes more"):
            replay(path, tmp_path / "again.wav", "cpu", seconds=seconds)
    assert not (tmp_path / "again.wav").exists()
    sidecar = tmp_path / "take.wav.recipe.jsonl"
    lines = [line for line in sidecar.read_text().splitlines() if '"event":"strip"' not in line]
    sidecar.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="nothing that could go on was playing at its end"):
        replay(path, tmp_path / "again.wav", "cpu", seconds=3.0)
