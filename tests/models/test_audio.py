"""What people notice of reading sound: any file works, or one line says why not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audio import AudioError, Heading, find_audio, read_audio, read_heading, sounding, stream_audio
from models.errors import InputError

FIXTURES = Path(__file__).parents[1] / "fixtures"
RATE = 16000


def sine(rate: int, seconds: float = 2.0, hertz: float = 440.0, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def assert_is_sine(samples: np.ndarray, tolerance: float) -> None:
    """Away from the ends, where a resampler and a codec ring."""
    assert np.abs(samples - sine(RATE, len(samples) / RATE))[RATE // 4 : -RATE // 4].max() < tolerance


@pytest.mark.parametrize(
    ("name", "rate", "options", "tolerance"),
    [
        ("a.wav", 16000, {"subtype": "PCM_16"}, 1e-4),
        ("a.wav", 44100, {"subtype": "PCM_24"}, 1e-4),
        ("a.WAV", 96000, {"subtype": "FLOAT"}, 1e-4),
        ("a.wav", 22050, {"subtype": "PCM_U8"}, 0.02),
        ("a.flac", 48000, {}, 1e-4),
        ("a.aiff", 8000, {}, 1e-4),
        ("a.ogg", 44100, {}, 0.05),
        ("a.mp3", 44100, {}, 0.05),
        ("no suffix", 44100, {"format": "MP3"}, 0.05),
        ("a.opus", 48000, {"format": "OGG", "subtype": "OPUS"}, 0.05),
    ],
)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_any_format_rate_and_channels(tmp_path, name, rate, options, tolerance, channels):
    if channels > 2 and ("MP3" in options.values() or name.endswith("mp3")):
        pytest.skip("MP3 has two channels at most")
    sound = np.repeat(sine(rate)[:, None], channels, axis=1)
    soundfile.write(tmp_path / name, sound, rate, **options)
    samples = read_audio(tmp_path / name, RATE)
    assert samples.dtype == np.float32
    assert samples.shape == (2 * RATE,)
    assert_is_sine(samples, tolerance)


def test_channels_are_mixed_by_their_mean(tmp_path):
    left, right = sine(RATE, level=0.5), sine(RATE, level=0.25, hertz=300)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), RATE, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "a.wav", RATE) - (left + right) / 2).max() < 1e-6


def test_at_its_own_rate_a_file_is_read_to_the_bit():
    for path in FIXTURES.glob("*.flac"):
        pcm, rate = soundfile.read(path, dtype="int16")
        assert np.array_equal(read_audio(path, rate) * 32768, pcm)


@given(st.lists(st.floats(0, 1, width=32), max_size=20), st.integers(0, 9))
def test_sound_ends_where_it_is_quiet_for_good(levels, silent):
    level = np.array([*levels, *[0.0] * silent], np.float32)
    length = sounding(level)
    threshold = level.max(initial=0) * 10 ** (-50 / 20)
    assert np.all(level[length:] <= threshold)
    assert length == len(level) or (length > 0 and level[length - 1] > threshold)


def test_louder_than_full_scale_is_limited_to_it(tmp_path):
    soundfile.write(tmp_path / "a.wav", sine(44100, level=3), 44100, subtype="FLOAT")
    samples = read_audio(tmp_path / "a.wav", RATE)
    assert samples.min() == -1
    assert samples.max() == 1


@settings(max_examples=30, deadline=None)
@given(
    frames=st.integers(1, 150_000),
    rate=st.sampled_from([8000, 16000, 22050, 44100, 48000]),
    channels=st.integers(1, 3),
)
def test_the_length_is_kept_whatever_the_blocks(tmp_path_factory, frames, rate, channels):
    path = tmp_path_factory.getbasetemp() / "length.wav"
    soundfile.write(path, np.zeros((frames, channels)), rate)
    assert abs(len(read_audio(path, RATE)) - frames * RATE / rate) <= 1


def test_inspect_sees_the_file_as_it_is(tmp_path):
    sound = np.random.default_rng(0).uniform(-1, 1, (100_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype="FLOAT")
    seen: list[np.ndarray] = []
    for _ in stream_audio(tmp_path / "a.wav", RATE, inspect=seen.append):
        pass
    assert len(seen) > 1
    assert np.array_equal(np.concatenate(seen), sound)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_the_heading_is_what_the_file_is(tmp_path, suffix):
    soundfile.write(tmp_path / f"a.{suffix}", np.zeros((22_050, 2)), 44_100)
    assert read_heading(tmp_path / f"a.{suffix}") == Heading(44_100, 2, 22_050)


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac"])
def test_no_seam_between_blocks(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, sine(RATE, 20), RATE)  # several blocks
    assert np.abs(read_audio(path, RATE) - soundfile.read(path, dtype="float32")[0]).max() < 1e-6


def test_a_flac_that_does_not_say_how_long_it_is(tmp_path):
    """As one that was written to a pipe."""
    original = FIXTURES / "cc0_guit_em9.flac"
    data = bytearray(original.read_bytes())
    data[21] &= 0xF0  # the low 36 bits of bytes 18 to 25 are the number of samples; 0: not known
    data[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(data)
    whole = read_audio(original, RATE)
    assert read_heading(tmp_path / "a.flac").frames is None
    assert np.array_equal(read_audio(tmp_path / "a.flac", RATE), whole)


# From a moment on, and in stereo


@pytest.fixture(scope="module")
def chirps(tmp_path_factory):
    """Five seconds that are nowhere alike, left and right, in each kind of format."""
    rate, folder = 44_100, tmp_path_factory.mktemp("chirps")
    time = np.arange(5 * rate) / rate
    sound = np.stack([0.5 * np.sin(2 * np.pi * pitch * time * (1 + time)) for pitch in (100, 170)], axis=1)
    for suffix in ("wav", "flac", "aiff", "ogg", "mp3"):
        soundfile.write(folder / f"a.{suffix}", sound, rate)
        soundfile.write(folder / f"mono.{suffix}", sound[:, 0], rate)
    return folder


def streamed(path, rate, **options):
    return np.concatenate(list(stream_audio(path, rate, **options)))


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("stereo", [False, True])
def test_from_a_moment_on_it_is_what_the_whole_is_there(chirps, suffix, rate, stereo):
    path = chirps / f"a.{suffix}"
    whole = streamed(path, rate, stereo=stereo)
    for start in (1e-9, 0.1, 3.3, 4.999):
        part = streamed(path, rate, start=start, stereo=stereo)
        assert len(part) == len(whole) - round(start * rate)
        assert np.abs(part - whole[-len(part) :]).max() < 1e-6


@pytest.mark.parametrize("suffix", ["wav", "ogg"])
@pytest.mark.parametrize("start", [5.5, 100.0, 1e9])
def test_from_beyond_the_end_on_there_is_nothing(chirps, suffix, start):
    for stereo in (False, True):
        assert len(streamed(chirps / f"a.{suffix}", RATE, start=start, stereo=stereo)) == 0


def test_what_is_in_the_middle_of_an_hour_does_not_wait_for_what_is_before_it(tmp_path):
    with soundfile.SoundFile(tmp_path / "hour.wav", "w", 8000, 1, "PCM_U8") as file:
        for _ in range(60):
            file.write(np.zeros(60 * 8000, np.int16))
    seen: list[np.ndarray] = []
    next(stream_audio(tmp_path / "hour.wav", RATE, start=1800, inspect=seen.append))
    assert len(seen) == 1
    left = sum(map(len, stream_audio(tmp_path / "hour.wav", RATE, start=1800)))
    assert left == 1800 * RATE


def test_in_stereo_two_channels_stay_two_and_others_are_in_the_middle(chirps, tmp_path):
    for suffix in ("wav", "mp3"):
        pair = streamed(chirps / f"a.{suffix}", 48_000, stereo=True)
        assert np.abs(pair[:, 0] - pair[:, 1]).max() > 0.5
        mono = streamed(chirps / f"mono.{suffix}", 48_000, stereo=True)
        assert mono.shape == pair.shape
        assert np.array_equal(mono[:, 0], mono[:, 1])
        assert np.abs(mono[:, 0] - streamed(chirps / f"mono.{suffix}", 48_000)).max() == 0
    assert np.abs(pair.mean(axis=1) - streamed(chirps / "a.mp3", 48_000)).max() < 1e-5
    soundfile.write(tmp_path / "five.wav", np.stack([sine(RATE, level=0.1 * k) for k in range(5)], 1), RATE, "FLOAT")
    five = streamed(tmp_path / "five.wav", RATE, stereo=True)
    assert np.abs(five - np.repeat(sine(RATE, level=0.2)[:, None], 2, axis=1)).max() < 1e-6


# What is refused


def _missing(path: Path) -> None:
    pass


def _folder(path: Path) -> None:
    path.mkdir()


def _empty(path: Path) -> None:
    path.touch()


def _text(path: Path) -> None:
    path.write_text("Dear diary,\n" * 1000)


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(50_000))


def _no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0), RATE, format="WAV")


def _nan(path: Path) -> None:
    soundfile.write(path, np.full(RATE, np.nan), RATE, format="WAV", subtype="FLOAT")


def _one_infinity(path: Path) -> None:
    sound = sine(RATE, 10)
    sound[-1] = np.inf
    soundfile.write(path, sound, RATE, format="WAV", subtype="FLOAT")


def _half_a_flac(path: Path) -> None:
    whole = (FIXTURES / "cc0_guit_em9.flac").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _half_an_mp3(path: Path) -> None:
    soundfile.write(path, sine(44100, 10), 44100, format="MP3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("suffix", ["wav", "mp3", "raw"])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_missing, "No such file"),
        (_folder, "folder"),
        (_empty, "empty"),
        (_text, "WAV, FLAC, OGG, MP3 and AIFF"),
        (_noise, "WAV, FLAC, OGG, MP3 and AIFF"),
        (_no_samples, "no samples"),
        (_nan, "not numbers"),
        (_one_infinity, "not numbers"),
        (_half_a_flac, "damaged"),
        (_half_an_mp3, "damaged"),
    ],
)
def test_bad_files_are_refused_in_one_clear_line(tmp_path, make, says, suffix):
    path = tmp_path / f"a name with spaces.{suffix}"
    make(path)
    with pytest.raises(AudioError, match=says) as refusal:
        read_audio(path, RATE)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")
    assert str(refusal.value).endswith(refusal.value.reason)


def test_a_text_named_mp3_leaves_standard_error_to_us(tmp_path, capfd):
    _text(tmp_path / "a.mp3")
    with pytest.raises(AudioError):
        read_audio(tmp_path / "a.mp3", RATE)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always UTF-8")
def test_a_name_that_is_not_utf8_is_read(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    soundfile.write(tmp_path / "a.wav", sine(RATE), RATE)
    (tmp_path / "a.wav").rename(path)
    assert len(read_audio(path, RATE)) == 2 * RATE


# Finding files


def test_finds_sound_files_in_folders_sorted_and_leaves_the_rest(tmp_path):
    for name in ["b/2.FLAC", "b/1.wav", "a.mp3", "notes.txt", ".hidden.wav", ".trash/x.wav", "b/c/d.aif", "b/e.ogg"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in find_audio([tmp_path])]
    assert found == ["a.mp3", "b/1.wav", "b/2.FLAC", "b/c/d.aif", "b/e.ogg"]


def test_takes_named_files_as_they_are_in_the_order_given(tmp_path):
    for name in ["z.dat", ".hidden.wav", "folder/a.wav"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    sources = [tmp_path / "z.dat", tmp_path / "folder", tmp_path / ".hidden.wav"]
    assert find_audio(sources) == [sources[0], tmp_path / "folder" / "a.wav", sources[2]]


def test_links_are_followed_and_loops_end(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.wav").touch()
    music = tmp_path / "music"
    (music / "sub").mkdir(parents=True)
    (music / "sub" / "loop").symlink_to(music)
    (music / "linked").symlink_to(tmp_path / "elsewhere")
    (music / "broken.wav").symlink_to(tmp_path / "nowhere")
    assert find_audio([music]) == [music / "linked" / "a.wav"]


def test_a_source_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="musci: no such file or folder"):
        find_audio([tmp_path / "musci"])


def test_an_hour_takes_little_more_memory_than_its_samples(tmp_path):
    """Measured from outside, in a process of its own."""
    with soundfile.SoundFile(tmp_path / "long.wav", "w", 16000, 1, "PCM_16") as file:
        for _ in range(60):
            file.write(np.zeros(60 * 16000, np.int16))
    script = """if True:
        import resource, sys
        from pathlib import Path
        from models.audio import read_audio
        unit = 1 if sys.platform == "darwin" else 1024
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        samples = read_audio(Path(sys.argv[1]), 16000)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / samples.nbytes)
    """
    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "long.wav")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(answer.stdout) < 1.3
