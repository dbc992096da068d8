"""The command line is what scripts rely on: its answers, its exit codes, one line for what is wrong."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

import main
from models.style import PICTURE, PREVIEW, open_style
from studio.commands.train import _use_threads
from tests.conftest import TINY
from tests.disk import disk_of
from tests.engine import shipped_piano, tampered
from tests.models.pytorch_2017 import saved, state_dict

ROOT = Path(__file__).parents[1]
SETTINGS = [argument for setting in TINY for argument in ("--set", setting)]


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The last line on standard output, of a command that did well."""
        assert self.code == 0, self.err
        answer = json.loads(self.out.splitlines()[-1])
        assert isinstance(answer, dict)
        return answer

    def is_refusal(self, text: str, code: int = 2) -> None:
        assert self.code == code, self.err
        assert self.out == ""
        [line] = [line for line in self.err.splitlines(keepends=True) if not line.startswith("{")]  # of progress
        assert line.startswith("Error: ")
        assert line.endswith("\n")
        assert text in line


@pytest.fixture
def call(capsys, monkeypatch):
    """Runs a command in this process."""

    def call(*arguments):
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        monkeypatch.setattr(sys, "argv", ["main.py", *map(str, arguments)])
        try:
            main.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return Ended(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def inputs(tmp_path_factory, fixtures, tiny_data, tiny_run, tiny_style):
    """What the table of bad input below is filled in with. Nothing of it is written to."""
    bad = tmp_path_factory.mktemp("bad")
    (bad / "empty").mkdir()
    (bad / "texts").mkdir()
    for name in ("text.wav", "text.samplernn", "texts/a.wav", "texts/notes.txt"):
        (bad / name).write_text("not what its name says\n" * 100)
    (bad / "empty.wav").touch()
    soundfile.write(bad / "stranger.wav", np.zeros(16), 16_000)
    (bad / "stranger.wav.recipe.jsonl").write_text('{"event": "take", "format": 1}\n')
    soundfile.write(bad / "short.wav", np.full(3, 0.5), 16_000)
    soundfile.write(bad / "nan.wav", np.full(16_000, np.nan), 16_000, "FLOAT")
    soundfile.write(bad / "silence.wav", np.zeros(32_000), 16_000)
    (bad / "torn.samplernn").write_bytes(tiny_style.read_bytes()[:-1000])
    tampered(tiny_style, bad / "tampered.samplernn", "start.safetensors", b"something else")
    saved(bad / "old", state_dict())
    saved(bad / "whole-module", torch.nn.Linear(2, 2))
    saved(bad / "other-project", {"conv.weight": torch.ones(3)})
    paths = {
        "bad": bad,
        "data": tiny_data,
        "run": tiny_run,
        "style": tiny_style,
        "piano": fixtures / "cc0_ambi_piano.flac",
    }
    return {name: str(path) for name, path in paths.items()}


@contextmanager
def running(*arguments, **options):
    """A command in a process of its own, which does not outlive the test."""
    # a background job of a shell ignores the interrupt key, and so would what it starts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen([sys.executable, ROOT / "main.py", *map(str, arguments)], text=True, **options) as process:
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            process.kill()


# ------------------------------------------------------------------------------ what works
def test_styles(call, tiny_style, tmp_path, monkeypatch):
    shutil.copy(tiny_style, tmp_path / "harp.samplernn")
    monkeypatch.setattr("engine.library.INSTALLED", tmp_path)
    [style] = call("styles", "--json").json["styles"]
    assert (style["name"], style["title"], style["sample_rate"]) == ("harp", "Tiny", 16_000)
    assert style["file"] == str(tmp_path / "harp.samplernn")
    assert {"description", "bits", "default_temperature", "author", "licence", "trained_on"} < style.keys()
    assert style["yours"] is False
    assert call("styles").out.startswith("harp ")
    assert call("styles").out.splitlines()[1].split() == [style["file"]]
    (tmp_path / "harp.samplernn").unlink()
    assert call("styles", "--json").json == {"styles": []}
    assert call("styles").out == "No styles are installed.\n"


def test_install(call, tiny_style, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMPLERNN_STYLES", str(tmp_path / "mine"))
    shutil.copy(tiny_style, tmp_path / "harp.samplernn")
    answer = call("install", tmp_path / "harp.samplernn", "--json").json
    assert set(answer) == {"name", "title", "file", "yours", "sha256"}
    file = str(tmp_path / "mine" / "harp.samplernn")
    assert (answer["name"], answer["title"], answer["file"], answer["yours"]) == ("harp", "Tiny", file, True)
    assert call("install", tiny_style).out == f"Tiny is installed as 'harp': {file}\n"
    [style] = [style for style in call("styles", "--json").json["styles"] if style["name"] == "harp"]
    assert (style["file"], style["yours"]) == (file, True)
    (tmp_path / "harp.samplernn").unlink()
    command = ["render", "harp", "-o", tmp_path / "take.wav", "--seconds", "0.1", "--provider", "cpu", "--json"]
    assert call(*command).json["seconds"] == 0.1


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_render(call, tiny_style, tmp_path, suffix):
    output = tmp_path / f"take{suffix}"
    command = ["render", tiny_style, "-o", output, "--seconds", "0.5", "--seed", "1"]
    ended = call(*command, "--voices", "2", "--temperature", "0.7", "--provider", "cpu", "--threads", "1", "--json")
    answer = ended.json
    assert set(answer) == {
        *("file", "seconds", "sample_rate", "seed", "temperature", "provider", "real_time_factor", "codes_sha256")
    }
    assert (answer["file"], answer["seconds"], answer["sample_rate"]) == (str(output), 0.5, 16_000)
    assert (answer["seed"], answer["temperature"], answer["provider"]) == (1, 0.7, "cpu")
    assert answer["real_time_factor"] > 0
    assert re.fullmatch("[0-9a-f]{64}", answer["codes_sha256"])
    assert (ended.out.count("\n"), ended.err) == (1, "")
    info = soundfile.info(output)
    assert (info.frames, info.channels, info.subtype) == (8_000, 2, "PCM_16")


def test_render_tells_people_what_it_made(call, tiny_style, tmp_path):
    ended = call(
        "render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--seed", "5", "--provider", "cpu"
    )
    assert ended.code == 0
    assert re.search(
        r"0\.1 seconds of Tiny, made .* times as fast as it plays \(CPU, temperature 0\.9, seed 5\)", ended.out
    )
    assert ended.err == ""


def test_the_seed_makes_a_take_again(call, tiny_style, tmp_path):
    def sha(*options):
        command = ["render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--provider", "cpu", "--json"]
        return call(*command, *options).json["codes_sha256"]

    assert sha("--seed", 1) == sha("--seed", 1) != sha("--seed", 2)
    assert sha("--seed", 2**64 - 1) != sha("--seed", 2**64 - 2)
    assert sha("--seed", 1, "--temperature", 0) == sha("--seed", 2, "--temperature", 0)


def test_without_a_seed_each_take_is_new_and_its_seed_makes_it_again(call, tiny_style, tmp_path):
    command = ["render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--provider", "cpu", "--json"]
    first, second = call(*command).json, call(*command).json
    assert first["codes_sha256"] != second["codes_sha256"]
    assert call(*command, "--seed", first["seed"]).json["codes_sha256"] == first["codes_sha256"]


def test_the_piano_makes_the_same_take_again(call, tmp_path):
    shipped_piano()

    def sha(seed):
        command = ["render", "piano", "-o", tmp_path / "take.wav", "--seconds", "0.5", "--provider", "cpu", "--json"]
        return call(*command, "--seed", seed).json["codes_sha256"]

    assert sha(1) == sha(1) != sha(2)


def test_a_prime_is_heard_as_far_back_as_asked_and_up_to_its_silence(call, tiny_style, tmp_path):
    def sha(*options):
        command = ["render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "1", "--seed", "1", "--json"]
        return call(*command, "--provider", "cpu", *options).json["codes_sha256"]

    sound = np.random.default_rng(1).uniform(-0.9, 0.9, 8_000)
    soundfile.write(tmp_path / "whole.wav", sound, 16_000)
    soundfile.write(tmp_path / "tail.wav", sound[-16:], 16_000)
    whole = sha("--prime", tmp_path / "whole.wav")
    tail = sha("--prime", tmp_path / "whole.wav", "--prime-seconds", "0.001")
    assert tail == sha("--prime", tmp_path / "tail.wav")
    assert len({whole, tail, sha()}) == 3
    soundfile.write(tmp_path / "fading.wav", np.append(sound, np.zeros(8_000)), 16_000)
    assert sha("--prime", tmp_path / "fading.wav") == whole
    assert sha("--prime", tmp_path / "fading.wav", "--prime-seconds", "0.001") == tail


def test_what_cannot_use_cuda_says_so_and_plays(call, tiny_style, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.select.cuda_works", lambda: False)
    command = ["render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--json", "--provider"]
    ended = call(*command, "cuda")
    assert ended.json["provider"] == "cpu"
    assert "playing on the CPU" in ended.err
    assert call(*command, "auto").json["provider"] == "cpu"


def test_bench(call, tiny_style, monkeypatch):
    from engine.select import seconds_per_sample

    measured = []

    def quickly(kernel, seconds, voices):
        measured.append(voices)
        return seconds_per_sample(kernel, 0.05, voices)

    monkeypatch.setattr("engine.select.seconds_per_sample", quickly)
    answer = call("bench", tiny_style, "--provider", "cpu", "--json").json
    assert set(answer) == {
        *("us_per_sample", "real_time_factor", "provider", "threads", "megabytes_of_weights"),
        *("title", "sample_rate", "voices", "remark"),
    }
    assert (answer["title"], answer["sample_rate"], answer["voices"], answer["remark"]) == ("Tiny", 16_000, 1, "")
    assert answer["real_time_factor"] == pytest.approx(1e6 / 16_000 / answer["us_per_sample"])
    assert (answer["provider"], answer["threads"]) == ("cpu", 1)
    assert 0.01 < answer["megabytes_of_weights"] < 0.3
    assert "as it plays (CPU, 1 voice, 1 thread, " in call("bench", tiny_style, "--provider", "cpu").out
    assert call("bench", tiny_style, "--provider", "cpu", "--voices", 3, "--json").json["voices"] == 3
    assert measured == [1, 1, 3]


def test_prepare(call, inputs, fixtures, tmp_path):
    command = ["prepare", fixtures, f"{inputs['bad']}/texts", f"{inputs['bad']}/silence.wav", "-o", tmp_path / "data"]
    ended = call(*command, "--rate", "16000", "--json")
    answer = ended.json
    assert (answer["data"], answer["sample_rate"], answer["skipped"]) == (str(tmp_path / "data"), 16_000, 2)
    assert sum(answer["recordings"].values()) == len(list(fixtures.glob("*.flac")))
    assert set(answer["minutes"]) == {"train", "valid", "test"}
    progress = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    assert [line["done"] for line in progress] == [*range(progress[0]["total"] + 1)]
    assert "left out" in ended.err
    assert "silence.wav" in ended.err
    told = call(*command, "--jobs", 1).out
    assert re.search(r"data: train .* at 8000 Hz; \d+% silence, loudness -\d\d to -\d\d dBFS; 2 files left out$", told)


def test_many_remarks_are_cut_short(call, fixtures, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(fixtures / "cc0_ambi_piano.flac", tmp_path / "in")
    for name in range(30):
        (tmp_path / "in" / f"{name}.wav").touch()
    ended = call("prepare", tmp_path / "in", "-o", tmp_path / "data", "--jobs", 1)
    assert len(ended.err.splitlines()) == 22
    assert f"... and 10 more remarks, all in {tmp_path / 'data' / 'manifest.json'}\n" in ended.err


@pytest.mark.parametrize(
    ("threads", "spare", "used"), [(None, 0, []), (None, 1, [3]), (None, 9, [1]), (4, 1, [4]), (2, 0, [2])]
)
def test_cores_are_left_alone(monkeypatch, threads, spare, used):
    told: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.setattr("studio.commands.train.cores", lambda: 4)
    _use_threads(threads, spare)
    assert told == used


def test_estimate(call, inputs):
    answer = call("estimate", inputs["data"], *SETTINGS, "--steps", 100, "--json").json
    assert set(answer) == {
        *(
            "steps",
            "seconds",
            "steps_per_hour",
            "step_seconds",
            "validation_seconds",
            "samples_per_second",
            "memory",
            "graphics_memory",
            "disk",
        ),
        *("minutes_of_sound", "passes", "verdict"),
    }
    assert answer["steps"] == 100
    assert answer["seconds"] == pytest.approx(100 * 3600 / answer["steps_per_hour"])
    assert answer["memory"] > 100e6
    assert answer["minutes_of_sound"] == pytest.approx(0.1, abs=0.02)
    assert answer["passes"] == pytest.approx(100 * 2 * 256 / 16_000 / 60 / answer["minutes_of_sound"], rel=0.01)
    assert "by heart" in answer["verdict"]
    told = call("estimate", inputs["data"], "--from", inputs["run"], "--minutes", "1").out
    assert re.match(r"[\d,]+ steps in 1\.0 minutes, [\d,]+ samples a second, up to [\d,]+ MB of memory", told)


def test_train_resume_evaluate_export_and_play(call, inputs, tmp_path, monkeypatch):
    """The whole way, as a person goes it."""
    data, run, style = inputs["data"], tmp_path / "run", tmp_path / "mine.samplernn"
    ended = call("train", data, "-o", run, *SETTINGS, "--steps", 2, "--json")
    assert set(ended.json) == {"steps", "bits_valid", "samples_per_second"}
    assert ended.json["steps"] == 2
    assert 0 < ended.json["bits_valid"] < 10
    assert [json.loads(line)["step"] for line in ended.err.splitlines()] == [2]

    ended = call("train", data, "-o", run, "--resume", "--steps", 3)
    assert "3 steps, " in ended.out
    again = call("train", data, "-o", run, "--resume").out
    assert again.endswith(" bits on the valid split; it was trained for so many already, --steps says for how many\n")
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 3]

    tuned = call("train", data, "-o", tmp_path / "tuned", "--from", run, "--set", "chunk=128", "--steps", 1, "--json")
    assert tuned.json["steps"] == 1

    scored = call("evaluate", run, data, "--json").json
    assert set(scored) == {"bits", "samples"}
    monkeypatch.setattr("models.export.CUDA_SECONDS", 0.0005)  # graphs of ten milliseconds take that many seconds here
    exported = call("export", run, "-o", style, "--name", "Mine", "--temperature", "0.8", "--json").json
    assert exported["file"] == str(style)
    assert exported["bits"] == pytest.approx(scored["bits"])
    assert exported["samples"] == scored["samples"]
    sooner = call("export", run, "-o", tmp_path / "sooner.samplernn", "--measure", 0.05, "--json")
    assert 0 < sooner.json["samples"] < scored["samples"]
    made, bare = open_style(style), tmp_path / "bare.samplernn"
    heard, rate = soundfile.read(io.BytesIO(made.read(PREVIEW)))
    assert (heard.shape, rate) == ((160_000,), 16_000)
    assert np.std(heard) > 0.01
    assert made.read(PICTURE)[:8] == b"\x89PNG\r\n\x1a\n"
    assert call("export", run, "-o", bare, "--measure", 0.05, "--preview", 0, "--json").json["sha256"] == made.sha256
    assert open_style(bare).hashes.keys() == made.hashes.keys() - {PREVIEW, PICTURE}
    assert [json.loads(line)["done"] for line in sooner.err.splitlines()][-1] == 1
    assert call("evaluate", style, data, "--json").json["bits"] == pytest.approx(scored["bits"], abs=0.001)
    assert "bits a sample over" in call("evaluate", style, data).out

    command = ["render", style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--provider", "cpu", "--json"]
    assert call(*command).json["temperature"] == 0.8


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A checkpoint of samplernn-pytorch, and short work with it."""
    monkeypatch.setattr("models.export.CUDA_SECONDS", 0.0001)
    (tmp_path / "checkpoints").mkdir()
    state = state_dict((4, 2), units=8, layers=2, levels=32, form="weight_g")
    return saved(tmp_path / "checkpoints" / "best-ep3-it1200", state, zipped=False)


IMPORT = ("--rate", "16000", "--quantizer", "linear")


def test_an_old_checkpoint_lives_again(call, inputs, old, tmp_path):
    style = tmp_path / "old.samplernn"
    texts = ("--name", "Old", "--author", "someone", "--licence", "CC0-1.0", "--trained-on", "two recordings")
    answer = call("import", old, "-o", style, *IMPORT, *texts, "--temperature", "0.8", "--json").json
    assert set(answer) == {
        *("file", "bits", "samples", "frame_sizes", "units", "rnn_layers", "levels", "megabytes", "sha256")
    }
    assert (answer["file"], answer["bits"], answer["samples"]) == (str(style), None, 0)
    assert (answer["frame_sizes"], answer["units"], answer["rnn_layers"], answer["levels"]) == ([4, 2], 8, 2, 32)
    info = open_style(style).info
    assert (info.name, info.author, info.licence, info.trained_on) == ("Old", "someone", "CC0-1.0", "two recordings")
    assert (info.default_temperature, info.trained_samples, info.bits_valid) == (0.8, None, None)
    assert -60 < info.loudness < 0

    played = call("play", style, "--device", "null", "--seconds", "0.5", "--provider", "cpu", "--json").json
    assert played["seconds"] == pytest.approx(0.6, abs=0.1)
    command = ["render", style, "-o", tmp_path / "take.wav", "--seconds", "0.2", "--provider", "cpu", "--json"]
    assert call(*command, "--prime", inputs["piano"], "--prime-seconds", "0.1").json["temperature"] == 0.8
    heard, _ = soundfile.read(tmp_path / "take.wav")
    assert np.std(heard) > 0.01

    scored = call("evaluate", style, inputs["data"], "--json").json
    measured = call("import", old, "-o", style, *IMPORT, "--data", inputs["data"], "--json").json
    assert measured["bits"] == pytest.approx(scored["bits"], abs=0.001)
    assert (measured["samples"], measured["sha256"]) == (scored["samples"], answer["sha256"])
    ended = call("import", old, "-o", style, *IMPORT)
    assert re.search(r"frame sizes 4, 2, 2 GRU layers of 8 units, 32 levels; bits not measured \(--data\)", ended.out)
    tuned = ("train", inputs["data"], "-o", tmp_path / "run", "--from", style, "--set", "batch=2", "--set", "chunk=256")
    assert call(*tuned, "--steps", 1, "--json").json["steps"] == 1


def test_styles_without_bits_are_listed(call, old, tmp_path, monkeypatch):
    assert call("import", old, "-o", tmp_path / "old.samplernn", *IMPORT).code == 0
    monkeypatch.setattr("engine.library.INSTALLED", tmp_path)
    assert [style["bits"] for style in call("styles", "--json").json["styles"]] == [None]
    assert call("styles").out.startswith("old ")


@pytest.mark.parametrize("before", [None, b"the style before"])
@pytest.mark.parametrize("failing", ["engine.score.loudness", "models.export.verify", "models.export.write_style"])
def test_an_import_that_fails_leaves_what_was_there(call, old, tmp_path, monkeypatch, failing, before):
    def fail(*_, **__):
        raise KeyboardInterrupt

    style = tmp_path / "old.samplernn"
    if before is not None:
        style.write_bytes(before)
    monkeypatch.setattr(failing, fail)
    assert call("import", old, "-o", style, *IMPORT).code == 130
    assert [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()] == [before] * (before is not None)


def test_a_take_is_played_live_and_made_again_from_its_recipe(call, tiny_style, tmp_path):
    take = tmp_path / "take.flac"
    command = ["play", tiny_style, "--device", "null", "--seconds", "0.5", "--seed", "3", "--provider", "cpu", "--json"]
    answer = call(*command, "--record", take).json
    assert set(answer) == {
        *("seconds", "device", "sample_rate", "latency_ms", "underruns", "real_time_factor", "first_sound_ms"),
        *("take", "codes_sha256"),
    }
    assert answer["seconds"] == pytest.approx(0.6, abs=0.1)  # with the fade out
    assert (answer["device"], answer["sample_rate"], answer["take"]) == ("null", 48_000, str(take))
    assert answer["first_sound_ms"] > 0
    made = call("render", "--recipe", take, "-o", tmp_path / "again.wav", "--json").json
    assert made["matches"] is True
    assert made["codes_sha256"] == answer["codes_sha256"]
    assert soundfile.info(tmp_path / "again.wav").frames == soundfile.info(take).frames
    assert "the same codes" in call("render", "--recipe", take, "-o", tmp_path / "again.wav").out
    longer = ("render", "--recipe", take, "--seconds", "2", "-o", tmp_path / "again.wav")
    made = call(*longer, "--json").json
    assert (made["matches"], made["seconds"], made["codes_sha256"]) == (True, 2.0, answer["codes_sha256"])
    assert soundfile.info(tmp_path / "again.wav").duration == 2.0
    assert "again.wav: 2.0 seconds, the same codes" in call(*longer).out
    call(*longer, "--seconds", "0.2").is_refusal("to go on beyond it takes more")
    call("render", "--recipe", take, "-o", take).is_refusal("is a take; name another file")
    assert {path.name for path in tmp_path.iterdir()} == {"take.flac", "take.flac.recipe.jsonl", "again.wav"}
    assert call(*command[:-1]).out.startswith("Played 0.")


def test_what_was_cut_off_is_listed_when_it_next_plays(call, tiny_style, tmp_path):
    code = """
import os, sys
import numpy as np
from pathlib import Path
from engine.takes import TakeWriter
TakeWriter(Path(sys.argv[1]), 48_000).write(np.full((48_000, 2), 0.25, np.float32))
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code, tmp_path / "lost.wav"], cwd=ROOT, timeout=100, check=False)
    ended = call(
        *("play", tiny_style, "--device", "null", "--seconds", "0.1", "--provider", "cpu"),
        *("--record", tmp_path / "take.wav"),
    )
    assert ended.code == 0
    assert f"A recording had been cut off; what there is of it: {tmp_path / 'lost.wav'}\n" in ended.err
    assert soundfile.info(tmp_path / "lost.wav").frames > 0


def test_the_keys_of_a_terminal_play_it(inputs, tmp_path):
    terminal, its_other_end = os.openpty()
    command = ["play", inputs["style"], "--device", "null", "--provider", "cpu", "--temperature", "0.9"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    ends = {"stdin": its_other_end, "stderr": its_other_end, "stdout": subprocess.PIPE}
    with running(*command, **ends, env=environment, cwd=tmp_path) as process:
        os.close(its_other_end)
        shown = b""

        def until(text: bytes) -> None:
            nonlocal shown
            while not re.search(text, shown):
                shown += os.read(terminal, 4096)
            shown = b""

        until(rb"q quit(.|\n)*Tiny.* dBFS  T 0\.90 +buffer +\d+ ms")
        os.write(terminal, b"T")
        until(rb"T 0\.95")
        os.write(terminal, b"r")
        until(rb"REC [1-9]")
        os.write(terminal, b"bs")
        os.write(terminal, b"r")
        until(rb"recorded ")
        os.write(terminal, b"q")
        assert process.wait(timeout=100) == 0
        assert process.stdout.read().startswith("Played ")
    os.close(terminal)
    [take] = tmp_path.glob("*Tiny.flac")
    assert soundfile.info(take).frames > 24_000


def test_devices_are_listed(call):
    answer = call("devices", "--json").json
    assert isinstance(answer["devices"], list)
    assert call("devices").code == 0


def test_a_device_is_told_with_all_that_choosing_it_takes(call, monkeypatch):
    from engine.devices import Device

    found = [Device("Fast Track", "ALSA", 4, 2, 44_100, False, True), Device("pulse", "ALSA", 2, 0, 48_000, True)]
    monkeypatch.setattr("engine.devices.list_devices", lambda: found)
    first, second = call("devices", "--json").json["devices"]
    assert first == {
        "name": "Fast Track", "full_name": "Fast Track (ALSA)", "host_api": "ALSA", "outputs": 4, "inputs": 2,
        "default_rate": 44_100, "default_output": False, "default_input": True,
    }  # fmt: skip
    assert (second["name"], second["default_output"], second["default_input"]) == ("pulse", True, False)
    assert call("devices").out.splitlines()[1] == "* pulse (ALSA): 2 outputs, 0 inputs, 48000 Hz"


def test_minutes_become_steps(call, inputs, tmp_path):
    run = tmp_path / "run"
    ended = call("train", inputs["data"], "-o", run, *SETTINGS, "--minutes", "0.0005", "--json")
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["step"] == last["steps"] == ended.json["steps"] >= 1


COMMANDS = [
    "styles", "install", "render", "play", "devices", "bench", "prepare", "train", "evaluate", "export", "import",
    "report", "baseline", "estimate", "",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(call, command):
    ended = call(*command.split(), "--help")
    assert ended.code == 0
    assert "Usage: " in ended.out


def test_without_a_command_and_a_screen_it_shows_what_there_is(call, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    ended = call()
    assert (ended.code, ended.err) == (0, "")
    assert "render" in ended.out


# ------------------------------------------------------------------------------ what is refused
PLAY = "play {style} --device null --provider cpu --seconds 1 "
IMPORT_IT = "import {bad}/old -o {out}/old.samplernn --rate 16000 --quantizer linear "
RENDER = "render {style} -o {out}/take.wav --provider cpu --seconds 1 "

BAD = [
    ("nothing", "No such command 'nothing'"),
    ("styles --nothing", "No such option"),
    # styles
    ("render nobody -o {out}/take.wav --seconds 1", "unknown style 'nobody'; installed: "),
    ("render ../piano -o {out}/take.wav --seconds 1", "unknown style '../piano'"),
    ("render {bad}/nothing.samplernn -o {out}/take.wav --seconds 1", "nothing.samplernn: no such style file"),
    ("render {bad}/empty -o {out}/take.wav --seconds 1", "empty is a folder, not a style file"),
    ("render {bad}/text.samplernn -o {out}/take.wav --seconds 1", "text.samplernn is not a style file"),
    ("render {bad}/torn.samplernn -o {out}/take.wav --seconds 1", "torn.samplernn is not a style file, or only part"),
    ("render {bad}/tampered.samplernn -o {out}/take.wav --seconds 1", "start.safetensors is not what it was"),
    ("bench nobody", "unknown style 'nobody'"),
    ("bench {style} --voices 0", "0 is not in the range"),
    ("install {bad}/nothing.samplernn", "nothing.samplernn: no such style file"),
    ("install {bad}/torn.samplernn", "torn.samplernn is not a style file, or only part"),
    ("install {bad}/tampered.samplernn", "start.safetensors is not what it was when exported"),
    ("install {piano}", "is not a style file"),
    ("install", "Missing argument 'FILE'"),
    # primes
    (RENDER + "--prime {bad}/nothing.wav", "nothing.wav: cannot be read: No such file"),
    (RENDER + "--prime {bad}/empty", "empty: is a folder"),
    (RENDER + "--prime {bad}/empty.wav", "empty.wav: the file is empty"),
    (RENDER + "--prime {bad}/nan.wav", "nan.wav: holds samples that are not numbers"),
    (RENDER + "--prime {bad}/text.wav", "text.wav: is not sound that can be read"),
    (RENDER + "--prime {bad}/short.wav", "the prime is 3 samples long at 16000 Hz; the style needs at least 4"),
    (RENDER + "--prime {piano} --prime-seconds 0.0001", "the prime is 2 samples long"),
    (RENDER + "--prime {piano} --prime-seconds 0", "--prime-seconds needs --prime, and must be above 0"),
    (RENDER + "--prime {piano} --prime-seconds nan", "--prime-seconds needs --prime, and must be above 0"),
    (RENDER + "--prime-seconds 1", "--prime-seconds needs --prime, and must be above 0"),
    # numbers
    (RENDER + "--seconds -1", "--seconds is -1.0; it must be above 0"),
    (RENDER + "--seconds 0", "--seconds is 0.0; it must be above 0"),
    (RENDER + "--seconds nan", "--seconds is nan"),
    (RENDER + "--seconds inf", "--seconds is inf"),
    (RENDER + "--seconds ten", "'ten' is not a valid float"),
    (RENDER + "--temperature nan", "temperature is nan; it must be from 0 to 10"),
    (RENDER + "--temperature -0.5", "temperature is -0.5; it must be from 0 to 10"),
    (RENDER + "--temperature inf", "temperature is inf"),
    (RENDER + "--temperature hot", "'hot' is not a valid float"),
    (RENDER + "--seed -1", "-1 is not in the range"),
    (RENDER + "--seed 18446744073709551616", "is not in the range"),
    (RENDER + "--seed lucky", "'--seed': 'lucky' is not a valid integer"),
    (RENDER + "--voices 0", "0 is not in the range"),
    (RENDER + "--threads 0", "0 is not in the range"),
    (RENDER + "--provider abacus", "'abacus' is not one of"),
    # places
    ("render {style} -o {out}/nowhere/take.wav --seconds 1", "nowhere: no such folder to write to"),
    ("render {style} -o {out}/take.mp3 --seconds 1", "take.mp3: the output must end in .wav or .flac"),
    ("render {style} -o {bad} --seconds 1", "the output must end in .wav or .flac"),
    ("render {style} --seconds 1", "Missing option '-o'"),
    ("render {style} -o {out}/take.wav", "give a STYLE and --seconds, or --recipe with a take"),
    ("render -o {out}/take.wav --seconds 1", "give a STYLE and --seconds, or --recipe with a take"),
    # recipes
    ("render --recipe {bad}/nothing.wav -o {out}/take.wav", "nothing.wav: no such take"),
    ("render --recipe {bad}/empty -o {out}/take.wav", "empty: no such take"),
    ("render --recipe {bad}/text.wav -o {out}/take.wav", "text.wav has no recipe"),
    ("render --recipe {piano} -o {out}/take.wav", "has no recipe: it was not recorded with this program"),
    ("render --recipe {bad}/stranger.wav -o {out}/take.wav", "its recipe is damaged"),
    ("render --recipe {piano} -o {out}/take.mp3", "take.mp3: the output must end in .wav or .flac"),
    ("render {style} --recipe {piano} -o {out}/take.wav", "--recipe says all but the file, the provider and the len"),
    ("render --recipe {piano} --seconds nan -o {out}/take.wav", "--seconds is nan; it must be above 0"),
    ("render --recipe {piano} --seconds 5 -o {out}/take.wav", "has no recipe: it was not recorded with this program"),
    # live
    (PLAY.replace("{style}", "nobody"), "unknown style 'nobody'"),
    (PLAY + "--seconds 0", "--seconds is 0.0; it must be above 0"),
    (PLAY + "--latency 5", "--latency is 5; it must be from 20 to 500 milliseconds"),
    (PLAY + "--latency nan", "--latency is nan"),
    (PLAY + "--temperature 11", "temperature is 11.0; it must be from 0 to 10"),
    (PLAY + "--voices 5", "voices is 5; it must be from 1 to 4"),
    (PLAY + "--prime {bad}/text.wav", "text.wav: is not sound that can be read"),
    (PLAY + "--prime {bad}/nothing.wav", "nothing.wav: cannot be read: No such file"),
    (PLAY + "--record {out}/take.mp3", "take.mp3: the output must end in .wav or .flac"),
    (PLAY + "--record {out}/nowhere/take.wav", "nowhere: no such folder to write to"),
    (PLAY + "--record {bad}/short.wav", "short.wav is there already; record under another name"),
    ("render {style} -o {bad}/stranger.wav --seconds 1", "stranger.wav is a take; name another file"),
    # data
    ("prepare {bad}/empty -o {out}/data", "no sound files in"),
    ("prepare {bad}/texts -o {out}/data", "nothing to train on: 1 of 1 files are unusable"),
    ("prepare {bad}/nothing -o {out}/data", "nothing: no such file or folder"),
    ("prepare {piano} -o {bad}/text.wav", "is not (only) a data set"),
    ("prepare {piano} -o {out}/data --rate 1", "1 is not in the range"),
    ("prepare -o {out}/data", "Missing argument 'AUDIO...'"),
    ("prepare {bad}/short.wav -o {out}/data", "nothing to train on: 1 of 1 files are unusable"),
    ("prepare {bad}/silence.wav -o {out}/data --jobs 0", "0 is not in the range"),
    # training
    ("train {data} -o {out}/run --preset best --steps 1", "unknown preset 'best'; known are resonant, live, "),
    ("train {data} -o {out}/run --steps 1 --set speed=9", "unknown setting 'speed'; known are "),
    ("train {data} -o {out}/run --steps 1 --set units=many", "expected a whole number"),
    ("train {data} -o {out}/run --steps 1 --set units=-1", "units is -1; it must be at least 1"),
    ("train {data} -o {out}/run --steps 1 --set units", "'units' is not KEY=VALUE"),
    ("train {data} -o {out}/run --steps 1 --minutes 1", "--minutes and --steps exclude each other"),
    ("train {data} -o {out}/run --steps 0", "0 is not in the range"),
    ("train {data} -o {out}/run --minutes nan", "--minutes is nan; it must be above 0"),
    ("train {data} -o {out}/run --minutes -1", "--minutes is -1.0; it must be above 0"),
    ("train {data} -o {out}/run --set sample_rate=8000 --steps 1", "is at 16000 Hz, the model at 8000 Hz"),
    ("train {data} -o {out}/run --set chunk=999 --steps 1", "chunk is 999; it must be a multiple of 128 samples"),
    ("train {data} -o {out}/run --set chunk=1600000 --steps 1", "no recording to train on is as long as a chunk"),
    ("train {data} -o {out}/run --set units=8 --set chunk=256 --set batch=1", "say how long to train"),
    ("train {bad}/empty -o {out}/run --steps 1", "empty: not a data set"),
    ("train {data} -o {run} --steps 1", "holds a run already; go on with --resume"),
    ("train {data} -o {out}/nothing --resume", "last.safetensors: no such checkpoint"),
    ("train -o {out}/nothing --resume", "nothing: no such run"),
    ("train -o {out}/run --steps 1", "Missing argument 'DATA'"),
    ("train {data} -o {out}/run --steps 1 --set accumulate=5 --set units=8", "accumulate is 5, which 12 lanes cannot"),
    ("train {data} -o {run} --resume --set units=8", "--set cannot change a run that is resumed"),
    ("train {data} -o {bad}/text.wav --steps 1", "cannot make"),
    ("train {data} -o {run} --resume --from {style}", "--from is for a new run"),
    ("train {data} -o {out}/run --from nobody --steps 1", "unknown style 'nobody'"),
    ("train {data} -o {out}/run --from {bad}/empty --steps 1", "best.safetensors: no such checkpoint"),
    ("train {data} -o {out}/run --from {style} --set units=3 --steps 1", "has another shape (units "),
    ("estimate {data}", "say how long it is to train: --minutes M or --steps N"),
    ("estimate {data} --steps 1 --minutes 1", "--minutes and --steps exclude each other"),
    ("estimate {data} --minutes inf", "--minutes is inf; it must be above 0"),
    ("estimate {bad}/empty --minutes 1", "empty: not a data set"),
    ("estimate {data} --preset best --minutes 1", "unknown preset 'best'; known are resonant, live, "),
    ("estimate {data} --set chunk=1600000 --steps 1", "no recording to train on is as long as a chunk"),
    # runs and styles
    ("evaluate {bad}/empty {data}", "best.safetensors: no such checkpoint"),
    ("evaluate nobody {data}", "unknown style 'nobody'"),
    ("evaluate {bad}/text.samplernn {data}", "is not a style file"),
    ("evaluate {run} {bad}/empty", "empty: not a data set"),
    ("evaluate {style} {data} --split test", "its test split is empty"),
    ("evaluate {style} {data} --split rest", "'rest' is not one of"),
    ("export {bad}/empty -o {out}/mine.samplernn", "best.safetensors: no such checkpoint"),
    ("export {bad}/text.wav -o {out}/mine.samplernn", "no"),
    ("export {run} -o {out}/mine.zip", "mine.zip: a style file ends in .samplernn"),
    ("export {run} -o {out}/nowhere/mine.samplernn", "nowhere: no such folder"),
    ("export {run} -o {out}/mine.samplernn --checkpoint first", "first.safetensors: no such checkpoint"),
    ("export {run} -o {out}/mine.samplernn --temperature nan", "temperature is nan"),
    ("export {run} -o {out}/mine.samplernn --data {bad}/empty", "empty: not a data set"),
    # old checkpoints
    ("import {bad}/old -o {out}/old.samplernn", "give --rate and --quantizer (--rate 16000 --quantizer linear, if"),
    ("import {bad}/old -o {out}/old.samplernn --rate 16000", "give --rate and --quantizer"),
    ("import {bad}/old -o {out}/old.samplernn --quantizer linear", "give --rate and --quantizer"),
    ("import {bad}/old -o {out}/old.samplernn --rate 16 --quantizer linear", "16 is not in the range"),
    ("import {bad}/old -o {out}/old.samplernn --rate 16000 --quantizer u-law", "'u-law' is not one of"),
    ("import {bad}/old --rate 16000 --quantizer linear", "Missing option '-o'"),
    (IMPORT_IT + "--temperature nan", "temperature is nan"),
    (IMPORT_IT + "--data {bad}/empty", "empty: not a data set"),
    (IMPORT_IT.replace("16000", "8000") + "--data {data}", "is at 16000 Hz, the model at 8000 Hz"),
    (IMPORT_IT.replace("old.samplernn", "old.zip"), "old.zip: a style file ends in .samplernn"),
    (IMPORT_IT.replace("{out}", "{out}/nowhere"), "nowhere: no such folder to write to"),
    (IMPORT_IT.replace("{bad}/old", "{bad}/nothing"), "nothing: no such file"),
    (IMPORT_IT.replace("{bad}/old", "{bad}/empty"), "empty: a folder, not a checkpoint"),
    (IMPORT_IT.replace("{bad}/old", "{bad}/text.wav"), "text.wav: not a torch checkpoint"),
    (IMPORT_IT.replace("{bad}/old", "{style}"), "tiny.samplernn: not a torch checkpoint"),
    (IMPORT_IT.replace("{bad}/old", "{bad}/whole-module"), "'torch.nn.modules.linear.Linear' to be run, which"),
    (IMPORT_IT.replace("{bad}/old", "{bad}/other-project"), "it has no sample_level_mlp.embedding.weight, but conv.w"),
]


@pytest.mark.parametrize("as_json", [False, True], ids=["people", "json"])
@pytest.mark.parametrize(("command", "text"), BAD)
def test_what_cannot_be_is_refused_in_one_line(call, inputs, tmp_path, command, text, as_json):
    arguments = [argument.format(out=tmp_path, **inputs) for argument in command.split()]
    call(*arguments, *["--json"] * as_json).is_refusal(text)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_refused_render_leaves_the_take_before(call, inputs, tmp_path):
    take = tmp_path / "take.wav"
    take.write_bytes(b"the take before")
    for option in ("--temperature nan", "--seconds -1", "--prime {bad}/short.wav", "--prime {bad}/nan.wav"):
        call(*(RENDER + option).format(out=tmp_path, **inputs).split()).is_refusal("")
        assert take.read_bytes() == b"the take before"


def test_a_style_that_is_not_what_it_was_is_one_line_live_too(call, inputs):
    command = ["play", Path(inputs["bad"]) / "tampered.samplernn", "--device", "null", "--provider", "cpu"]
    call(*command).is_refusal("start.safetensors is not what it was when exported", code=1)


def test_any_other_failure_is_one_line_too(call, tiny_style, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("engine.select.select_kernel", fail)
    call("render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "1").is_refusal("first second", code=1)
    monkeypatch.setattr("engine.select.select_kernel", lambda *_: 1 / 0)
    call("render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "1").is_refusal("division", code=1)


def test_another_python_than_that_of_the_set_up_is_told_what_to_do(call, tiny_style, tmp_path, monkeypatch):
    def fail(*_):
        raise ModuleNotFoundError("No module named 'onnxruntime'")

    monkeypatch.setattr("engine.select.select_kernel", fail)
    call("render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "1").is_refusal("bin/activate", code=1)


@pytest.mark.parametrize("name", ["take.wav", "take.flac"])
def test_a_full_disk_is_one_line_and_keeps_the_sound_before(call, tiny_style, tmp_path, name):
    command = ["render", tiny_style, "-o", tmp_path / name, "--seconds", "2", "--seed", "1", "--provider", "cpu"]
    with disk_of(40_000):
        call(*command).is_refusal("the disk is full", code=1)
    heard, rate = soundfile.read(tmp_path / name, dtype="int16")
    assert call(*command).code == 0
    np.testing.assert_array_equal(heard, soundfile.read(tmp_path / name, dtype="int16")[0][: len(heard)])
    assert 0.5 < len(heard) / rate < 2
    assert os.listdir(tmp_path) == [name]


def test_a_full_disk_stops_a_training_in_one_line(call, inputs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(inputs["run"], run)
    before = (run / "checkpoints" / "last.safetensors").read_bytes()
    with disk_of(20_000):
        ended = call("train", inputs["data"], "-o", run, "--resume", "--steps", 11)
    assert ended.code == 1
    assert ended.err.splitlines()[-1].startswith("Error: cannot write to ")
    assert ended.err.endswith("its last good checkpoint is kept. Make room and go on with --resume\n")
    assert "Traceback" not in ended.err
    assert (run / "checkpoints" / "last.safetensors").read_bytes() == before


# ------------------------------------------------------------------------------ what is interrupted
def test_an_interrupted_training_can_be_taken_up(call, inputs, tmp_path):
    run = tmp_path / "run"
    settings = [*SETTINGS, "--set", "valid_every=1", "--steps", "100000", "--nice", "5", "--threads", "1", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running("train", inputs["data"], "-o", run, *settings, **pipes) as process:
        assert json.loads(process.stderr.readline())["step"] == 1
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
        taken = f"{run} is being trained already, by process {process.pid}; wait for it, or stop it first"
        call("train", "-o", run, "--resume").is_refusal(taken)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    answer = Ended(process.returncode, out, err).json
    assert 1 <= answer["steps"] < 100_000
    assert "Traceback" not in err
    resumed = call("train", "-o", run, "--resume", "--steps", answer["steps"] + 1, "--json")
    assert resumed.json["steps"] == answer["steps"] + 1
    lines = (run / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(1, answer["steps"] + 2))


def test_an_interrupted_render_keeps_the_sound_before_and_a_terminal_shows_how_far_it_is(inputs, tmp_path):
    terminal, its_other_end = os.openpty()
    command = ["render", inputs["style"], "-o", tmp_path / "take.flac", "--seconds", "600", "--provider", "cpu"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    with running(*command, stdout=subprocess.PIPE, stderr=its_other_end, env=environment) as process:
        os.close(its_other_end)
        shown = b""
        while not re.search(rb"playing.* [1-9]\d?%", shown):
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=100) == 130
        assert process.stdout.read() == ""
    os.close(terminal)
    assert b"Error" not in shown
    sound, rate = soundfile.read(tmp_path / "take.flac")
    assert 1 < len(sound) / rate < 600
    assert os.listdir(tmp_path) == ["take.flac"]
