"""A take is whole whatever happens to the program, the disk and the machine."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.soundfiles import WAV_FRAME, WAV_HEADER, set_flac_length, wav_header
from engine.takes import Event, Recorder, TakeWriter, new_take_path, read_recipe, recover_takes
from models.errors import InputError

RATE = 48_000
BOTH = pytest.mark.parametrize("suffix", [".wav", ".flac"])
EVENT = {"event": "play", "temperature": 0.9}


def noise(frames, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, size=(frames, 2)).astype(np.float32)


def as_24_bits(sound):
    return np.clip(np.rint(sound.astype(np.float64) * 2**23), -(2**23), 2**23 - 1).astype(np.int64)


def read(path):
    sound, rate = soundfile.read(path, dtype="int32", always_2d=True)
    assert rate == RATE
    return sound.astype(np.int64) >> 8


@BOTH
@given(sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=8))
def test_what_is_written_is_read_again_bit_for_bit(tmp_path_factory, suffix, sizes):
    path = tmp_path_factory.mktemp("takes") / f"take{suffix}"
    sound = noise(sum(sizes)) * np.float32(1.01)  # and clipped where it must be
    with TakeWriter(path, RATE) as writer:
        writer.note(EVENT)
        for part in np.split(sound, np.cumsum(sizes)[:-1]):
            writer.write(part)
    assert np.abs(read(path) - as_24_bits(np.clip(sound, -1, 1))).max() <= 1
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.recipe.jsonl"]


@BOTH
def test_the_recipe_is_beside_it_and_in_it(tmp_path, suffix):
    path = tmp_path / f"täke{suffix}"
    events: list[Event] = [
        {"event": "take", "name": "ü"},
        *({"event": "play", "number": number} for number in range(50)),
    ]
    with TakeWriter(path, RATE) as writer:
        for event in events:
            writer.note(event)
            writer.write(noise(1000))
    assert read_recipe(path) == events
    (tmp_path / f"täke{suffix}.recipe.jsonl").unlink()
    assert read_recipe(path) == events
    assert len(read(path)) == 51_000


def test_a_recipe_too_long_for_a_flac_is_beside_it(tmp_path):
    path = tmp_path / "take.flac"
    with TakeWriter(path, RATE) as writer:
        writer.write(noise(100))
        for number in range(10):
            writer.note({"event": "strip", "number": number, "long": "x" * 10_000})
    assert len(read_recipe(path)) == 10
    assert len(read(path)) == 100


@pytest.mark.parametrize("content", [b"nonsense\n", b'{"event": 1}\n', b"[1]\n", b"\xff\n", b"[" * 100_000 + b"\n"])
def test_a_damaged_recipe_is_said(tmp_path, content):
    path = tmp_path / "take.wav"
    with TakeWriter(path, RATE) as writer:
        writer.write(noise(100))
    (tmp_path / "take.wav.recipe.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"take\.wav: its recipe is damaged"):
        read_recipe(path)


@BOTH
def test_sound_without_a_recipe_is_said(tmp_path, suffix):
    soundfile.write(tmp_path / f"sound{suffix}", noise(100), RATE, format=suffix[1:].upper())
    with pytest.raises(InputError, match="has no recipe"):
        read_recipe(tmp_path / f"sound{suffix}")
    with pytest.raises(InputError, match="no such take"):
        read_recipe(tmp_path / f"nothing{suffix}")


RECORD = """
import sys, time
from pathlib import Path
import numpy as np
from engine.takes import Event, Recorder, TakeWriter
recorder = Recorder(TakeWriter(Path(sys.argv[1]), 48_000))
sound = np.random.default_rng(1).uniform(-1, 1, size=(48_000 * 60, 2)).astype(np.float32)
for number in range(3000):
    recorder.note({"event": "play", "number": number})
    recorder.write(sound[number * 960 : (number + 1) * 960])
    if recorder.seconds > 3:
        print(recorder.seconds, flush=True)
    time.sleep(0.002)
"""


@BOTH
@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_recording_that_is_killed_loses_less_than_a_second(tmp_path, suffix):
    path = tmp_path / f"take{suffix}"
    with subprocess.Popen([sys.executable, "-c", RECORD, path], stdout=subprocess.PIPE, text=True) as recording:
        assert recording.stdout
        written = float(recording.stdout.readline())
        assert recover_takes(tmp_path) == []  # somebody is at it
        recording.send_signal(signal.SIGKILL)
    assert recover_takes(tmp_path) == [path]
    sound = read(path)
    assert len(sound) / RATE > written - 1
    np.testing.assert_array_equal(
        sound,
        as_24_bits(np.random.default_rng(1).uniform(-1, 1, size=(48_000 * 60, 2)).astype(np.float32))[: len(sound)],
    )
    events = read_recipe(path)
    assert [event["number"] for event in events] == list(range(len(events)))
    assert len(events) > written / 0.02 - 51
    assert recover_takes(tmp_path) == []


def test_an_empty_recording_that_was_killed_leaves_nothing(tmp_path):
    for name in (".take.wav.part", ".take.flac.part"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / f"{name}.recipe.jsonl").write_bytes(b"")
    assert recover_takes(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_recovered_takes_do_not_replace_others(tmp_path):
    (tmp_path / "take.wav").write_bytes(b"mine")
    (tmp_path / ".take.wav.part").write_bytes(wav_header(RATE, 0) + bytes(6000))
    (tmp_path / ".take.wav.part.recipe.jsonl").write_bytes(json.dumps(EVENT).encode() + b"\n{")
    (take,) = recover_takes(tmp_path)
    assert take == tmp_path / "take 2.wav"
    assert (tmp_path / "take.wav").read_bytes() == b"mine"
    assert len(read(take)) == 1000
    assert read_recipe(take) == [EVENT]


@BOTH
def test_a_full_disk_ends_the_take_and_keeps_what_was_written(tmp_path, suffix, disk_full_beyond):
    path = tmp_path / f"take{suffix}"
    sound = noise(RATE * 4)
    with disk_full_beyond(500_000):
        recorder = Recorder(TakeWriter(path, RATE))
        recorder.note(EVENT)
        for block in np.split(sound, 200):
            recorder.write(block)
        recorder.close()
    assert f"the take {path} ended: the disk is full" in recorder.failure
    kept = read(path)
    assert len(kept) > 60_000
    assert f"; the {len(kept) / RATE:.1f} seconds before that are in it" in recorder.failure
    np.testing.assert_array_equal(kept, as_24_bits(sound)[: len(kept)])
    assert read_recipe(path) == [EVENT]


@BOTH
def test_a_disk_that_is_full_from_the_start_keeps_nothing_and_says_so(tmp_path, suffix, disk_full_beyond):
    with disk_full_beyond(80):
        recorder = Recorder(TakeWriter(tmp_path / f"take{suffix}", RATE))
        for _ in range(100):
            recorder.write(noise(480))
        recorder.close()
    assert "ended: the disk is full; nothing is kept of it" in recorder.failure
    assert list(tmp_path.iterdir()) == []


@BOTH
def test_what_can_be_read_of_a_take_that_was_cut_off_is_kept_to_the_last_frame(tmp_path, suffix):
    """Nearly a whole block of the reader was once lost."""
    path, sound = tmp_path / f"take{suffix}", noise(5 * RATE)
    with TakeWriter(path, RATE) as writer:
        writer.note(EVENT)
        writer.write(sound)
    part = tmp_path / f".{path.name}.part"
    content = path.read_bytes()
    path.unlink()
    part.write_bytes(content[: len(content) * 3 // 4])
    (tmp_path / f"{path.name}.recipe.jsonl").rename(tmp_path / f"{part.name}.recipe.jsonl")
    if suffix == ".flac":
        set_flac_length(part, 0)
    assert recover_takes(tmp_path) == [path]
    kept = read(path)
    assert len(kept) > 0.7 * len(sound)
    np.testing.assert_array_equal(kept, as_24_bits(sound)[: len(kept)])


def test_a_take_does_not_replace_another(tmp_path):
    path = tmp_path / "take.wav"
    with TakeWriter(path, RATE) as writer:
        writer.note(EVENT)
        writer.write(noise(480))
        with pytest.raises(InputError, match="already; record under another name"):
            TakeWriter(path, RATE)
    before = path.read_bytes()
    with pytest.raises(InputError, match="already; record under another name"):
        TakeWriter(path, RATE)
    assert path.read_bytes() == before
    assert read_recipe(path) == [EVENT]


def test_a_disk_that_is_too_slow_ends_the_take_and_never_holds_up_the_engine(tmp_path, monkeypatch):
    writer = TakeWriter(tmp_path / "take.wav", RATE)
    write, begun, let_go = writer.write, threading.Event(), threading.Event()

    def slowly(sound):
        begun.set()
        let_go.wait()
        write(sound)

    monkeypatch.setattr(writer, "write", slowly)
    recorder = Recorder(writer)
    block = noise(240)
    recorder.write(block)
    begun.wait()
    while not recorder.failure:
        recorder.write(block)
    assert "too slow" in recorder.failure
    let_go.set()
    recorder.close()
    np.testing.assert_array_equal(read(tmp_path / "take.wav"), as_24_bits(block))


def test_a_wav_goes_beyond_four_gigabytes(tmp_path):
    """Without writing them: what lies between is a hole in the file."""
    frames = (5 << 30) // WAV_FRAME
    part = tmp_path / ".take.wav.part"
    with part.open("wb") as file:
        file.write(wav_header(RATE, 0))
        file.truncate(WAV_HEADER + frames * WAV_FRAME + 3)
    (tmp_path / ".take.wav.part.recipe.jsonl").write_text(json.dumps(EVENT) + "\n")
    (take,) = recover_takes(tmp_path)
    info = soundfile.info(take)
    assert (info.frames, info.format, info.samplerate, info.subtype) == (frames, "RF64", RATE, "PCM_24")
    (tmp_path / "take.wav.recipe.jsonl").unlink()
    assert read_recipe(take) == [EVENT]


def test_a_name_is_free_and_safe(tmp_path):
    first = new_take_path(tmp_path, "Pi/ano: the *best*", ".flac")
    assert first.parent == tmp_path
    assert not set(first.name) & set('/\\:*?"<>|')
    first.touch()
    second = new_take_path(tmp_path, "Pi/ano: the *best*", ".flac")
    assert second != first
    assert not second.exists()


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(InputError, match=r"must end in \.wav or \.flac"):
        TakeWriter(tmp_path / "take.mp3", RATE)
    for suffix in (".wav", ".flac"):
        with pytest.raises(InputError, match="cannot be recorded: No such file"):
            TakeWriter(Path(tmp_path / "nowhere" / f"take{suffix}"), RATE)
    assert not list(tmp_path.iterdir())
