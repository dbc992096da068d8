"""The engine in its own process, through the one façade that the app has: also killed, stopped and held up."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine import controls as say
from engine.session import Session
from engine.takes import recover_takes

PATIENCE = 60.0


@pytest.fixture
def session(tiny_style):
    session = Session()
    session.load(tiny_style, seed=7, provider="cpu")
    yield session
    session.close()


def waited(session, condition):
    status = session.wait(condition, PATIENCE)
    assert condition(status), status
    return status


def playing(session, seconds=0.2):
    session.start("null")
    return waited(session, lambda status: status.state == "playing" and status.played > seconds)


def test_it_plays_what_is_heard(session):
    status = playing(session)
    assert status.seed == 7
    heard = session.heard(0, status.heard)
    assert len(heard) == status.heard
    assert np.abs(heard).max() > 0.01
    session.stop()
    assert waited(session, lambda status: status.state == "stopped").reason == ""


def test_controls_reach_it(session):
    session.set(replace(session.controls, temperature=0.3, voices=2))
    playing(session)
    waited(session, lambda status: status.temperature == 0.3 and status.voices == 2)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_process_that_dies_is_a_visible_failure_and_start_works_again(session):
    playing(session)
    os.kill(session.process_id, signal.SIGKILL)
    status = waited(session, lambda status: status.state == "failed")
    assert "signal 9" in status.reason
    status = playing(session)
    assert status.title == "Tiny"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_it_goes_on_after_the_system_slept(session):
    playing(session)
    os.kill(session.process_id, signal.SIGSTOP)
    time.sleep(5)  # the sleep itself
    before = session.status().written
    os.kill(session.process_id, signal.SIGCONT)
    status = waited(session, lambda status: status.written > before + 0.5 * status.rate)
    assert status.state == "playing"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_what_is_asked_of_a_closed_session_is_harmless(session):
    playing(session)
    session.close()
    assert session.status().played > 0
    assert session.heard(0, 100).shape == (0, 2)
    session.start("null")
    session.stop()
    session.set(session.controls)
    session.close()


def test_a_style_that_did_not_open_is_not_what_it_starts_with_after_a_crash(session, tmp_path):
    playing(session)
    (tmp_path / "bad.samplernn").write_bytes(b"nothing")
    session.load(tmp_path / "bad.samplernn")
    waited(session, lambda status: any("bad.samplernn is not a style" in notice.text for notice in status.notices))
    os.kill(session.process_id, signal.SIGKILL)
    waited(session, lambda status: status.state == "failed")
    assert playing(session).title == "Tiny"


def test_a_take_survives_the_death_of_the_engine(session, tmp_path):
    playing(session)
    session.send(say.Record(tmp_path / "take.flac"))
    status = waited(session, lambda status: status.taking and status.taking.seconds > 2.5)
    os.kill(session.process_id, signal.SIGKILL)
    waited(session, lambda status: status.state == "failed")
    (take,) = recover_takes(tmp_path)
    sound, rate = soundfile.read(take)
    assert len(sound) / rate > status.taking.seconds - 1
    assert np.abs(sound).max() > 0.01


def test_it_ends_with_the_app(tiny_style):
    """The app's process is killed: the engine's does not stay behind."""
    code = f"""
import time
from pathlib import Path
from engine.session import Session
if __name__ == "__main__":
    session = Session()
    session.load(Path({str(tiny_style)!r}), provider="cpu")
    session.start("null")
    session.wait(lambda status: status.state == "playing", {PATIENCE})
    print(session.process_id, flush=True)
    time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout
        engine = int(app.stdout.readline())
        app.kill()
    end = time.monotonic() + PATIENCE
    while _exists(engine):
        assert time.monotonic() < end
        time.sleep(0.01)


def _exists(process):
    try:
        os.kill(process, 0)
        # as a zombie it may wait for its new parent
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")")[1].split()[0] != "Z"
    except OSError:
        return False


def test_no_gap_while_the_apps_own_process_is_busy(session):
    """A short form of what `make soak` does for ten minutes."""
    done = threading.Event()

    def spin():
        while not done.is_set():
            pass

    hogs = [threading.Thread(target=spin) for _ in range(2)]
    status = playing(session)
    before = status.underruns
    try:
        for hog in hogs:
            hog.start()
        status = waited(session, lambda later: later.played > status.played + 3)
    finally:
        done.set()
        for hog in hogs:
            hog.join()
    assert status.underruns == before


def test_the_app_needs_neither_torch_nor_onnx_runtime_nor_portaudio_for_it():
    code = """
import sys
import engine.session
print([name for name in ("torch", "onnxruntime", "onnx", "sounddevice", "PySide6") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout == "[]\n"
