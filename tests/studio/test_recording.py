"""What is known of a recording before it is gone on from."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from models.audio import AudioError
from studio.play import recording
from studio.play.recording import Recording, read_recording

RATE = 44_100


def nobody(fraction: float | None, so_far: Recording) -> None:
    pass


@pytest.mark.parametrize(("suffix", "channels"), [("wav", 1), ("flac", 2), ("ogg", 2), ("mp3", 2), ("wav", 5)])
def test_its_length_rate_channels_and_waveform(tmp_path: Path, suffix: str, channels: int) -> None:
    loud = np.linspace(0, 0.8, 3 * RATE)
    tone = loud * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)
    soundfile.write(tmp_path / f"a.{suffix}", np.repeat(tone[:, None], channels, 1), RATE)
    found = read_recording(tmp_path / f"a.{suffix}", nobody)
    assert (found.rate, found.channels) == (RATE, channels)
    assert found.seconds == pytest.approx(3)
    assert len(found.peaks) * found.pace == pytest.approx(3, abs=0.001)
    assert found.peaks.part(0, len(found.peaks), 3).high == pytest.approx([0.8 / 3, 1.6 / 3, 0.8], abs=0.03)


def test_what_is_read_so_far_is_shown_and_whoever_looks_may_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Enough(Exception):
        pass

    monkeypatch.setattr(recording, "REPORT_SECONDS", 0.0)
    soundfile.write(tmp_path / "a.wav", np.full(10 * RATE, 0.5), RATE)
    seen: list[tuple[float | None, Recording]] = []

    def look(fraction: float | None, so_far: Recording) -> None:
        seen.append((fraction, so_far))
        if len(seen) == 3:
            raise Enough

    with pytest.raises(Enough):
        read_recording(tmp_path / "a.wav", look)
    fractions = [fraction or 0 for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 1
    for fraction, so_far in seen:
        assert so_far.seconds == pytest.approx(10)
        assert len(so_far.peaks) * so_far.pace == pytest.approx(10 * (fraction or 0), abs=0.01)


def test_it_ends_before_the_silence_that_it_fades_into(tmp_path: Path) -> None:
    sound = np.concatenate([np.full(5 * RATE, 0.5), np.full(3 * RATE, 0.0001)])
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    found = read_recording(tmp_path / "a.wav", nobody)
    assert found.ending(2) == pytest.approx((3, 5), abs=0.01)
    assert found.ending(10) == pytest.approx((0, 5), abs=0.01)


def test_of_silence_the_end_is_the_end(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(5 * RATE), RATE)
    assert read_recording(tmp_path / "a.wav", nobody).ending(2) == pytest.approx((3, 5))


def test_what_is_not_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("Dear diary")
    with pytest.raises(AudioError):
        read_recording(tmp_path / "a.wav", nobody)
