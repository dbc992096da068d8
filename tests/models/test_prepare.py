"""What people notice of preparing recordings: everything usable is in the data set once and at its place, the
rest is named with its reason, and nothing is ever left half-made."""

import errno
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from models import prepare as prepare_module
from models.audio import stream_audio
from models.dataset import SPLITS, DataSet, Manifest
from models.errors import InputError
from models.prepare import HELD_OUT, prepare
from models.staging import MIN_SECONDS

FIXTURES = Path(__file__).parents[1] / "fixtures"
RATE = 16000


def noise(path: Path, seconds: float, level: float = 0.3, rate: int = RATE, seed: int = 0, dc: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.random.default_rng(seed).uniform(-level, level, round(seconds * rate))
    soundfile.write(path, sound - sound.mean() + dc, rate)
    return path


def placed(data: DataSet) -> dict[str, tuple[str, np.ndarray]]:
    """By source: the split it is in, and its samples there."""
    return {
        r.source: (split, data.pcm(split)[r.start : r.start + r.samples])
        for split in SPLITS
        for r in data.recordings(split)
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def data_set(tmp_path):
    prepare([FIXTURES], tmp_path / "data", 16_000)
    return tmp_path / "data"


# What comes out


def test_every_recording_is_at_its_place_to_the_bit(data_set):
    data = DataSet.open(data_set)
    found = placed(data)
    assert sorted(found) == sorted(map(str, FIXTURES.glob("*.flac")))
    for source, (_, samples) in found.items():
        original, rate = soundfile.read(source, dtype="int16")
        assert rate == data.rate
        assert np.array_equal(samples, original)


def test_the_manifest_describes_each_recording(data_set):
    data = DataSet.open(data_set)
    for recording in (r for split in SPLITS for r in data.recordings(split)):
        original, rate = soundfile.read(recording.source)
        mean = original.mean()
        assert recording.name == Path(recording.source).name
        assert recording.seconds == pytest.approx(len(original) / rate)
        assert recording.peak_dbfs == pytest.approx(20 * math.log10(np.abs(original - mean).max()), abs=0.01)
        assert recording.rms_dbfs == pytest.approx(20 * math.log10(original.std()), abs=0.01)
        assert recording.dc == pytest.approx(mean, abs=1e-5)
    given = sum(soundfile.info(path).duration for path in FIXTURES.glob("*.flac"))
    assert sum(map(data.seconds, SPLITS)) == pytest.approx(given)


def test_formats_rates_and_channels_mix(tmp_path):
    time = np.arange(3 * 44100) / 44100
    stereo = 0.4 * np.stack([np.sin(2000 * time), np.sin(3000 * time)], axis=1)
    (tmp_path / "in").mkdir()
    for name in ["a.wav", "b.flac", "c.ogg", "d.mp3", "e.aiff"]:
        soundfile.write(tmp_path / "in" / name, stereo, 44100)
    prepare([tmp_path / "in"], tmp_path / "data", 22050)
    data = DataSet.open(tmp_path / "data")
    assert data.rate == 22050
    time = np.arange(3 * 22050) / 22050
    mono = 0.2 * (np.sin(2000 * time) + np.sin(3000 * time))
    found = placed(data)
    assert len(found) == 5
    for _, samples in found.values():
        assert len(samples) == len(mono)
        assert np.abs(samples / 32768 - mono)[2000:-2000].max() < 0.05


def test_twice_is_the_same_wherever_the_files_are(tmp_path, data_set):
    shutil.copytree(FIXTURES, tmp_path / "copy")
    prepare([tmp_path / "copy"], tmp_path / "again", 16_000)
    assert DataSet.open(tmp_path / "again").fingerprint == DataSet.open(data_set).fingerprint
    for split in SPLITS:
        assert (tmp_path / "again" / f"{split}.pcm").read_bytes() == (data_set / f"{split}.pcm").read_bytes()


def test_the_fingerprint_tells_other_data_apart(tmp_path, data_set):
    files = sorted(FIXTURES.glob("*.flac"))
    prepare([FIXTURES], tmp_path / "rate", 8000)
    prepare(files[1:], tmp_path / "fewer", 16_000)
    prepare(files[::-1], tmp_path / "order", 16_000)
    sets = [data_set, tmp_path / "rate", tmp_path / "fewer", tmp_path / "order"]
    assert len({DataSet.open(path).fingerprint for path in sets}) == len(sets)


def test_progress_counts_up_to_the_end(tmp_path):
    calls: list[tuple[int, int, str]] = []
    prepare([FIXTURES], tmp_path / "data", 16_000, progress=lambda *call: calls.append(call))
    assert [done for done, _, _ in calls] == list(range(11))
    assert {total for _, total, _ in calls} == {10}
    assert calls[0][2] == str(FIXTURES / "cc0_ambi_choir.flac")


# What is checked


def test_what_cannot_be_used_is_named_with_its_reason(tmp_path):
    folder = tmp_path / "in"
    good = noise(folder / "good.wav", 3)
    noise(folder / "short.wav", 0.9)
    noise(folder / "silent.wav", 3, level=0.0005)
    noise(folder / "offset only.wav", 3, level=0, dc=0.5)
    shutil.copy(good, folder / "twin.wav")
    (folder / "text.wav").write_text("not sound")
    (folder / "empty.flac").touch()
    soundfile.write(folder / "nan.wav", np.full(3 * RATE, np.nan), RATE, subtype="FLOAT")
    flac = (FIXTURES / "cc0_guit_em9.flac").read_bytes()
    (folder / "half.flac").write_bytes(flac[: len(flac) // 2])
    left = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * RATE)
    soundfile.write(folder / "opposite.wav", np.stack([left, -left], axis=1), RATE)
    (folder / "link.wav").symlink_to(good)
    manifest = prepare([folder], tmp_path / "data", 16_000)
    reasons = {Path(skipped.source).name: skipped.reason for skipped in manifest.skipped}
    expected = {
        "short.wav": "too short: 0.90 s",
        "silent.wav": "silence",
        "offset only.wav": "silence",
        "opposite.wav": "silence",
        "twin.wav": "the same file as",
        "link.wav": "the same file as",
        "text.wav": "WAV, FLAC, OGG, MP3 and AIFF",
        "empty.flac": "empty",
        "nan.wav": "not numbers",
        "half.flac": "damaged",
    }
    assert reasons.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in reasons[name]
    assert placed(DataSet.open(tmp_path / "data")).keys() == {str(good)}
    assert DataSet.open(tmp_path / "data").manifest == manifest


def test_an_offset_is_removed_and_reported_a_tiny_one_is_left_alone(tmp_path):
    offset = noise(tmp_path / "offset.wav", 2, dc=-0.05)
    tiny = noise(tmp_path / "tiny.wav", 2, dc=0.001, seed=1)
    prepare([offset, tiny], tmp_path / "data", 16_000)
    data = DataSet.open(tmp_path / "data")
    warnings = {r.source: r.warnings for split in SPLITS for r in data.recordings(split)}
    found = placed(data)
    [warning] = warnings[str(offset)]
    assert "offset (DC) of -0.0500" in warning
    assert abs(found[str(offset)][1].mean()) <= 0.5
    assert not warnings[str(tiny)]
    assert np.array_equal(found[str(tiny)][1], soundfile.read(tiny, dtype="int16")[0])


def test_clipping_is_reported_and_kept(tmp_path):
    time = np.arange(2 * 44100) / 44100
    for name, level in [("loud", 1.5), ("full", 1.0)]:
        soundfile.write(tmp_path / f"{name}.wav", (level * np.sin(2800 * time)).clip(-1, 1), 44100)
    data_set = prepare([tmp_path], tmp_path / "data", 16_000)
    warnings = {r.name: r.warnings for split in SPLITS for r in data_set.splits[split]}
    assert "clipped" in warnings["loud.wav"][0]
    assert warnings["full.wav"] == ()
    clipped = {r.name: r.clipped for split in SPLITS for r in data_set.splits[split]}
    assert clipped["loud.wav"] > 1000
    assert clipped["full.wav"] == 0


def test_the_share_of_silence_is_measured(tmp_path):
    """Of stretches of a twentieth of a second, whatever the offset."""
    sound = np.random.default_rng(0).uniform(-0.3, 0.3, 4 * RATE)
    sound[RATE:] = 0.0005
    for name, offset in (("half.wav", 0), ("offset.wav", 0.1)):
        soundfile.write(tmp_path / name, np.concatenate([sound, sound[:RATE]]) + offset, RATE)
    manifest = prepare([tmp_path], tmp_path / "data", 16_000)
    shares = [r.silence for split in SPLITS for r in manifest.splits[split]]
    assert shares == [0.6, 0.6]


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always UTF-8")
def test_any_name_will_do(tmp_path):
    names = ["Für Elise.wav", '月光 "1".wav', os.fsdecode(b"caf\xe9.wav")]
    for seed, name in enumerate(names):
        noise(tmp_path / "in" / "a.wav", 2, seed=seed).rename(tmp_path / "in" / name)
    prepare([tmp_path / "in"], tmp_path / "data", 16_000)
    assert placed(DataSet.open(tmp_path / "data")).keys() == {str(tmp_path / "in" / name) for name in names}


# Splitting


def test_a_tenth_of_the_time_each_is_held_out_of_many(tmp_path):
    for seed in range(40):
        noise(tmp_path / "in" / f"{seed}.wav", 1 + seed / 40, rate=4000, seed=seed)
    prepare([tmp_path / "in"], tmp_path / "data", 4000)
    data = DataSet.open(tmp_path / "data")
    total = sum(map(data.seconds, SPLITS))
    assert data.seconds("valid") / total == pytest.approx(HELD_OUT, abs=0.03)
    assert data.seconds("test") / total == pytest.approx(HELD_OUT, abs=0.03)


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.integers(3000, 60_000), min_size=2, max_size=12))
def test_every_sample_is_in_exactly_one_split(tmp_path_factory, lengths):
    folder = tmp_path_factory.mktemp("property")
    files = [noise(folder / f"{i}.wav", n / 4000, rate=4000, seed=i) for i, n in enumerate(lengths)]
    usable = {str(path): soundfile.read(path, dtype="int16")[0] for path in files}
    usable = {source: samples for source, samples in usable.items() if len(samples) >= MIN_SECONDS * 4000}
    if not usable:
        with pytest.raises(InputError, match="nothing to train on"):
            prepare(files, folder / "data", 4000)
        return
    prepare(files, folder / "data", 4000)
    data = DataSet.open(folder / "data")
    if len(usable) == 1:
        [whole] = usable.values()
        assert np.array_equal(np.concatenate([data.pcm("train"), data.pcm("valid")]), whole)
        return
    found = placed(data)
    assert sum(len(data.recordings(split)) for split in SPLITS) == len(found)
    assert found.keys() == usable.keys()
    assert all(np.array_equal(found[source][1], samples) for source, samples in usable.items())
    assert sum(len(data.pcm(split)) for split in SPLITS) == sum(map(len, usable.values()))
    assert data.recordings("valid")
    total = sum(map(data.seconds, SPLITS))
    assert data.seconds("valid") <= max(2 * HELD_OUT * total, min(map(len, usable.values())) / 4000)
    assert data.seconds("test") <= 2 * HELD_OUT * total


def test_of_two_recordings_the_short_one_is_held_out(tmp_path):
    long, short = noise(tmp_path / "long.wav", 60), noise(tmp_path / "short.wav", 2)
    prepare([long, short], tmp_path / "data", 16_000)
    assert {source: split for source, (split, _) in placed(DataSet.open(tmp_path / "data")).items()} == {
        str(long): "train",
        str(short): "valid",
    }


def test_of_one_recording_the_last_tenth_is_held_out_and_the_manifest_says_so(tmp_path):
    only = noise(tmp_path / "only.wav", 5.0001)
    manifest = prepare([only], tmp_path / "data", 16_000)
    data = DataSet.open(tmp_path / "data")
    samples = soundfile.read(only, dtype="int16")[0]
    assert np.array_equal(data.pcm("train"), samples[:-8000])
    assert np.array_equal(data.pcm("valid"), samples[-8000:])
    assert len(data.pcm("test")) == 0
    assert "last tenth" in manifest.notes[0]


def test_folders_named_after_the_splits_are_taken_as_they_are(tmp_path):
    given_splits = {}
    for seed, split in enumerate(["train", "train", "valid", "valid", "test"]):
        path = noise(tmp_path / "in" / split / "deeper" / f"{seed}.wav", 2, seed=seed)
        given_splits[str(path)] = split
    given_splits[str(noise(tmp_path / "in" / "loose.wav", 2, seed=9))] = "train"
    shutil.copytree(tmp_path / "in" / "test", tmp_path / "in" / "train" / "leak")
    manifest = prepare([tmp_path / "in"], tmp_path / "data", 16_000)
    found = placed(DataSet.open(tmp_path / "data"))
    assert {source: split for source, (split, _) in found.items()} == given_splits
    assert [Path(skipped.source).parts[-4:-1] for skipped in manifest.skipped] == [("train", "leak", "deeper")]
    assert manifest.notes == ()


def test_without_a_folder_for_valid_it_is_drawn_from_train(tmp_path):
    for seed in range(10):
        noise(tmp_path / "in" / "train" / f"{seed}.wav", 2, seed=seed)
    test = noise(tmp_path / "in" / "test" / "a.wav", 2, seed=10)
    manifest = prepare([tmp_path / "in"], tmp_path / "data", 16_000)
    assert [len(manifest.splits[split]) for split in SPLITS] == [9, 1, 1]
    assert manifest.splits["test"][0].source == str(test)
    assert "drawn from train" in manifest.notes[0]


# What is refused, and what is left behind: nothing


def test_nothing_usable_is_refused_with_counts_and_reasons(tmp_path):
    for i in range(5):
        noise(tmp_path / "in" / f"{i}.wav", 0.5, seed=i)
    with pytest.raises(InputError, match=r"5 of 5 files are unusable .*0\.wav: too short.* and 2 more") as refusal:
        prepare([tmp_path / "in"], tmp_path / "data", 16_000)
    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("rate", [0, -16000, 1_000_000])
def test_an_absurd_rate_is_refused(tmp_path, rate):
    with pytest.raises(InputError, match="rate"):
        prepare([FIXTURES], tmp_path / "data", rate)


def test_no_sound_or_no_such_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no sound files in"):
        prepare([tmp_path], tmp_path / "data", 16_000)
    with pytest.raises(InputError, match="no such file or folder"):
        prepare([FIXTURES, tmp_path / "musci"], tmp_path / "data", 16_000)


def test_a_data_set_is_replaced_by_the_next(tmp_path, data_set):
    mapped = DataSet.open(data_set).pcm("train")
    before = mapped.copy()
    prepare([FIXTURES], data_set, 8000)
    assert DataSet.open(data_set).rate == 8000
    assert np.array_equal(mapped, before)  # who has it open keeps the old one
    assert os.listdir(tmp_path) == ["data"]


def test_an_empty_folder_and_a_link_will_do(tmp_path):
    (tmp_path / "disk" / "data").mkdir(parents=True)
    (tmp_path / "data").symlink_to(tmp_path / "disk" / "data")
    prepare([FIXTURES], tmp_path / "data", 16_000)
    assert (tmp_path / "data").is_symlink()
    assert DataSet.open(tmp_path / "disk" / "data").seconds("train") > 0


def _a_file(out: Path) -> None:
    out.write_text("mine")


def _other_files(out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("mine")


def _another_manifest(out: Path) -> None:
    out.mkdir()
    (out / "manifest.json").write_text("{}")


def _more_than_a_data_set(out: Path) -> None:
    prepare([FIXTURES], out, 16_000)
    (out / "run").mkdir()


def _only_pcm(out: Path) -> None:
    out.mkdir()
    (out / "train.pcm").write_bytes(b"mine")


@pytest.mark.parametrize("make", [_a_file, _other_files, _another_manifest, _more_than_a_data_set, _only_pcm])
def test_what_is_not_a_data_set_is_not_overwritten(tmp_path, make):
    make(tmp_path / "data")
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"not \(only\) a data set"):
        prepare([FIXTURES], tmp_path / "data", 16_000)
    assert contents(tmp_path) == before


def interrupt(done: int, total: int, name: str) -> None:
    if done == 5:
        raise KeyboardInterrupt


def test_interrupted_it_leaves_the_old_data_set_and_goes_on_where_it_was(tmp_path, data_set, monkeypatch):
    before = contents(data_set)
    expected = prepare([FIXTURES], tmp_path / "expected", 8000)
    for out in (data_set, tmp_path / "new"):
        with pytest.raises(KeyboardInterrupt):
            prepare([FIXTURES], out, 8000, interrupt)
        assert contents(data_set) == before
        assert not (tmp_path / "new").exists()
        read: list[Path] = []

        def counted(path: Path, *given, read=read, **options):
            read.append(path)
            return stream_audio(path, *given, **options)

        monkeypatch.setattr("models.staging.stream_audio", counted)
        assert prepare([FIXTURES], out, 8000) == expected
        assert len(read) == 5
        assert contents(out) == contents(tmp_path / "expected")
        prepare([FIXTURES], data_set, 16_000)
    assert sorted(os.listdir(tmp_path)) == ["data", "expected", "new"]


def test_what_was_read_before_is_used_only_if_it_is_still_that(tmp_path, monkeypatch):
    """A file that changed, staged samples that changed or went, half a line: all are read again."""
    for seed in range(10):
        noise(tmp_path / "in" / f"{seed}.wav", 2, seed=seed)
    with pytest.raises(KeyboardInterrupt):
        prepare([tmp_path / "in"], tmp_path / "data", rate=16_000, progress=interrupt)
    staging = tmp_path / ".data.staged"
    one, two, *others = sorted(staging.glob("*.pcm"))
    assert len(others) == 3
    one.write_bytes(one.read_bytes()[:-2] + b"xx")
    two.unlink()
    journal = staging / "journal.jsonl"
    journal.write_text(journal.read_text()[:-20])
    noise(tmp_path / "in" / "0.wav", 2, seed=100)
    manifest = prepare([tmp_path / "in"], tmp_path / "data", 16_000)
    assert prepare([tmp_path / "in"], tmp_path / "fresh", 16_000) == manifest
    assert contents(tmp_path / "data") == contents(tmp_path / "fresh")
    with pytest.raises(KeyboardInterrupt):
        prepare([tmp_path / "in"], tmp_path / "data", 8000, progress=interrupt)
    assert prepare([tmp_path / "in"], tmp_path / "data", 16_000) == manifest  # at another rate, nothing of it
    assert contents(tmp_path / "data") == contents(tmp_path / "fresh")


def test_interrupted_while_it_takes_its_place_the_old_one_comes_back(tmp_path, data_set, monkeypatch):
    before = contents(data_set)
    rename = Path.rename

    def interrupted(self, target):
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare([FIXTURES], data_set, 8000)
    assert contents(data_set) == before


def test_killed_while_it_takes_its_place_nothing_is_lost(tmp_path, data_set):
    before = contents(data_set)
    (tmp_path / ".data.staged" / "new").mkdir(parents=True)
    data_set.rename(tmp_path / ".data.staged" / "old")
    with pytest.raises(InputError, match="nothing to train on"):
        prepare([noise(tmp_path / "short.wav", 0.5)], data_set, 16_000)
    assert contents(data_set) == before


def test_however_many_processes_and_killed_it_is_the_same(tmp_path):
    """Nor does a process of it go on when the first is killed."""
    for seed in range(12):
        noise(tmp_path / "in" / f"{seed}.wav", 2, seed=seed)
    (tmp_path / "in" / "text.wav").write_text("not sound")
    prepare([tmp_path / "in"], tmp_path / "expected", 16_000)
    root = Path(__file__).parents[2]
    command = [sys.executable, str(root / "main.py"), "prepare", str(tmp_path / "in")]
    options = ["-o", str(tmp_path / "data"), "--jobs", "3", "--rate", "16000", "--json"]
    os.mkfifo(tmp_path / "endless.wav")  # to read it takes until somebody writes to it
    endless = [*command, str(tmp_path / "endless.wav"), *options]
    with subprocess.Popen(endless, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as killed:
        assert killed.stderr is not None
        assert [json.loads(killed.stderr.readline())["done"] for _ in range(14)] == [*range(14)]
        with pytest.raises(InputError, match=f"being prepared already, by process {killed.pid}"):
            prepare([tmp_path / "in"], tmp_path / "data", 16_000)
        killed.kill()
        killed.stderr.read()  # until all of them are gone
    (tmp_path / "endless.wav").unlink()
    assert len([*(tmp_path / ".data.staged").glob("*.pcm")]) == 12
    ended = subprocess.run([*command, *options], capture_output=True, text=True, timeout=100, check=True)
    *progress, remark = ended.stderr.splitlines()
    assert [json.loads(line) for line in progress][-1] == {"done": 13, "total": 13, "next": ""}
    assert remark.startswith("left out ")
    assert json.loads(ended.stdout)["skipped"] == 1
    assert contents(tmp_path / "data") == contents(tmp_path / "expected")
    assert sorted(os.listdir(tmp_path)) == ["data", "expected", "in"]


@pytest.mark.skipif(sys.platform == "darwin", reason="it has no /dev/full")
def test_a_full_disk_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_module, "MANIFEST", "/dev/full")
    with pytest.raises(InputError, match=f"{os.strerror(errno.ENOSPC)}: free some space") as refusal:
        prepare([FIXTURES], tmp_path / "data", 16_000)
    assert "\n" not in str(refusal.value)
    assert os.listdir(tmp_path) == []


def in_a_process_of_its_own(script: str, *arguments: object) -> str:
    prelude = "import resource, sys\nfrom pathlib import Path\nfrom models.prepare import *\n"
    command = [sys.executable, "-c", prelude + script, *map(str, arguments)]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("bytes_a_file", [100_000, 1_000_000])  # too few for a recording; for train.pcm
def test_a_disk_that_takes_no_more_leaves_nothing_behind(tmp_path, data_set, bytes_a_file):
    before = contents(tmp_path)
    script = """
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    prepare([Path(sys.argv[1])], Path(sys.argv[2]), 16_000)
except InputError as error:
    print(error)
"""
    for out in (data_set, tmp_path / "new"):
        told = in_a_process_of_its_own(script, FIXTURES, out, bytes_a_file)
        assert told == f"cannot write the data set {out}: {os.strerror(errno.EFBIG)}\n"
        assert contents(tmp_path) == before
        assert os.listdir(tmp_path) == ["data"]


def test_memory_does_not_grow_with_the_recordings(tmp_path):
    with soundfile.SoundFile(tmp_path / "long.wav", "w", RATE, 1, "PCM_16") as file:
        for _ in range(20):
            file.write(np.random.default_rng(0).uniform(-0.5, 0.5, 60 * RATE))
    script = """
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
before = peak()
prepare([Path(sys.argv[1])], Path(sys.argv[2]), 16_000)
print(peak() - before)
"""
    grown = int(in_a_process_of_its_own(script, tmp_path / "long.wav", tmp_path / "data"))
    assert grown < 0.5 * (tmp_path / "data" / "train.pcm").stat().st_size


# Opening


def _no_folder(data: Path) -> None:
    shutil.rmtree(data)


def _no_manifest(data: Path) -> None:
    (data / "manifest.json").unlink()


def _no_pcm(data: Path) -> None:
    (data / "valid.pcm").unlink()


def _short_pcm(data: Path) -> None:
    os.truncate(data / "train.pcm", 1000)


def _long_pcm(data: Path) -> None:
    with (data / "test.pcm").open("ab") as file:
        file.write(b"\0\0")


def _no_text(data: Path) -> None:
    (data / "manifest.json").write_bytes(b"\xff\xfe")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_no_folder, "not a data set; make one with"),
        (_no_manifest, "not a data set; make one with"),
        (_no_pcm, r"valid\.pcm: No such file"),
        (_short_pcm, r"train\.pcm has 1000 bytes, not"),
        (_long_pcm, r"test\.pcm has"),
        (_no_text, "prepare the data set again"),
    ],
)
def test_a_damaged_data_set_is_refused_in_one_clear_line(data_set, damage, says):
    damage(data_set)
    with pytest.raises(InputError, match=says) as refusal:
        DataSet.open(data_set)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "package"}, "not the manifest of a data set"),
        ({"version": 2}, "format version 2, this program reads 1"),
        ({"rate": "fast"}, "damaged"),
        ({"rate": 0}, "damaged"),
        ({"splits": {}}, "damaged"),
        ({"splits": []}, "damaged"),
        ({"skipped": [{"source": "a"}]}, "damaged"),
        ({"notes": None}, "damaged"),
    ],
)
def test_an_edited_manifest_is_refused_in_one_clear_line(data_set, changes, says):
    path = data_set / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(InputError, match=says) as refusal:
        DataSet.open(data_set)
    assert "\n" not in str(refusal.value)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_half_a_manifest_is_never_taken_for_a_whole(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "manifest"
    if not folder.exists():
        prepare([FIXTURES / "cc0_ambi_piano.flac"], folder, 16_000)
    text = (folder / "manifest.json").read_text()
    with pytest.raises(ValueError, match=r"."):
        Manifest.from_json(text[: data.draw(st.integers(0, len(text) - 1))])


def test_opened_samples_are_mapped_and_cannot_be_written(data_set):
    pcm = DataSet.open(data_set).pcm("train")
    assert isinstance(pcm, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        pcm[0] = 1
