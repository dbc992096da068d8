"""The whole instrument, as a musician has it: a window, a sound device, a recording, keys."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.engine.capture import Floats, differing
from tests.engine.sound import SoundServer, missing
from tests.studio.display import Display

Sitting = tuple[dict[str, Any], Floats]


@pytest.fixture(scope="module")
def sitting(
    tmp_path_factory: pytest.TempPathFactory, tiny_style: Path, fixtures: Path
) -> tuple[dict[str, Any], Floats]:
    """What tests/play_through.py saw, and what came out of the device meanwhile."""
    if missing() or Display.missing():
        pytest.skip(f"not installed: {missing() or 'Xvfb'}")
    home = tmp_path_factory.mktemp("home")
    styles = home / "styles"
    styles.mkdir()
    (styles / "tiny.samplernn").write_bytes(tiny_style.read_bytes())
    line = [sys.executable, "-m", "tests.play_through", str(home), str(fixtures / "cc0_ambi_piano.flac")]
    with SoundServer() as server, Display(), server.capture() as captured:
        environment = {**os.environ, "SAMPLERNN_STYLES": str(styles)}
        done = subprocess.run(line, capture_output=True, text=True, timeout=240, env=environment)
        sound = captured()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), sound


def test_a_sitting_from_the_first_key_to_the_last(sitting: Sitting) -> None:
    seen, _ = sitting
    assert seen["code"] == 0
    cool, hot = seen["temperatures"]
    assert hot == pytest.approx(cool + 0.15, abs=1e-6)
    assert seen["styles"] == ["Piano", "Tiny"]
    assert {"start", "switch", "prime", "rewind"} <= set(seen["marks"])


def test_what_was_exported_is_what_came_out_of_the_device(sitting: Sitting) -> None:
    seen, captured = sitting
    exported, rate = soundfile.read(seen["exported"], dtype="float32")
    assert rate == 48_000
    assert len(exported) >= 3 * rate
    assert differing(captured, exported) == 0


def test_the_studio_starts_and_plays_without_torch(sitting: Sitting) -> None:
    assert not sitting[0]["torch"]
