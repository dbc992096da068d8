"""The engine at work, without a sound card: what a person turns, asks for and records, and what may go wrong.

It runs on a thread of the test here, on the clock that stands in for a device; tests/engine/test_session.py has it
in its own process.
"""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import controls as say
from engine.controls import Controls
from engine.replay import replay
from engine.stream import Stream, StreamFailed
from engine.takes import read_recipe
from engine.watchdog import Watchdog
from models.errors import InputError
from models.style import open_style
from tests.engine import style_at_rate, style_with_weights
from tests.engine.live import holds, running_engine, steps_of

NOTHING = 0.02
"""What the DC block may still let die away."""


def test_it_starts_plays_stops_and_goes_on(playing):
    status = playing.wait_played(0.3)
    assert (status.device, status.title, status.provider) == ("null", "Tiny", "cpu")
    assert status.first_sound is not None
    assert status.seed == 7
    assert status.distribution.sum() == pytest.approx(1, abs=1e-4)
    assert 0 <= status.entropy <= 6
    playing.send(say.Stop())
    stopped = playing.wait(lambda status: status.state == "stopped")
    assert np.abs(playing.board.recall(stopped.written - 240, stopped.written)).max() < NOTHING
    playing.send(say.Start("null"))
    again = playing.wait(lambda status: status.state == "playing")
    assert again.written >= stopped.written


def test_the_seed_of_the_next_start_is_told_before_it(running, tiny_style):
    running.send(say.Load(tiny_style, seed=7, provider="cpu"))
    running.wait(lambda status: status.seed == 7)
    running.send(say.NewSeed(99))
    running.wait(lambda status: status.seed == 99)


def test_to_start_without_a_style_says_what_to_do(running):
    running.send(say.Start("null"))
    status = running.wait(lambda status: status.state == "failed")
    assert "load one first" in status.reason


def codes_of(tiny_style, **start):
    with running_engine() as running:
        running.set(**start)
        running.send(say.Load(tiny_style, seed=7, provider="cpu"), say.Start("null", seconds=0.5))
        running.wait(lambda status: status.state == "playing")
        return running.wait(lambda status: status.state == "stopped").codes_sha256


def test_the_same_seed_plays_the_same(tiny_style):
    one = codes_of(tiny_style)
    assert one == codes_of(tiny_style)
    assert one != codes_of(tiny_style, temperature=1.1)


def test_a_take_is_what_was_heard(playing, tmp_path):
    playing.wait_played(0.2)
    playing.send(say.Record(tmp_path / "take.flac"))
    playing.wait(lambda status: status.taking and status.taking.seconds > 0.5)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    status = playing.status
    take, rate = soundfile.read(tmp_path / "take.flac", dtype="float32")
    assert rate == status.rate
    heard = playing.board.recall(0, status.written)
    assert holds(heard, take)


def test_a_take_with_all_that_can_happen_is_made_again_from_its_recipe(playing, tiny_style, tmp_path):
    other = style_at_rate(open_style(tiny_style), tmp_path / "other.samplernn", 11_025)
    time_axis = np.arange(16_000) / 16_000
    soundfile.write(tmp_path / "prime.wav", 0.3 * np.sin(2 * np.pi * 330 * time_axis), 16_000)
    playing.wait_played(0.2)
    playing.send(say.Record(tmp_path / "take.flac"))
    playing.wait(lambda status: status.taking)
    for temperature in (0.7, 1.0, 1.2):
        playing.set(temperature=temperature)
        playing.wait(lambda status, t=temperature: status.temperature == t)
    before = playing.status.codes_sha256
    playing.send(say.Prime(tmp_path / "prime.wav", start=0.25, seconds=0.5))
    playing.set(voices=3)
    playing.wait(lambda status: status.voices == 3)
    playing.send(say.Load(other.path, seed=11))
    playing.wait(lambda status: status.title == "At 11025" and status.seed == 11)
    playing.send(say.Rewind(0.5), say.NewSeed(99))
    playing.wait(lambda status: status.seed == 99)
    playing.send(say.Rewind(1.0, seed=5), say.Reset())
    status = playing.wait(lambda status: status.seed == 5)
    playing.wait_played(status.played + 0.3)
    assert playing.status.codes_sha256 != before
    playing.send(say.StopRecording())
    playing.notice("recorded")
    events = read_recipe(tmp_path / "take.flac")
    assert {"begin", "prime", "switch", "rewind", "reset"} <= {event.get("why") for event in events}
    again = replay(tmp_path / "take.flac", tmp_path / "again.wav", "cpu")
    assert again.matches
    assert again.codes_sha256 == events[-1]["codes_sha256"]
    take, _ = soundfile.read(tmp_path / "take.flac")
    made, _ = soundfile.read(tmp_path / "again.wav")
    assert made.shape == take.shape


def test_a_recipe_that_was_changed_does_not_match(playing, tmp_path):
    playing.send(say.Record(tmp_path / "take.wav"))
    playing.wait(lambda status: status.taking and status.taking.seconds > 0.3)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    sidecar = next(tmp_path.glob("*.jsonl"))
    events = [json.loads(line) for line in sidecar.read_text().splitlines()]
    play = next(event for event in events if event["event"] == "play")
    play["temperature"] += 0.3
    sidecar.write_text("".join(json.dumps(event) + "\n" for event in events))
    assert replay(tmp_path / "take.wav", tmp_path / "again.wav", "cpu").matches is False


def test_a_branch_with_the_old_seed_has_the_old_future_and_with_a_new_one_another(playing):
    rate = playing.wait_played(1.5).rate
    for seed, same in ((None, True), (12345, False)):
        at = playing.status.written
        playing.send(say.Rewind(0.8, seed=seed))
        playing.wait(lambda status, at=at: status.written > at + 1.2 * rate)
        # well after the jump, the sound is that of some time before it
        new = playing.board.recall(at + int(0.5 * rate), at + int(0.7 * rate))[:, 0]
        old = playing.board.recall(at - int(0.9 * rate), at + int(0.1 * rate))[:, 0]
        spread = np.lib.stride_tricks.sliding_window_view(old, len(new))[::1]
        nearest = min(np.abs(window - new).max() for window in spread[::1])
        assert (nearest < 1e-3) == same


def frames_of(playing):
    """The frames of the stream from which the current strip began, and that the clock was at a position."""
    return playing.engine._player.current.place.moment.frame


def test_a_branch_goes_to_that_frame_of_the_clock(playing):
    status = playing.wait_played(1.2)
    delay = playing.engine._player.delay
    for seed, seconds in enumerate((0.2, 0.45, 0.7)):
        position = round(seconds * status.rate)
        playing.send(say.Branch(position, seed=1000 + seed))
        playing.wait(lambda status, seed=seed: status.seed == 1000 + seed)
        # the sound of a stream's frame is as late as the limiter is, and one moment in ten is kept
        at = frames_of(playing) * 4 / 16_000 * status.rate + delay
        assert position - 0.13 * status.rate < at <= position
    playing.send(say.Branch(2**60, seed=9))  # beyond the end: the last moment
    playing.wait(lambda status: status.seed == 9)
    assert playing.status.notices == ()


def test_nothing_can_be_gone_back_to_before_anything_was_played(running, tiny_style):
    running.send(say.Load(tiny_style, provider="cpu"), say.Branch(0))
    running.notice("nothing was played yet that could be gone back to")


def test_marks_tell_where_each_stream_began_and_why(playing, tiny_style, tmp_path):
    other = style_at_rate(open_style(tiny_style), tmp_path / "other.samplernn", 11_025)
    soundfile.write(tmp_path / f"{'prime' * 20}.wav", 0.3 * np.sin(np.arange(16_000) * 0.1), 16_000)
    told: list[str] = []

    def marked(command, why):
        playing.wait_played(playing.status.played + 0.3)
        before = playing.status.written
        playing.send(command)
        marks = playing.wait(lambda status: status.marks[-1].why == why).marks
        assert len(marks) == len(told) + 2
        assert before < marks[-1].position <= playing.status.written + playing.engine._player.delay
        told.append(marks[-1].title)

    playing.wait_played(0.1)
    assert playing.status.marks == (say.Mark(playing.engine._player.delay, "start", "Tiny"),)
    marked(say.Prime(tmp_path / f"{'prime' * 20}.wav"), "prime")
    marked(say.Rewind(0.2), "rewind")
    marked(say.Load(other.path, seed=5), "switch")
    marked(say.Reset(), "reset")
    assert told == ["prime" * 12, "Tiny", "At 11025", "At 11025"]
    positions = [mark.position for mark in playing.status.marks]
    assert positions == sorted(set(positions))
    # a branch to a mark goes to the very start of its stream
    for mark in playing.status.marks[:-1]:
        playing.send(say.Branch(mark.position, seed=mark.position))
        playing.wait(lambda status, mark=mark: status.seed == mark.position)
        if mark.why in ("start", "prime", "switch"):
            assert frames_of(playing) == 0
    playing.send(say.Stop())
    playing.wait(lambda status: status.state == "stopped")
    playing.send(say.Start("null"))
    assert playing.wait(lambda status: status.marks[-1].why == "start").marks[0].why == "start"


def test_a_rescue_is_marked(playing, monkeypatch):
    playing.wait_played(0.3)
    monkeypatch.setattr(playing.engine._player.current.stream, "generate", broken)
    playing.notice("not finite: it goes on")
    assert playing.wait(lambda status: len(status.marks) == 2).marks[-1].why == "rescue"


def test_of_what_was_never_heard_there_is_no_mark(playing):
    playing.wait_played(0.3)
    for _ in range(5):
        playing.send(say.Reset(), say.Reset())  # both between two blocks, or nearly
    playing.wait_played(playing.status.played + 0.3)
    positions = [mark.position for mark in playing.status.marks]
    assert positions == sorted(set(positions))


def test_marks_that_are_not_remembered_any_more_are_let_go(playing, monkeypatch):
    monkeypatch.setattr("engine.chapters.CHAPTER_SECONDS", 0.1)
    monkeypatch.setattr(playing.engine._chapters, "_span", round(0.5 * playing.engine._player.rate))
    playing.send(say.Reset())
    playing.wait(lambda status: len(status.marks) == 2)
    status = playing.wait(lambda status: not status.marks)
    assert status.oldest > 0
    playing.send(say.Reset())
    playing.wait(lambda status: len(status.marks) == 1)


def test_switching_two_hundred_times_between_rates_clicks_nowhere(playing, tiny_style, tmp_path):
    other = style_at_rate(open_style(tiny_style), tmp_path / "other.samplernn", 22_050).path
    playing.set(crossfade=0.05)
    status = playing.wait_played(0.5)
    own = steps_of(playing.board.recall(int(0.2 * status.rate), status.written))
    begin = status.written
    for number in range(200):
        playing.send(say.Load((other, tiny_style)[number % 2], seed=1000 + number))
        playing.wait(lambda status, n=number: status.seed == 1000 + n, f"switch {number}")
    status = playing.status
    assert steps_of(playing.board.recall(begin, status.written)) < 2 * own
    assert status.underruns == 0
    assert len(playing.engine._player.strips) <= 3


def test_the_ring_is_never_fuller_than_the_latency_asks_for(playing):
    """So what is turned is heard after the ring's fill, one block and the known delays."""
    for latency in (0.02, 0.2, 0.05):
        playing.set(latency=latency)
        playing.wait(lambda status, most=latency + 0.02: status.fill <= most)
        end = playing.status.played + 0.5
        while (status := playing.status).played < end:
            assert status.fill <= latency + 0.02 + 0.001
            time.sleep(0.001)


def test_the_temperature_is_in_the_codes_within_the_fill_a_block_and_the_delays(playing, tmp_path):
    playing.send(say.Record(tmp_path / "take.wav"))
    playing.wait(lambda status: status.taking and status.taking.seconds > 0.3)
    before = playing.status
    playing.set(temperature=0.5)
    playing.wait(lambda status: status.temperature == 0.5)
    after = playing.status
    playing.wait_played(after.played + 0.1)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    events = read_recipe(tmp_path / "take.wav")
    first, *_ = [event["frame"] for event in events if event["event"] == "play" and event["temperature"] == 0.5]
    config = open_style(after.style).info.model
    heard_at = first * config.lookback / config.sample_rate + after.delay
    # as long as it takes at most, from the last look before it was turned to the ear
    turned = before.heard / before.rate
    waited = (after.written - before.written) / after.rate
    assert heard_at - turned <= before.fill + 2 * 0.02 + after.delay + 0.03 + waited


def test_a_style_that_does_not_open_leaves_the_old_one_playing(playing, tmp_path):
    broken = tmp_path / "broken.samplernn"
    broken.write_bytes(b"nothing")
    playing.send(say.Load(broken))
    status = playing.notice("broken.samplernn is not a style file")
    assert (status.state, status.title) == ("playing", "Tiny")
    playing.wait_played(status.played + 0.2)


def test_a_style_deleted_while_it_plays_plays_on(running, tiny_style, tmp_path):
    copy = tmp_path / "copy.samplernn"
    copy.write_bytes(tiny_style.read_bytes())
    running.send(say.Load(copy, provider="cpu"), say.Start("null"))
    running.wait_played(0.3)
    copy.unlink()
    running.send(say.Rewind(0.2), say.Reset())
    status = running.wait_played(running.status.played + 0.5)
    assert status.state == "playing"
    assert not [notice for notice in status.notices if notice.kind == "error"]


def broken(*arguments):
    raise StreamFailed("the network's output is not finite")


def test_a_stream_that_breaks_is_brought_back(playing, monkeypatch):
    playing.wait_played(0.5)
    monkeypatch.setattr(playing.engine._player.current.stream, "generate", broken)
    status = playing.notice("not finite: it goes on")
    assert (status.state, status.rescues) == ("playing", 1)
    playing.wait_played(status.played + 0.3)


def test_a_network_that_breaks_again_and_again_fails_visibly_and_another_can_be_played(
    playing, tiny_style, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Stream, "generate", broken)
        status = playing.wait(lambda status: status.state == "failed")
        assert "not finite" in status.reason
    playing.send(say.Load(tiny_style, provider="cpu"), say.Start("null"))
    playing.wait(lambda status: status.state == "playing")


def test_a_style_whose_network_gives_no_numbers_is_not_let_in(playing, tiny_style, tmp_path):
    style = open_style(tiny_style)
    model = style.info.model
    shape = (model.mlp_units, model.levels)
    wild = style_with_weights(style, tmp_path / "wild.samplernn", "samples.output.weight", 3e38, shape)
    playing.send(say.Load(wild.path, provider="cpu"))
    assert playing.notice("not finite").state == "playing"
    playing.wait_played(playing.status.played + 0.2)


def test_an_engine_that_fails_says_so_and_starts_again(playing, monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError("this should not happen")

    with monkeypatch.context() as patch:
        patch.setattr(playing.engine._player, "read", fail)
        status = playing.wait(lambda status: status.state == "failed")
        assert "this should not happen" in status.reason
    playing.send(say.Start("null"))
    playing.wait(lambda status: status.state == "playing")


def test_what_gets_stuck_is_brought_back_where_that_is_wanted(playing, monkeypatch):
    playing.wait_played(0.5)
    monkeypatch.setattr(Watchdog, "_look", lambda dog: "silence")
    assert playing.wait(lambda status: status.verdict == "silence").rescues == 0
    playing.set(rescue=True)
    status = playing.notice("stuck (silence)")
    assert status.rescues >= 1


def test_a_provider_that_is_missing_is_said_and_it_plays_all_the_same(running, tiny_style):
    from engine.providers import cuda_works

    if cuda_works():
        pytest.skip("there is CUDA here")
    running.send(say.Load(tiny_style, provider="cuda"), say.Start("null"))
    status = running.wait(lambda status: status.state == "playing")
    assert status.provider == "cpu"
    assert "playing on the CPU" in status.remark


def test_a_full_disk_ends_the_take_and_the_music_goes_on(playing, tmp_path, disk_full_beyond):
    with disk_full_beyond(200_000):
        playing.send(say.Record(tmp_path / "take.wav"))
        status = playing.notice("disk")
        assert status.taking is None
        playing.wait_played(status.played + 0.3)
    assert soundfile.info(tmp_path / "take.wav").frames > 20_000


def test_what_was_just_heard_can_be_kept(playing, tmp_path):
    status = playing.wait_played(1.0)
    playing.send(say.Keep(tmp_path / "kept.flac", 0.6))
    playing.notice("kept 0.6 seconds")
    kept, rate = soundfile.read(tmp_path / "kept.flac", dtype="float32")
    assert len(kept) == round(0.6 * rate)
    heard = playing.board.recall(0, playing.status.written)
    assert holds(heard, kept)
    assert status.state == "playing"


@pytest.mark.parametrize("chapter_seconds", [30.0, 0.2])
def test_what_was_kept_has_its_recipe_too(playing, tiny_style, tmp_path, monkeypatch, chapter_seconds):
    monkeypatch.setattr("engine.chapters.CHAPTER_SECONDS", chapter_seconds)
    playing.wait_played(0.3)
    playing.set(temperature=0.6)
    playing.send(say.Rewind(0.2, seed=8))
    playing.wait(lambda status: status.seed == 8)
    playing.wait_played(playing.status.played + 0.6)
    playing.send(say.Keep(tmp_path / "kept.wav", 0.8))
    playing.notice("kept 0.8 seconds")
    made = replay(tmp_path / "kept.wav", tmp_path / "again.wav", "cpu")
    assert made.matches
    assert made.seconds == 0.8
    kept, rate = soundfile.read(tmp_path / "kept.wav")
    again, _ = soundfile.read(tmp_path / "again.wav")
    # a chapter begins within a sound, of which the DC block and the resampler know nothing at first
    np.testing.assert_allclose(again[-rate // 2 :], kept[-rate // 2 :], atol=0.02)


def test_what_is_kept_goes_back_no_further_than_is_remembered(playing, tmp_path):
    playing.send(say.Keep(tmp_path / "kept.wav", 100.0))
    playing.notice("kept ")
    assert soundfile.info(tmp_path / "kept.wav").frames <= playing.status.heard


def test_chapters_that_are_over_are_let_go(playing, monkeypatch):
    chapters, player = playing.engine._chapters, playing.engine._player
    monkeypatch.setattr("engine.chapters.CHAPTER_SECONDS", 0.1)
    monkeypatch.setattr(chapters, "_span", round(0.5 * player.rate))
    playing.wait_played(1.5)
    assert len(chapters._chapters) <= 8
    assert len(player.logs) == len(chapters._chapters) + 1


def test_a_take_that_cannot_be_written_leaves_the_music_playing(playing, tmp_path):
    for command in (say.Record(tmp_path / "nowhere" / "take.flac"), say.Record(tmp_path / f"{'x' * 300}.wav")):
        playing.send(command)
        status = playing.notice(f"{command.file} cannot be recorded: ")
        assert status.state == "playing"
    playing.send(say.Keep(tmp_path / "nowhere" / "kept.flac", 1.0))
    playing.notice("kept.flac cannot be recorded: No such file or directory")
    playing.wait_played(playing.status.played + 0.2)


def test_a_take_begun_during_a_crossfade_is_made_again_as_it_sounded(playing, tiny_style, tmp_path):
    playing.set(crossfade=1.5)
    playing.wait_played(0.3)
    playing.send(say.Load(tiny_style, seed=21))
    playing.wait(lambda status: status.seed == 21)
    playing.send(say.Record(tmp_path / "take.wav"))
    playing.wait(lambda status: status.taking and status.taking.seconds > 2.0)
    playing.send(say.StopRecording())
    playing.notice("recorded")
    assert replay(tmp_path / "take.wav", tmp_path / "again.wav", "cpu").matches
    take, rate = soundfile.read(tmp_path / "take.wav")
    again, _ = soundfile.read(tmp_path / "again.wav")
    during = slice(rate // 4, 3 * rate // 4)
    assert np.abs(take[during]).max() > 0.01
    np.testing.assert_allclose(again[during], take[during], atol=0.02)


def test_a_stop_during_a_long_crossfade_is_as_quick_as_any(playing, tiny_style):
    playing.set(crossfade=20.0)
    playing.send(say.Load(tiny_style, seed=21))
    status = playing.wait(lambda status: status.seed == 21)
    playing.send(say.Stop())
    stopped = playing.wait(lambda status: status.state == "stopped")
    assert stopped.written - status.written < 2 * status.rate


def test_a_start_right_after_a_stop_starts(playing):
    for _ in range(3):
        playing.send(say.Stop(), say.Start("null"))
        before = playing.status.written
        status = playing.wait(lambda status, before=before: status.written > before + status.rate // 2)
        assert (status.state, status.notices) == ("playing", ())


def test_a_latency_turned_down_while_it_plays_never_silences_it(playing):
    playing.set(latency=0.5)
    playing.wait(lambda status: status.fill > 0.4)
    playing.set(latency=0.02)
    playing.wait(lambda status: status.fill < 0.05)
    time.sleep(0.3)  # the clock takes what there is, and it may well run dry
    status = playing.status
    playing.wait(lambda later: later.heard > status.heard + status.rate // 2)


def test_a_rescue_does_not_undo_a_switch(playing, tiny_style, tmp_path, monkeypatch):
    other = style_at_rate(open_style(tiny_style), tmp_path / "other.samplernn", 22_050).path
    playing.wait_played(0.5)
    playing.send(say.Load(other, seed=3))
    playing.wait(lambda status: status.title == "At 22050" and status.seed == 3)
    monkeypatch.setattr(playing.engine._player.current.stream, "generate", broken)
    status = playing.notice("not finite: it goes on")
    assert status.title == "At 22050"
    assert playing.wait(lambda status: status.seed != 3).title == "At 22050"


def test_a_second_take_at_once_is_refused_and_the_first_goes_on(playing, tmp_path):
    playing.send(say.Record(tmp_path / "one.wav"))
    playing.wait(lambda status: status.taking)
    playing.send(say.Record(tmp_path / "two.wav"))
    status = playing.notice("end it first")
    assert status.taking.file.name.endswith("one.wav")


@pytest.mark.parametrize(
    ("command", "values"),
    [
        (say.Rewind, {"seconds": float("nan")}), (say.Rewind, {"seconds": -1.0}),
        (say.Rewind, {"seconds": 1.0, "seed": -1}), (say.Keep, {"file": Path("x.wav"), "seconds": float("nan")}),
        (say.NewSeed, {"seed": -1}), (say.NewSeed, {"seed": 2**64}), (say.Start, {"seconds": float("inf")}),
        (say.Prime, {"sound": Path("x.wav"), "start": -1.0}), (say.Branch, {"position": -1}),
        (say.Audition, {"sound": Path("x.wav"), "seconds": float("nan")}), (say.Replay, {"start": 0, "end": 2**63}),
        (say.Audition, {"sound": Path("x.wav"), "start": 2e9}), (say.Replay, {"start": -1, "end": 0}),
    ],
)  # fmt: skip
def test_commands_out_of_range_are_refused(command, values):
    with pytest.raises(InputError, match="it must be from 0 to"):
        command(**values)


@pytest.mark.parametrize("value", [float("nan"), -0.1, 11.0])
def test_controls_out_of_range_are_refused(value):
    with pytest.raises(InputError, match="temperature is"):
        Controls(temperature=value)
