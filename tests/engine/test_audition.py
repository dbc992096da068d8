"""Something else is heard for once: at the ear without a click, and the live stream knows nothing of it."""

import random
import time
from functools import partial

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import controls as say
from engine.audition import CLIP_FADE, HEARD, LIVE_FADE, Clip, Stage, recording
from engine.dsp import CEILING
from engine.output import Output, open_output
from engine.takes import read_recipe
from models.errors import InputError
from tests.engine.live import holds, running_engine, steps_of

RATE = 48_000
BLOCK = 960
FADE = round(CLIP_FADE * RATE)


def wave(frames, pitch, level=0.3):
    sound = level * np.sin(2 * np.pi * pitch * np.arange(frames) / RATE)
    return np.stack([sound, 0.7 * sound], 1).astype(np.float32)


def clip_of(sound, level=0.0, start=None):
    return Clip("a wave", RATE, len(sound), lambda begin, end: sound[begin:end], level, start)


def position(stage, unheard):
    shown = stage.shown(unheard)
    assert shown is not None
    return shown.position


def all_of(stage, block=BLOCK, gain=0.0):
    parts = []
    while stage.sounding:
        assert stage.holding
        parts.append(stage.next(block, gain))
    return np.concatenate(parts)


# ------------------------------------------------------------------------------ the stage alone
@given(st.integers(1, 6000), st.integers(100, 3000))
def test_a_clip_is_heard_whole_but_for_its_edges_however_it_is_cut(frames, block):
    sound = wave(frames, 440)
    stage = Stage(RATE, alone=True)
    stage.begin(clip_of(sound), block)
    heard = all_of(stage, block)
    assert len(heard) == frames
    np.testing.assert_array_equal(heard[FADE:-FADE], sound[FADE:-FADE])
    assert steps_of(np.concatenate([np.zeros((1, 2)), heard, np.zeros((1, 2))])) < 0.025
    again = Stage(RATE, alone=True)
    again.begin(clip_of(sound), BLOCK)
    np.testing.assert_allclose(heard, all_of(again), atol=1e-6)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["begin", "end", "wait"]), st.integers(1, 12)), max_size=8),
    st.sampled_from([96, 240, 960]),
)
def test_whatever_is_asked_for_and_when_the_live_sound_goes_on_where_it_was_and_nothing_clicks(acts, block):
    stage, live, clip = Stage(RATE), wave(5 * RATE, 100), wave(3 * BLOCK, 130)
    ear, asides, position = [], [], 0

    def blocks(count):
        nonlocal position
        for _ in range(count):
            if stage.holding:
                ear.append(stage.next(block, 0.0))
                asides.append(len(ear[-1]))
                if not stage.sounding:
                    stage.release()
            else:
                ear.append(stage.live(live[position : position + block]))
                position += block

    blocks(10)
    for act, count in acts:
        if act == "begin":
            stage.begin(clip_of(clip), block)
        elif act == "end":
            stage.end()
        blocks(count)
    while stage.sounding:
        blocks(1)
    blocks(round(LIVE_FADE * RATE) // block + 10)
    heard = np.concatenate(ear)
    assert steps_of(heard) < 0.02  # the waves' own are 0.004 and 0.005, the fade's of 20 ms no more than that again
    assert len(heard) == position + sum(asides)
    np.testing.assert_array_equal(heard[-block:], live[position - block : position])


def test_a_new_clip_takes_the_place_of_the_old_one_at_once():
    stage = Stage(RATE, alone=True)
    stage.begin(clip_of(wave(RATE, 440)), BLOCK)
    first = np.concatenate([stage.next(BLOCK, 0.0) for _ in range(5)])
    other = wave(RATE // 2, 300)
    stage.begin(clip_of(other), BLOCK)
    heard = np.concatenate([first, all_of(stage)])
    delay = len(heard) - len(first) - len(other)
    assert 0 < delay < FADE  # what the limiter had been given already
    np.testing.assert_array_equal(heard[len(first) + delay + FADE : -FADE], other[FADE:-FADE])
    assert steps_of(heard) < 0.04


def test_where_it_is_is_told_as_it_is_heard():
    stage = Stage(RATE, alone=True)
    assert stage.shown(0.0) is None
    stage.begin(clip_of(wave(RATE, 440), start=777), BLOCK)
    assert stage.shown(0.0) == say.Auditioning("a wave", 0.0, 1.0, 777)
    for number in range(1, 51):
        stage.next(BLOCK, 0.0)
        assert position(stage, min(0.1, number * 0.02)) == pytest.approx(max(0.0, number * 0.02 - 0.1))
        if number == 10:
            stage.begin(clip_of(wave(RATE, 300)), BLOCK)
            assert position(stage, 0.1) == 0
            break
    for number in range(1, 51):
        stage.next(BLOCK, 0.0)
        assert position(stage, 0.0) == pytest.approx(max(0.0, number * 0.02 - 0.005), abs=0.001)
    assert stage.next(BLOCK, 0.0).shape[0] < BLOCK
    assert position(stage, 0.05) == pytest.approx(0.95)
    assert stage.shown(0.0) is None


def test_the_gain_applies_but_for_what_it_had_already():
    sound = wave(RATE // 2, 440)
    for level, gain, factor in ((0.0, -20.0, 0.1), (-20.0, -20.0, 1.0), (-20.0, -40.0, 0.1)):
        stage = Stage(RATE, alone=True)
        stage.begin(clip_of(sound, level), BLOCK)
        heard = all_of(stage, gain=gain)
        np.testing.assert_allclose(heard[FADE:-FADE], sound[FADE:-FADE] * np.float32(factor), rtol=1e-5)


def test_nothing_is_above_the_ceiling():
    stage = Stage(RATE, alone=True)
    stage.begin(clip_of(wave(RATE // 2, 440, level=1.0)), BLOCK)
    for _ in range(10):
        assert np.abs(stage.next(BLOCK, 12.0)).max() <= CEILING
    stage.begin(clip_of(wave(RATE // 2, 300, level=1.0)), BLOCK)
    assert np.abs(all_of(stage, gain=12.0)).max() <= CEILING


def test_a_recording_is_read_in_stereo_at_the_rate_that_is_played(tmp_path):
    time_axis = np.arange(3 * 44_100) / 44_100
    sound = np.stack([np.sin(2 * np.pi * 440 * time_axis), np.zeros(len(time_axis))], 1)
    soundfile.write(tmp_path / "a.flac", 0.5 * sound, 44_100)
    clip = recording(tmp_path / "a.flac", RATE, 1.0, 0.5)
    assert (clip.what, clip.frames, clip.start) == ("a.flac", RATE // 2, None)
    part = clip.next(RATE, 0.0)
    assert not part[:, 1].any()
    assert np.sum(np.diff(np.signbit(part[FADE:-FADE, 0]))) / 2 == pytest.approx(440 * 0.46, abs=2)
    assert recording(tmp_path / "a.flac", RATE, 0.0, None).frames == 3 * RATE
    soundfile.write(tmp_path / "long.wav", np.zeros(400 * 8000, np.int16), 8000)
    assert recording(tmp_path / "long.wav", 8000, 0.0, None).frames == say.MEMORY_SECONDS * 8000
    assert recording(tmp_path / "long.wav", 8000, 350.0, 1e9).frames == 50 * 8000
    with pytest.raises(InputError, match="no sound at 400 s"):
        recording(tmp_path / "long.wav", 8000, 400.0, None)


# ------------------------------------------------------------------------------ the engine with it
@pytest.fixture
def tone(tmp_path):
    """A second of a tone, at a rate that is not the device's."""
    path = tmp_path / "tone.flac"
    time_axis = np.arange(44_100) / 44_100
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 330 * time_axis), 44_100)
    return path


@pytest.fixture
def ear(monkeypatch):
    """All that is sent to devices, [(sound, whether aside)]. To be asked for before what plays."""
    sent = []
    write = Output.write

    def record(output, sound, aside=False):
        sent.append((sound, aside))
        write(output, sound, aside)

    monkeypatch.setattr(Output, "write", record)
    return sent


def auditioned(ear):
    return np.concatenate([sound for sound, aside in ear if aside])


def assert_is_again(heard, was):
    """But for the edges, and what is limited twice where the first time left a few millionths."""
    np.testing.assert_allclose(heard[FADE:-FADE], was[FADE:-FADE], atol=1e-4)


def test_a_live_stream_with_auditions_amid_is_the_very_one_without(tiny_style, tone, tmp_path):
    """The codes, what is remembered, the take and its recipe: all of it, to the bit."""

    def played(name, *commands):
        with running_engine() as running:
            running.set(temperature=0.9)
            running.send(say.Load(tiny_style, seed=7, provider="cpu"), say.Start("null", seconds=1.2))
            running.send(say.Record(tmp_path / name))
            for command in commands:
                running.wait_played(0.3)
                running.send(command)
                running.wait(lambda status: status.auditioning and status.auditioning.position > 0.2)
            if commands:
                running.send(say.EndAudition())
            status = running.wait(lambda status: status.state == "stopped" and status.written and not status.work)
            assert status.auditioning is None
            sound = running.board.recall(0, status.written)
        events = [
            {key: value for key, value in event.items() if key != "date"} for event in read_recipe(tmp_path / name)
        ]
        return status.codes_sha256, sound, soundfile.read(tmp_path / name, dtype="int32")[0], events

    plain = played("plain.wav")
    other = played("other.wav", say.Audition(tone), say.Replay(0, 10_000), say.Audition(tone, start=0.25))
    assert other[0] == plain[0]
    np.testing.assert_array_equal(other[1], plain[1])
    np.testing.assert_array_equal(other[2], plain[2])
    assert other[3] == plain[3]


def test_while_something_is_auditioned_the_live_stream_stands_still(ear, playing, tone):
    playing.wait_played(0.4)
    playing.send(say.Audition(tone))
    status = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.2)
    assert (status.auditioning.what, status.auditioning.seconds, status.auditioning.start) == ("tone.flac", 1.0, None)
    assert (status.state, status.heard) == ("playing", status.written)
    later = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.7)
    assert (later.written, later.played, later.codes_sha256) == (status.written, status.played, status.codes_sha256)
    assert later.fill > 0.05
    after = playing.wait(lambda status: not status.auditioning)
    playing.wait_played(after.played + 0.5)
    playing.send(say.Stop())
    playing.wait(lambda status: status.state == "stopped")
    assert len(auditioned(ear)) == RATE
    heard = np.concatenate([sound for sound, _ in ear])
    assert steps_of(heard) <= steps_of(playing.board.recall(0, playing.status.written))
    live = np.concatenate([sound for sound, aside in ear if not aside])
    whole = playing.board.recall(0, len(live))
    faded = np.flatnonzero((live != whole).any(axis=1))
    assert faded.min() >= status.written - 2 * LIVE_FADE * RATE
    assert faded.max() < status.written + LIVE_FADE * RATE
    assert np.abs(whole[faded.min() : faded.max()]).max() > 0.01


def test_what_was_heard_is_heard_again_as_it_was(ear, playing):
    status = playing.wait_played(1.0)
    playing.send(say.Replay(10_000, 30_000))
    shown = playing.wait(lambda status: status.auditioning).auditioning
    assert (shown.what, shown.seconds, shown.start) == (HEARD, 20_000 / status.rate, 10_000)
    playing.wait(lambda status: not status.auditioning)
    assert_is_again(auditioned(ear), playing.board.recall(10_000, 30_000))


def test_what_was_heard_has_its_gain_already_and_what_it_was_turned_since_applies(ear, playing):
    playing.set(gain=-12.0)
    begin = playing.wait_played(playing.status.played + 0.3).written
    end = playing.wait_played(playing.status.played + 1.0).written
    for gain, factor in ((-12.0, 1.0), (-32.0, 0.1)):
        playing.set(gain=gain)
        ear.clear()
        playing.send(say.Replay(begin, end))
        playing.wait(lambda status: status.auditioning)
        playing.wait(lambda status: not status.auditioning)
        assert_is_again(auditioned(ear), playing.board.recall(begin, end) * np.float32(factor))


def test_a_replay_that_reaches_beyond_what_is_remembered_is_of_what_is(playing):
    playing.wait_played(0.5)
    playing.send(say.Replay(0, 2**62))
    status = playing.wait(lambda status: status.auditioning)
    assert status.auditioning.seconds * status.rate == pytest.approx(status.written, abs=5 * BLOCK)
    playing.send(say.EndAudition())
    playing.wait(lambda status: not status.auditioning)
    ahead = playing.status.written + 100 * RATE
    playing.send(say.Replay(ahead, ahead + 1000))
    playing.notice("nothing was heard there")
    playing.send(say.Replay(1000, 1000))
    playing.wait(lambda status: len(status.notices) == 2)


def test_what_is_asked_for_next_takes_its_place(ear, playing, tone):
    playing.wait_played(0.3)
    playing.send(say.Audition(tone))
    written = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.1).written
    playing.send(say.Replay(0, 8000))
    playing.wait(lambda status: status.auditioning.what == HEARD)
    playing.send(say.Audition(tone, start=0.5))
    playing.wait(lambda status: status.auditioning.what == "tone.flac")
    status = playing.wait(lambda status: status.auditioning.position > 0.3)
    assert status.written == written
    playing.wait(lambda status: not status.auditioning)
    assert steps_of(auditioned(ear)) < steps_of(playing.board.recall(0, written))


def test_an_audition_can_be_ended_at_any_moment(playing, tone):
    status = playing.wait_played(0.3)
    playing.send(say.EndAudition())
    for moment in (0.0, 0.05, 0.2):
        playing.send(say.Audition(tone))
        time.sleep(moment)  # that is the moment
        playing.send(say.EndAudition())
        status = playing.wait_played(playing.status.played + 0.3)
        assert status.auditioning is None
    playing.send(say.Audition(tone), say.EndAudition())
    playing.wait(lambda status: not status.work)
    status = playing.wait_played(playing.status.played + 0.3)
    assert (status.auditioning, status.notices, status.state) == (None, (), "playing")


def test_what_is_kept_and_gone_back_to_is_counted_in_live_sound_alone(playing, tone, tmp_path):
    playing.set(latency=0.3)
    playing.wait_played(1.0)
    playing.send(say.Audition(tone))
    status = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.1)
    playing.send(say.Keep(tmp_path / "kept.wav", 0.4))
    playing.notice("kept 0.4 seconds")
    assert holds(
        playing.board.recall(status.written - RATE // 2, status.written),
        soundfile.read(tmp_path / "kept.wav", dtype="float32")[0],
    )
    kept = soundfile.read(tmp_path / "kept.wav", dtype="float32")[0]
    last = playing.board.recall(status.written - len(kept), status.written)
    assert np.abs(last - kept).max() < 2 / 2**23
    playing.send(say.Rewind(0.0, seed=99))
    playing.wait(lambda status: status.seed == 99)
    assert playing.engine._player.current.place.moment.frame * 4 / 16_000 > status.written / RATE - 0.3


def test_what_is_asked_of_the_live_stream_meanwhile_it_does_afterwards(playing, tone):
    playing.wait_played(0.5)
    playing.send(say.Audition(tone))
    written = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.1).written
    playing.set(temperature=0.4)
    playing.send(say.Branch(10_000, seed=55))
    status = playing.wait(lambda status: not status.auditioning)
    status = playing.wait(lambda status: status.seed == 55 and status.temperature == 0.4)
    assert status.marks[-1].position == written + playing.engine._player.delay


@pytest.mark.parametrize("latency", [0.02, 0.5])
def test_at_any_latency_it_is_heard_once_and_whole(ear, playing, tone, latency):
    playing.set(latency=latency)
    playing.wait_played(0.6)
    playing.send(say.Audition(tone, seconds=0.3))
    playing.wait(lambda status: status.auditioning)
    playing.wait(lambda status: not status.auditioning)
    assert len(auditioned(ear)) == 0.3 * RATE
    heard = np.concatenate([sound for sound, _ in ear])
    assert steps_of(heard) <= steps_of(playing.board.recall(0, playing.status.written))


# ------------------------------------------------------------------------------ while nothing plays
def test_while_nothing_plays_it_opens_a_device_and_closes_it(ear, running, tone):
    running.send(say.Audition(tone, device="null"))
    status = running.wait(lambda status: status.auditioning and status.auditioning.position > 0.2)
    assert (status.state, status.device, status.rate, status.written) == ("stopped", "null", RATE, 0)
    status = running.wait(lambda status: not status.auditioning)
    running.wait(lambda status: running.engine._output is None)
    assert (status.state, status.written, status.first_sound) == ("stopped", 0, None)
    assert [notice.text for notice in status.notices] == []
    assert len(auditioned(ear)) == len(np.concatenate([sound for sound, _ in ear])) == RATE


def test_a_clip_shorter_than_the_latency_is_heard_too(ear, running, tone):
    running.set(latency=0.5)
    running.send(say.Audition(tone, seconds=0.2, device="null"))
    status = running.wait(lambda status: ear and not status.auditioning and running.engine._output is None)
    assert len(auditioned(ear)) == 0.2 * RATE
    assert (status.state, status.fill) == ("stopped", 0.0)


def test_what_was_heard_can_be_heard_again_once_it_stopped(ear, playing):
    status = playing.wait_played(0.6)
    playing.send(say.Stop())
    written = playing.wait(lambda status: status.state == "stopped").written
    for _ in range(2):
        ear.clear()
        playing.send(say.Replay(0, status.rate // 2, device="null"))
        playing.wait(lambda status: status.auditioning)
        status = playing.wait(lambda status: not status.auditioning)
        assert (status.state, status.written) == ("stopped", written)
        assert_is_again(auditioned(ear), playing.board.recall(0, status.rate // 2))
    playing.send(say.Start("null"))
    playing.wait(lambda status: status.state == "playing" and status.written > written + BLOCK)


def test_one_after_the_other_is_heard_on_the_same_device(running, tone, monkeypatch):
    opened = []

    def open_and_note(name):
        opened.append(name)
        return open_output(name)

    monkeypatch.setattr("engine.engine.open_output", open_and_note)
    running.send(say.Audition(tone, device="null"))
    for _ in range(3):
        running.wait(lambda status: status.auditioning and status.auditioning.position > 0.2)
        running.send(say.Audition(tone, start=0.3, seconds=0.5))
        running.wait(lambda status: status.auditioning.seconds == 0.5 and status.auditioning.position < 0.1)
    assert opened == ["null"]


@pytest.mark.parametrize("moment", [0.0, 0.3])
def test_a_start_ends_it_and_plays_live(ear, running, tiny_style, tone, moment):
    running.send(say.Load(tiny_style, seed=7, provider="cpu"))
    running.wait(lambda status: status.title)
    running.send(say.Audition(tone, device="null"))
    if moment:
        running.wait(lambda status: status.auditioning and status.auditioning.position > moment)
    running.send(say.Start("null"))
    status = running.wait(lambda status: status.state == "playing" and status.played > 0.3)
    assert (status.auditioning, status.notices) == (None, ())
    if moment:
        assert steps_of(np.concatenate([np.zeros((1, 2)), auditioned(ear), np.zeros((1, 2))])) < 0.05


def test_a_start_while_it_plays_live_ends_it_as_well(playing, tone):
    playing.wait_played(0.3)
    playing.send(say.Audition(tone))
    written = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.2).written
    playing.send(say.Start("null"))
    shown = playing.wait(lambda status: status.written > written)
    assert not shown.auditioning or shown.auditioning.position < 0.7


def test_a_stop_ends_both(ear, playing, tone):
    playing.wait_played(0.3)
    playing.send(say.Audition(tone))
    playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.2)
    playing.send(say.Stop())
    status = playing.wait(lambda status: status.state == "stopped")
    assert status.auditioning is None
    assert len(auditioned(ear)) < 0.7 * RATE
    last = [aside for _, aside in ear].index(True)
    after = np.concatenate([sound for sound, aside in ear[last:] if not aside])
    assert not after.any()  # the live sound leaves unheard, but whole in memory
    assert np.abs(playing.board.recall(status.written - len(after), status.written)).max() > 0.001
    heard = np.concatenate([sound for sound, _ in ear])
    assert steps_of(heard) <= steps_of(playing.board.recall(0, status.written))


def test_asked_for_right_after_a_stop_it_is_heard_after_it(playing, tone):
    playing.wait_played(0.3)
    playing.send(say.Stop(), say.Replay(0, 10_000, device="null"))
    status = playing.wait(lambda status: status.auditioning)
    assert (status.state, status.auditioning.what) == ("stopped", HEARD)
    playing.wait(lambda status: not status.auditioning)
    playing.send(say.Start("null"))
    playing.wait(lambda status: status.state == "playing")
    playing.send(say.Stop(), say.Start("null"), say.Audition(tone))
    status = playing.wait(lambda status: status.auditioning)
    assert status.state in ("starting", "playing")


def test_nothing_can_be_recorded_of_an_audition_alone(running, tone, tmp_path):
    running.send(say.Audition(tone, device="null"))
    running.wait(lambda status: status.auditioning)
    running.send(say.Record(tmp_path / "take.wav"))
    running.notice("nothing is playing that could be recorded")
    running.send(say.Stop())
    status = running.wait(lambda status: not status.auditioning)
    assert status.taking is None


# ------------------------------------------------------------------------------ what goes wrong
def test_what_cannot_be_heard_is_said_and_all_goes_on(playing, tmp_path, tone):
    (tmp_path / "text.wav").write_text("not what its name says" * 100)
    written = playing.wait_played(0.2).written
    for command, text in (
        (say.Audition(tmp_path / "nothing.wav"), "nothing.wav: cannot be read: No such file"),
        (say.Audition(tmp_path / "text.wav"), "text.wav: is not sound that can be read"),
        (say.Audition(tmp_path), "is a folder"),
        (say.Audition(tone, start=7.0), "there is no sound at 7 s"),
    ):
        playing.send(command)
        status = playing.notice(text)
        assert status.auditioning is None
    playing.wait(lambda status: status.state == "playing" and status.written > written + 4 * BLOCK)


def test_a_device_that_cannot_be_opened_is_said(running, tone, tiny_style):
    running.send(say.Audition(tone, device="No Such Device"))
    status = running.wait(lambda status: status.notices)
    assert status.notices[0].kind == "error"
    assert (status.state, status.auditioning) == ("stopped", None)
    running.send(say.Replay(0, 1000))
    running.notice("nothing was heard there")
    running.send(say.Load(tiny_style, provider="cpu"), say.Start("null"))
    running.wait(lambda status: status.state == "playing")


def test_a_device_that_vanishes_ends_an_audition_alone(running, tone, tiny_style):
    running.send(say.Audition(tone, device="null"))
    running.wait(lambda status: status.auditioning and status.auditioning.position > 0.1)
    running.engine._output.alive = lambda: False
    status = running.notice("null has vanished: the audition is over")
    status = running.wait(lambda status: not status.auditioning)
    assert status.state == "stopped"
    running.send(say.Load(tiny_style, provider="cpu"), say.Start("null"))
    running.wait(lambda status: status.state == "playing")


def test_a_device_that_vanishes_from_a_live_stream_takes_nothing_with_it(playing, tone):
    playing.wait_played(0.3)
    playing.send(say.Audition(tone))
    status = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.1)
    playing.engine._output.alive = lambda: False
    playing.notice("null has vanished: playing on without sound until it is back")
    later = playing.wait(lambda status: not status.auditioning)
    assert later.written >= status.written
    playing.wait_played(later.played + 0.3)


def test_an_engine_that_fails_meanwhile_starts_and_auditions_again(playing, tone, monkeypatch):
    playing.wait_played(0.3)
    with monkeypatch.context() as patch:
        patch.setattr(Stage, "next", lambda *_: 1 / 0)
        playing.send(say.Audition(tone))
        playing.wait(lambda status: status.state == "failed")
    assert playing.wait(lambda status: status.auditioning is None)
    playing.send(say.Audition(tone, device="null"))
    status = playing.wait(lambda status: status.auditioning and status.auditioning.position > 0.1)
    assert status.state == "failed"
    playing.send(say.Start("null"))
    playing.wait(lambda status: status.state == "playing" and not status.auditioning)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_whatever_order_nothing_hangs_or_clicks(ear, playing, tone, tiny_style, seed):
    chance = random.Random(seed)
    acts = (
        partial(say.Audition, tone, device="null"),
        lambda: say.Audition(tone, start=0.5, seconds=chance.choice([0.01, 0.2]), device="null"),
        lambda: say.Replay(0, chance.randrange(1, 20_000), device="null"),
        say.EndAudition,
        say.Stop,
        partial(say.Start, "null"),
        partial(say.Start, "null"),
        lambda: say.Branch(chance.randrange(20_000), chance.randrange(100)),
    )
    for _ in range(60):
        playing.send(chance.choice(acts)())
        time.sleep(chance.random() * 0.06)  # so that things meet in many ways
    playing.send(say.Start("null"))
    status = playing.wait(lambda status: status.state == "playing" and not status.auditioning)
    playing.wait_played(status.played + 0.2)
    playing.send(say.Stop())
    status = playing.wait(lambda status: status.state == "stopped" and not status.work)
    assert not [notice for notice in status.notices if notice.text.startswith("the engine")]
    memory = playing.board.recall(0, status.written)
    assert steps_of(np.concatenate([sound for sound, _ in ear])) <= 1.05 * steps_of(memory)
    assert sum(len(sound) for sound, aside in ear if not aside) == status.written
