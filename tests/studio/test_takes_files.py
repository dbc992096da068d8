"""Takes on disk: what is read of them, and how they are renamed, deleted, brought back and converted."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.takes import recipe_beside
from models.errors import InputError
from studio import trash
from studio.takes import words
from studio.takes.changes import KEPT_SECONDS, OWN_TRASH, delete, empty_own_trash, free, rename, restore
from studio.takes.convert import FORMATS, Format, convert
from studio.takes.files import read_header, scan
from studio.takes.pictures import file_peaks
from tests.studio.takes import NEW_YEAR, RATE, make_take

BOTH = pytest.mark.parametrize("suffix", [".flac", ".wav"])


@pytest.fixture(autouse=True)
def _trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_only_what_sounds_and_is_not_hidden_is_a_take(tmp_path):
    make_take(tmp_path / "one.flac")
    make_take(tmp_path / "two.wav")
    for name in (".three.flac", ".four.flac.part", "five.txt", "six.recipe.jsonl"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "seven.flac").mkdir()
    (tmp_path / "eight.ogg").symlink_to(tmp_path / "nowhere")
    found = {take.name: take for take in scan(tmp_path)}
    assert sorted(found) == ["one", "two"]
    assert found["one"].size == (tmp_path / "one.flac").stat().st_size
    assert found["one"].changed == NEW_YEAR * 1_000_000_000
    assert list(scan(tmp_path / "nowhere")) == []
    with pytest.raises(NotADirectoryError):
        list(scan(tmp_path / "five.txt"))


@BOTH
@pytest.mark.parametrize("beside", [True, False])
def test_a_take_says_what_it_is(tmp_path, suffix, beside):
    path = make_take(tmp_path / f"take{suffix}", 0.5, "Night music")
    if not beside:
        recipe_beside(path).unlink()
    header = read_header(path)
    assert (header.seconds, header.rate, header.channels, header.style) == (0.5, RATE, 2, "Night music")
    assert header.coding == ("FLAC, 24 bit" if suffix == ".flac" else "WAV, 24 bit")
    assert header.trouble == ""


def test_the_style_of_a_kept_take_comes_after_what_part_of_the_recipe_it_is(tmp_path):
    path = make_take(tmp_path / "take.flac")
    head, strip = recipe_beside(path).read_text().splitlines()
    part = json.dumps({"event": "part", "from": 10, "to": 20})
    recipe_beside(path).write_text(f"{head}\n{part}\n{strip}\n")
    assert read_header(path).style == "Piano"


def test_of_a_recording_from_elsewhere_the_style_is_unknown(fixtures):
    header = read_header(fixtures / "cc0_ambi_piano.flac")
    assert (header.style, header.trouble, header.rate, header.channels) == ("", "", 16_000, 1)
    assert header.seconds is not None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[1]\n",
        b'{"event":"strip"}\n',
        b'{"event":"strip","style":{"name":1}}\n',
        b"\xff\n",
        b"[" * 10**5,
    ],
)
def test_a_damaged_recipe_makes_the_style_unknown_and_the_take_no_worse(tmp_path, content):
    path = make_take(tmp_path / "take.wav")
    recipe_beside(path).write_bytes(content)
    header = read_header(path)
    assert (header.style, header.trouble, header.seconds) == ("", "", 0.25)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [(b"", "empty"), (b"nonsense", "damaged"), (b"fLaC" + bytes(50), "damaged"), (None, "no longer there")],
)
def test_what_cannot_be_heard_says_why(tmp_path, content, trouble):
    path = tmp_path / "take.flac"
    if content is not None:
        path.write_bytes(content)
    assert trouble in read_header(path).trouble
    assert file_peaks(path, 10, 100)[1] == 0


def test_a_take_without_a_sample_says_so(tmp_path):
    soundfile.write(tmp_path / "take.wav", np.zeros((0, 2)), RATE)
    assert read_header(tmp_path / "take.wav").trouble == "There is no sound in it"


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".ogg", ".mp3"])
def test_the_picture_shows_where_it_is_loud_and_nothing_is_left_out(tmp_path, suffix):
    sound = np.zeros((RATE, 2), np.float32)
    sound[RATE // 2 : RATE // 2 + 4800] = np.sin(np.arange(4800) / 20)[:, None] * 0.7
    path = tmp_path / f"take{suffix}"
    soundfile.write(path, sound, RATE)
    peaks, read = file_peaks(path, 20, RATE)
    assert (len(peaks), read) == (20, 1)
    assert np.flatnonzero(peaks.high > 0.3).tolist() == [10, 11]
    assert peaks.low.min() == pytest.approx(-0.7, abs=0.1)


def test_of_a_long_recording_only_so_much_is_looked_at(tmp_path, monkeypatch):
    path = make_take(tmp_path / "take.flac", 2.0)
    looked_at = 0

    def read(self, frames, *rest, **named):
        nonlocal looked_at
        looked_at += frames
        return real(self, frames, *rest, **named)

    real = soundfile.SoundFile.read
    monkeypatch.setattr(soundfile.SoundFile, "read", read)
    peaks, read_share = file_peaks(path, 50, 400)
    assert looked_at == 50 * 400
    assert read_share == 1
    assert peaks.high.min() > 0.45


def test_what_is_missing_of_a_damaged_recording_is_silent(tmp_path):
    path = make_take(tmp_path / "take.flac", 4.0)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert read_header(path).trouble == ""
    peaks, read = file_peaks(path, 40, RATE)
    assert len(peaks) == 40
    assert 0.1 < read < 0.9
    assert peaks.high[2] > 0.4
    assert peaks.high[-1] == 0


def test_lengths_sizes_and_dates_are_told_as_people_do():
    assert [words.length(seconds) for seconds in (None, 0, 5.23, 59.99, 72.4, 3671)] == [
        "", "0:00.0", "0:05.2", "1:00.0", "1:12", "1:01:11",
    ]  # fmt: skip
    assert [words.size(count) for count in (9, 999, 1000, 811_600, 1_440_000, 123_000_000, 2_500_000_000)] == [
        "9 B", "999 B", "1 kB", "812 kB", "1.4 MB", "123 MB", "2.5 GB",
    ]  # fmt: skip
    now = datetime(2026, 3, 1, 0, 30)
    told = [words.date(round(then.timestamp() * 1e9), now) for then in (
        datetime(2026, 3, 1, 0, 5), datetime(2026, 2, 28, 23, 59), datetime(2025, 5, 3, 7, 8)
    )]  # fmt: skip
    assert told == ["Today, 00:05", "Yesterday, 23:59", "3 May 2025, 07:08"]
    assert [words.takes(count) for count in (1, 2, 10_000)] == ["1 take", "2 takes", "10,000 takes"]


@BOTH
def test_a_take_is_renamed_with_its_recipe(tmp_path, suffix):
    path = make_take(tmp_path / f"old.name{suffix}")
    new = rename(path, " nächtens 2. ".replace(". ", " "))
    assert new == tmp_path / f"nächtens 2{suffix}"
    assert files_in(tmp_path) == [f"nächtens 2{suffix}", f"nächtens 2{suffix}.recipe.jsonl"]
    assert read_header(new).style == "Piano"
    assert rename(new, "nächtens 2") == new


def test_a_name_that_is_taken_is_refused_and_nothing_is_lost(tmp_path):
    path = make_take(tmp_path / "one.flac", 0.25)
    make_take(tmp_path / "two.flac", 0.5)
    (tmp_path / "three.flac.recipe.jsonl").write_text("not its own")
    before = files_in(tmp_path)
    for name in ("two", "three"):
        with pytest.raises(InputError, match=f"named {name} already"):
            rename(path, name)
    assert files_in(tmp_path) == before
    assert [read_header(tmp_path / f"{name}.flac").seconds for name in ("one", "two")] == [0.25, 0.5]


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\\b", "what?", ".hidden", "end.", "a\nb", "a\x00b", "ü" * 130])
def test_an_impossible_name_is_refused(tmp_path, name):
    path = make_take(tmp_path / "one.flac")
    with pytest.raises(InputError, match=r"name"):
        rename(path, name)
    assert files_in(tmp_path) == ["one.flac", "one.flac.recipe.jsonl"]


def test_where_only_the_sound_could_be_renamed_neither_is(tmp_path, monkeypatch):
    path = make_take(tmp_path / "one.flac")
    real = Path.rename

    def refuse(self, target):
        if self.name.endswith(".jsonl"):
            raise PermissionError(13, "no")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match="cannot be renamed: no"):
        rename(path, "two")
    assert files_in(tmp_path) == ["one.flac", "one.flac.recipe.jsonl"]


def test_a_take_that_is_gone_cannot_be_renamed_and_that_is_said(tmp_path):
    with pytest.raises(InputError, match="no longer there"):
        rename(tmp_path / "one.flac", "two")


def in_trash(tmp_path: Path) -> list[str]:
    return files_in(tmp_path / "data")


@BOTH
def test_a_deleted_take_is_in_the_trash_and_comes_back_whole(tmp_path, suffix):
    takes = tmp_path / "takes"
    path = make_take(takes / f"one{suffix}")
    content, recipe = path.read_bytes(), recipe_beside(path).read_bytes()
    deleted = delete(path)
    assert files_in(takes) == []
    assert f"Trash/files/one{suffix}" in in_trash(tmp_path)
    assert restore(deleted) == [path, recipe_beside(path)]
    assert (path.read_bytes(), recipe_beside(path).read_bytes()) == (content, recipe)
    assert in_trash(tmp_path) == []


def test_what_comes_back_does_not_take_the_place_of_another(tmp_path):
    path = make_take(tmp_path / "takes" / "one.flac", 0.25)
    deleted = delete(path)
    make_take(path, 0.5)
    back = restore(deleted)[0]
    assert back.name == "one 2.flac"
    assert [read_header(each).seconds for each in (path, back)] == [0.5, 0.25]
    assert recipe_beside(back).exists()


def no_trash(path: Path) -> Path:
    raise OSError("no trash here")


def test_where_there_is_no_trash_a_hidden_folder_keeps_it_for_a_month(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.takes.changes.to_trash", no_trash)
    path = make_take(tmp_path / "one.flac")
    deleted = delete(path)
    assert all(name.startswith(f"{OWN_TRASH}/") for name in files_in(tmp_path))
    empty_own_trash(tmp_path)
    assert len(files_in(tmp_path)) == 2
    assert restore(deleted)[0] == path
    assert files_in(tmp_path) == ["one.flac", "one.flac.recipe.jsonl"]
    delete(path)
    empty_own_trash(tmp_path, datetime.now().timestamp() + KEPT_SECONDS + 60)
    assert files_in(tmp_path) == []


def test_what_cannot_be_deleted_stays_where_it_was(tmp_path, monkeypatch):
    path = make_take(tmp_path / "one.flac")

    def refuse(path):
        if path.suffix == ".jsonl":
            raise FileNotFoundError(2, "gone")
        return real(path)

    real = trash.to_trash
    monkeypatch.setattr("studio.takes.changes.to_trash", refuse)
    with pytest.raises(OSError, match="gone"):
        delete(path)
    assert [name for name in files_in(tmp_path) if not name.startswith("data")] == ["one.flac", "one.flac.recipe.jsonl"]


def test_a_free_name_is_one_of_neither_a_sound_nor_a_recipe(tmp_path):
    path = tmp_path / "one.flac"
    assert free(path) == path
    make_take(path)
    (tmp_path / "one 2.flac.recipe.jsonl").touch()
    assert free(path) == tmp_path / "one 3.flac"


@BOTH
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.title)
def test_an_export_is_what_the_take_is(tmp_path, suffix, form: Format):
    path = make_take(tmp_path / f"take{suffix}", 1.0, level=0.9)
    fractions: list[float] = []
    target = tmp_path / f"made{form.suffix}"
    convert(path, target, form, fractions.append)
    want, _ = soundfile.read(path, dtype="int32")
    made, rate = soundfile.read(target, dtype="int32" if form.subtype.startswith("PCM") else "float64")
    assert (made.shape, rate) == (want.shape, RATE)
    assert soundfile.info(target).subtype == form.subtype
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    if form.bits == 24 and form.subtype == "PCM_24":
        assert (made == want).all()
    elif form.bits == 16:
        # rounded, with a noise of two steps at the most
        assert np.abs(made.astype(np.int64) - want).max() <= 1.5 * 2**16
        assert np.abs(np.mean(made.astype(np.int64) - want)) < 0.02 * 2**16
    else:
        assert np.abs(made - want / 2**31).max() < 0.05


def test_what_has_no_more_than_16_bits_is_exported_without_noise(tmp_path):
    sound = (np.sin(np.arange(5000) / 9) * 20_000).astype(np.int16)
    soundfile.write(tmp_path / "take.wav", sound, RATE)
    convert(tmp_path / "take.wav", tmp_path / "made.wav", FORMATS[1], lambda fraction: None)
    assert (soundfile.read(tmp_path / "made.wav", dtype="int16")[0] == sound).all()


def test_a_recording_in_floating_point_beyond_full_scale_is_clipped_not_wrapped(tmp_path):
    soundfile.write(tmp_path / "take.wav", np.array([0.5, 1.5, -1.5, -0.25]), RATE, "FLOAT")
    convert(tmp_path / "take.wav", tmp_path / "made.wav", FORMATS[0], lambda fraction: None)
    assert soundfile.read(tmp_path / "made.wav")[0] == pytest.approx([0.5, 1, -1, -0.25], abs=1e-6)


def test_an_export_that_is_stopped_leaves_nothing(tmp_path):
    class Stop(Exception):
        pass

    def stop(fraction: float) -> None:
        raise Stop

    path = make_take(tmp_path / "take.flac", 1.0)
    (tmp_path / "out").mkdir()
    with pytest.raises(Stop):
        convert(path, tmp_path / "out" / "made.wav", FORMATS[0], stop)
    assert files_in(tmp_path / "out") == []


def test_an_export_says_what_is_wrong(tmp_path):
    path = make_take(tmp_path / "take.flac", 4.0)
    with pytest.raises(InputError, match="gone is no longer there"):
        convert(path, tmp_path / "gone" / "made.wav", FORMATS[0], lambda fraction: None)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"damaged: only \d\.\d s of it"):
        convert(path, tmp_path / "made.wav", FORMATS[0], lambda fraction: None)
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"take\.flac cannot be written as WAV"):
        convert(path, tmp_path / "made.wav", FORMATS[0], lambda fraction: None)
    os.unlink(path)
    with pytest.raises(InputError, match=r"take\.flac is no longer there"):
        convert(path, tmp_path / "made.wav", FORMATS[0], lambda fraction: None)
    assert not (tmp_path / "made.wav").exists()
