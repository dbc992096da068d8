"""Through a real sound device (a virtual one): what comes out is what the engine sent."""

import os
import signal
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine import controls as say
from engine.devices import (
    Device,
    DeviceError,
    NoDeviceError,
    devices_here,
    find_device,
    list_devices,
    record_input,
    refresh,
)
from engine.dsp import Envelope
from engine.output import NullOutput, open_output
from engine.session import Session
from tests.engine.capture import aligned, differing
from tests.engine.sound import RATE, SoundServer, missing

PATIENCE = 60.0


@pytest.fixture(scope="module")
def server():
    if missing():
        pytest.skip(f"not installed: {missing()}")
    with SoundServer() as server:
        yield server


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def waited(session, condition):
    status = session.wait(condition, PATIENCE)
    assert condition(status), status
    return status


@pytest.fixture
def on_device(server, tiny_style):
    """A session that plays on the default device."""
    session = Session()
    try:
        session.load(tiny_style, seed=1, provider="cpu")
        session.start()
        waited(session, lambda status: status.state == "playing")
        yield session
    finally:
        session.close()


def device(name, outputs=2, inputs=0, default=False):
    return Device(name, "ALSA", outputs, inputs, 48_000, default)


def test_devices_are_found_by_name_whatever_their_number():
    devices = [device("in", 0, 1), device("one"), device("two", default=True)]
    assert find_device(devices, None, "outputs") == 2
    assert find_device(devices, "one", "outputs") == 1
    assert find_device(devices[::-1], "one", "outputs") == 1
    assert find_device(devices, "one (ALSA)", "outputs") == 1
    assert find_device(devices, None, "inputs") == 0
    with pytest.raises(DeviceError, match="no sound device is called 'three'; there are 'one', 'two'"):
        find_device(devices, "three", "outputs")
    both = Device("both", "ALSA", 2, 2, 48_000, default_output=True)
    ear = Device("ear", "ALSA", 2, 2, 48_000, default_output=False, default_input=True)
    assert find_device([device("one"), both, ear], None, "inputs") == 2
    assert find_device([device("one"), ear, both], None, "outputs") == 2
    with pytest.raises(NoDeviceError, match="no sound device for listening"):
        find_device(devices[1:], None, "inputs")


def test_devices_are_listed_by_another_process_as_by_this_one(server):
    refresh()  # an earlier test may have started PortAudio here, when there was another server or none
    assert [asdict(found) for found in list_devices()] == [asdict(found) for found in devices_here()]
    assert any(found.outputs for found in devices_here())


def test_the_clock_takes_what_a_device_would():
    output = NullOutput()
    output.start(RATE, 0.01)
    output.write(np.ones((RATE // 2, 2), np.float32))
    began = time.monotonic()
    while output.ring.consumed < RATE // 4:
        output.poll()
        time.sleep(0.005)
    assert time.monotonic() - began >= 0.2
    assert output.alive()
    assert output.ring.gaps == 0


@given(st.lists(st.tuples(st.sampled_from(["live", "aside", "read"]), st.integers(0, 3000)), max_size=40))
def test_how_much_of_what_is_in_the_ring_is_of_the_live_stream(acts):
    output = NullOutput()
    inside: list[str] = []
    output.start(RATE, 0.0)
    for act, frames in acts:
        if act == "read":
            output.ring.read(frames)
            inside = inside[frames:]
        else:
            output.write(np.zeros((frames, 2), np.float32), aside=act == "aside")
            inside = (inside + [act] * frames)[: output.ring.capacity]
        assert output.unheard == (inside.count("live") / RATE, inside.count("aside") / RATE)


def test_a_device_plays_what_is_written_bit_for_bit(server):
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, size=(2 * RATE, 2)).astype(np.float32)
    with server.capture() as captured:
        output = open_output(None)
        assert output.rate == RATE
        output.start(RATE, 0.1)
        for block in np.split(sound, 200):
            until(lambda: output.ring.fill < RATE // 5)
            output.write(block)
        output.ring.let_run_dry()
        until(lambda: output.ring.fill == 0)
        sent = sound[: RATE * 19 // 10]  # the rest may still be on its way
        until(lambda: len(captured()) > len(sent) and np.abs(captured()[-RATE // 10 :]).max() == 0)
        came = captured()
        output.close()
    assert differing(came, sent) == 0
    assert output.ring.gaps == 0


def test_sixty_seconds_of_piano_come_out_as_the_engine_sent_them(server, tmp_path):
    from tests.engine import shipped_piano

    session = Session()
    try:
        session.load(shipped_piano(), seed=1)
        with server.capture() as captured:
            session.start(seconds=60)
            session.send(say.Record(tmp_path / "take.wav"))
            waited(session, lambda status: status.state == "playing")
            session.wait(lambda status: status.state == "stopped" and not status.work, 100)
            until(lambda: np.abs(captured()[-RATE // 10 :]).max() == 0)
            came = captured()
        status = session.status()
    finally:
        session.close()
    sent, _ = soundfile.read(tmp_path / "take.wav", dtype="float32")
    assert len(sent) >= 60 * RATE
    assert differing(came, sent) == 0
    assert status.underruns == 0


def test_a_device_hears_an_audition_between_two_fades_of_the_live_sound_and_nothing_else(server, tiny_style, tmp_path):
    """Every frame of it: no gap, no click, nothing of the live stream lost."""
    clip = 0.3 * np.sin(np.outer(np.arange(RATE), [0.05, 0.07])).astype(np.float32)
    soundfile.write(tmp_path / "clip.wav", clip, RATE, "FLOAT")
    session = Session()
    try:
        session.set(replace(session.controls, latency=0.3))
        session.load(tiny_style, seed=1, provider="cpu")
        with server.capture() as captured:
            session.start()
            waited(session, lambda status: status.played > 1)
            session.send(say.Audition(tmp_path / "clip.wav"))
            held = waited(session, lambda status: status.auditioning and status.auditioning.position > 0).written
            waited(session, lambda status: status.written > held + RATE)
            session.stop()
            status = waited(session, lambda status: status.state == "stopped")
            until(lambda: np.abs(captured()[-RATE // 10 :]).max() == 0)
            came = captured()
        live = session.heard(0, status.written)
    finally:
        session.close()
    down, up, edge = Envelope(1.0), Envelope(0.0), Envelope(0.0)
    fade = 3 * RATE // 50  # whole blocks
    down.go(0.0, fade)
    up.go(1.0, RATE // 20)
    edge.go(1.0, RATE // 50)
    edges = edge.next(RATE // 50)[:, None]
    live[held - fade : held] *= down.next(fade)[:, None]
    live[held : held + RATE // 20] *= up.next(RATE // 20)[:, None]
    clip[: len(edges)] *= edges
    clip[-len(edges) : -1] *= edges[-2::-1]
    clip[-1] = 0
    assert differing(came, np.concatenate([live[:held], clip, live[held:]])) == 0
    assert status.underruns == 0


def test_an_audition_alone_is_heard_on_a_device_of_its_own(server, tmp_path):
    clip = 0.3 * np.sin(np.outer(np.arange(RATE // 2), [0.05, 0.07])).astype(np.float32)
    soundfile.write(tmp_path / "clip.wav", clip, RATE, "FLOAT")
    session = Session()
    try:
        with server.capture() as captured:
            session.send(say.Audition(tmp_path / "clip.wav"))
            assert waited(session, lambda status: status.auditioning).state == "stopped"
            waited(session, lambda status: not status.auditioning and not status.work)
            until(lambda: np.abs(captured()[-RATE // 10 :]).max() == 0)
            came = captured()
    finally:
        session.close()
    inner = clip[RATE // 50 : -RATE // 50]
    ours, theirs = aligned(came, inner)
    assert len(theirs) == len(inner)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_device_that_vanishes_amid_an_audition_leaves_nothing_hanging(server, tmp_path):
    soundfile.write(tmp_path / "clip.wav", np.full((20 * RATE, 2), 0.1), RATE)
    session = Session()
    try:
        session.send(say.Audition(tmp_path / "clip.wav"))
        waited(session, lambda status: status.auditioning and status.auditioning.position > 0.1)
        server.unplug()
        status = waited(session, lambda status: not status.auditioning)
        assert "has vanished: the audition is over" in status.notices[-1].text
        assert status.state == "stopped"
        server.plug()
        session.send(say.Audition(tmp_path / "clip.wav"))
        waited(session, lambda status: status.auditioning and status.auditioning.position > 0.1)
        session.stop()
        waited(session, lambda status: not status.auditioning)
    finally:
        session.close()


def test_the_microphone_is_heard_and_gone_on_from(server, tiny_style):
    tone = 0.3 * np.sin(2 * np.pi * 500 * np.arange(20 * RATE) / RATE)
    with server.speaking(tone.astype(np.float32)):
        sound = record_input(None, 0.5, 16_000)
        assert len(sound) == pytest.approx(8000, abs=2)
        until(lambda: np.abs(record_input(None, 0.2, 16_000)).max() > 0.2)
        session = Session()
        try:
            session.load(tiny_style, seed=1, provider="cpu")
            session.start("null")
            waited(session, lambda status: status.state == "playing")
            session.send(say.Listen(0.3))
            waited(session, lambda status: status.work == "listening")
            status = waited(session, lambda status: not status.work)
            assert not [notice for notice in status.notices if notice.kind == "error"]
        finally:
            session.close()


def test_a_device_that_is_unplugged_comes_back_by_itself_and_the_music_goes_on(server, on_device):
    name = on_device.status().device
    server.unplug()
    status = waited(on_device, lambda status: status.state == "reconnecting")
    assert "vanished" in status.reason
    assert status.notices[-1].text == status.reason
    waited(on_device, lambda later: later.written > status.written + RATE // 2)
    server.plug()
    status = waited(on_device, lambda status: status.state == "playing")
    assert (status.device, status.reason) == (name, "")
    assert status.notices[-1].text == f"{name} is back."
    with server.capture() as captured:
        until(lambda: len(captured()) and np.abs(captured()).max() > 0.01)


def test_a_start_right_after_a_stop_plays_on_the_device_again(on_device):
    for _ in range(3):
        on_device.stop()
        on_device.start()
        before = on_device.status().written
        status = waited(on_device, lambda later, before=before: later.written > before + RATE)
        assert (status.state, status.device != "null", status.notices) == ("playing", True, ())


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_device_is_not_taken_for_gone_after_the_system_slept(on_device):
    process = on_device.process_id
    assert process
    os.kill(process, signal.SIGSTOP)
    time.sleep(1.5)  # the sleep itself
    os.kill(process, signal.SIGCONT)
    status = on_device.status()
    status = waited(on_device, lambda later: later.written > status.written + 2 * RATE)
    assert (status.state, status.notices) == ("playing", ())


def test_a_device_of_no_such_name_is_a_clear_failure(server, tiny_style):
    session = Session()
    try:
        session.load(tiny_style, provider="cpu")
        session.start("No Such Device")
        assert "no sound device is called 'No Such Device'" in waited(session, lambda s: s.state == "failed").reason
        session.start()
        waited(session, lambda status: status.state == "playing")
    finally:
        session.close()


def test_without_any_device_it_plays_on_a_clock_and_says_so(tiny_style, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    if any(found.outputs for found in list_devices()):
        pytest.skip("there is a device here that cannot be hidden")
    session = Session()
    try:
        session.load(tiny_style, provider="cpu")
        session.start()
        status = waited(session, lambda status: status.state == "reconnecting" and status.played > 0.2)
        assert "Playing without sound until there is one" in status.reason
        assert status.notices[-1].text == status.reason
        session.stop()
        waited(session, lambda status: status.state == "stopped")
    finally:
        session.close()
