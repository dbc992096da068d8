"""A style file from anywhere opens as what its maker wrote, or is refused in one line."""

import copy
import dataclasses
import hashlib
import json
import math
import random
import struct
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.graph_check import parse_graph
from models.style import (
    ENTRIES,
    INFO,
    LARGEST_INFO,
    LARGEST_SHOWN,
    PICTURE,
    PREVIEW,
    Style,
    StyleInfo,
    change_info,
    open_style,
    write_style,
)
from tests.models.made import predicting, small

INFORMATION = StyleInfo(
    name="Räume",
    description="Two lines\nof it",
    author="someone",
    licence="CC0-1.0",
    trained_on="three recordings",
    trained_samples=1_000,
    bits_valid=3.5,
    bits_samples=500,
    default_temperature=0.9,
    loudness=-20.0,
    frames_per_run={"step.int8.onnx": None, "prime.int8.onnx": None},
    model=small(frame_sizes=(2, 4), quantizer="a-law", rnn="lstm"),
)
CONTENT = {name: name.encode() * 20 for name in ("step.int8.onnx", "prime.int8.onnx", "start.safetensors")}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test writes its file."""
    return tmp_path_factory.mktemp("style") / "some.samplernn"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A style file without real graphs."""
    path = tmp_path_factory.mktemp("style") / "whole.samplernn"
    write_style(path, INFORMATION, CONTENT)
    return path.read_bytes()


def refused(path: Path) -> str:
    """The line that says why."""
    with pytest.raises(InputError) as caught:
        open_style(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 500
    return str(caught.value)


def information(**changes: Any) -> dict[str, Any]:
    """What style.json holds, with changes."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    model = {**dataclasses.asdict(INFORMATION.model), "frame_sizes": list(INFORMATION.model.frame_sizes)}
    return {"format": 1, **dataclasses.asdict(INFORMATION), "model": model, "hashes": hashes, **changes}


def write(path: Path, info: object, entries: dict[str, bytes] = CONTENT, method: int = zipfile.ZIP_STORED) -> None:
    """A zip of style.json (given as text, bytes or what JSON holds) and entries."""
    text = info if isinstance(info, str | bytes) else json.dumps(info)
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in {INFO: text, **entries}.items():
            file.writestr(name, content)


# ---------------------------------------------------------------------------------- what was written is read


def test_a_style_survives_being_written(path, whole):
    path.write_bytes(whole)
    style = open_style(path)
    assert style.info == INFORMATION
    assert {name: style.read(name) for name in style.hashes} == CONTENT


def test_the_same_style_is_the_same_file_whenever_it_is_written(path, whole, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_style(path, INFORMATION, CONTENT)
    assert path.read_bytes() == whole


def test_what_is_not_known_of_a_style_may_be_left_open(path):
    """As of one that was trained elsewhere."""
    unknown = dataclasses.replace(INFORMATION, trained_samples=None, bits_valid=None, bits_samples=0)
    write_style(path, unknown, CONTENT)
    assert open_style(path).info == unknown


def test_its_hash_tells_styles_apart(path, whole):
    path.write_bytes(whole)
    same = open_style(path).sha256
    write_style(path, dataclasses.replace(INFORMATION, name="another"), CONTENT)
    assert open_style(path).sha256 == same  # it plays the same
    write_style(path, INFORMATION, {**CONTENT, "step.int8.onnx": b"another"})
    assert open_style(path).sha256 != same


SHOWN = {PREVIEW: b"a sound", PICTURE: b"a picture"}


def test_a_preview_and_a_picture_do_not_make_it_another_style(path, whole):
    """Takes know it by its hash."""
    path.write_bytes(whole)
    bare = open_style(path)
    shown = change_info(bare, SHOWN, name="shown")
    assert {name: shown.read(name) for name in shown.hashes} == {**CONTENT, **SHOWN}
    assert shown.sha256 == bare.sha256
    again = change_info(shown, {PICTURE: b"another"}, loudness=-30.0)
    assert [again.read(name) for name in SHOWN] == [b"a sound", b"another"]
    assert (again.info.name, again.info.loudness, again.sha256) == ("shown", -30.0, bare.sha256)


@pytest.mark.parametrize("name", SHOWN)
def test_a_preview_or_picture_that_is_too_large_or_not_what_it_was_is_refused(path, name):
    write_style(path, INFORMATION, {**CONTENT, name: bytes(LARGEST_SHOWN[name])})
    assert len(open_style(path).read(name)) == LARGEST_SHOWN[name]
    write_style(path, INFORMATION, {**CONTENT, name: bytes(LARGEST_SHOWN[name] + 1)})
    assert f"its {name} is larger than" in refused(path)
    write(path, information(hashes={**information()["hashes"], name: "0" * 64}), {**CONTENT, name: b"x"})
    with pytest.raises(InputError, match="not what it was when exported"):
        open_style(path).read(name)


def test_a_style_from_before_predictions_opens_and_keeps_its_hash(path):
    """Takes know it by that."""
    model = {
        **{"frame_sizes": [2, 4], "units": 6, "rnn": "lstm", "rnn_layers": 2, "skip_connections": False},
        **{"embedding": 3, "mlp_units": 16, "mlp_hidden": 2, "mlp_first_relu": False, "weight_norm": True},
        **{"levels": 12, "quantizer": "a-law", "sample_rate": 16_000},
    }
    write(path, information(model=model))
    style = open_style(path)
    assert style.info == INFORMATION
    known_by = json.dumps({"model": model, "hashes": style.hashes}, sort_keys=True)
    assert style.sha256 == hashlib.sha256(known_by.encode()).hexdigest()


def test_how_a_style_predicts_survives_and_tells_it_apart(path):
    hashes = set()
    for model in (small(), predicting(), predicting(prediction_window=41)):
        write_style(path, dataclasses.replace(INFORMATION, model=model), CONTENT)
        assert open_style(path).info.model == model
        hashes.add(open_style(path).sha256)
    assert len(hashes) == 3


def test_an_exported_style_opens_and_its_graphs_pass(tiny_style):
    style = open_style(tiny_style)
    assert style.hashes.keys() == ENTRIES
    for precision in ("int8", "fp32"):
        for kind in ("step", "prime"):
            parse_graph(style.read(f"{kind}.{precision}.onnx"), kind, precision, style.info.model)


# ---------------------------------------------------------------------------------- files that are none


def test_no_file_and_a_folder_are_refused(tmp_path):
    assert "no such style file" in refused(tmp_path / "none.samplernn")
    assert "a folder" in refused(tmp_path)


@given(content=st.binary(max_size=300))
@example(b"")
@example(b"a text, not a style" * 100)
@example(b"PK\x05\x06" + bytes(18))  # an empty zip
@example(b"PK\x05\x06" + bytes(8) + b"\xff" * 10)
@settings(max_examples=100)
def test_what_is_no_zip_is_refused(path, content):
    path.write_bytes(content)
    refused(path)


@given(place=st.floats(0, 1, exclude_max=True))
@settings(max_examples=100)
def test_a_truncated_file_is_refused(path, whole, place):
    path.write_bytes(whole[: int(place * len(whole))])
    refused(path)


def test_every_truncation_of_an_exported_style_is_refused(path, tiny_style):
    content = tiny_style.read_bytes()
    for length in (*range(0, len(content), len(content) // 60), *range(len(content) - 60, len(content))):
        path.write_bytes(content[:length])
        refused(path)


# ---------------------------------------------------------------------------------- entries


@pytest.mark.parametrize(
    "name", ["readme.txt", "../evil.onnx", "/etc/passwd", "step.fp64.onnx", "step.int8.onnx/x", "x" * 5000]
)
def test_an_entry_that_does_not_belong_is_refused(path, name):
    write(path, information(), {**CONTENT, name: b"x"})
    assert "does not belong" in refused(path)


@pytest.mark.parametrize("name", CONTENT)
def test_a_missing_entry_is_refused(path, name):
    left = {key: content for key, content in CONTENT.items() if key != name}
    hashes = {key: hashlib.sha256(content).hexdigest() for key, content in left.items()}
    runs = {key: None for key in left if key.endswith(".onnx")}
    write(path, information(hashes=hashes, frames_per_run=runs), left)
    assert "missing" in refused(path)


def test_half_of_the_graphs_for_cuda_are_refused(path):
    write(path, information(), {**CONTENT, "step.fp32.onnx": b"x"})
    assert "fp32 graphs is missing" in refused(path)


def test_a_file_without_information_is_refused(path):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in CONTENT.items():
            file.writestr(name, content)
    assert INFO in refused(path)


@pytest.mark.parametrize("name", [INFO, "step.int8.onnx"])
def test_an_entry_twice_is_refused(path, name):
    write(path, information())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr(name, b"{}")
    assert "twice" in refused(path)


def test_entries_the_information_does_not_list_are_refused(path):
    write(path, information(), {**CONTENT, "weights.safetensors": b"x"})
    assert "does not list" in refused(path)
    write(path, information(hashes={**information()["hashes"], "weights.safetensors": "0" * 64}))
    assert "does not list" in refused(path)


@pytest.mark.parametrize("name", CONTENT)
def test_an_entry_with_another_content_is_refused_when_read(path, name):
    write(path, information(), {**CONTENT, name: CONTENT[name] + b"!"})
    style = open_style(path)
    with pytest.raises(InputError, match="not what it was when exported"):
        style.read(name)


# ---------------------------------------------------------------------------------- zip bombs


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_entries_are_refused_and_not_unpacked(path, method):
    write(path, information(), {**CONTENT, "weights.safetensors": bytes(1 << 24)}, method)
    assert path.stat().st_size < 1 << 20
    assert "compressed" in refused(path)


CENTRAL, SIZES = b"PK\x01\x02", 20
"""The head of an entry in a zip's directory, and where in it the sizes are, compressed and not."""


def with_directory(whole: bytes, name: str, change: Callable[[bytearray, int], None]) -> bytes:
    """The zip with the directory's entry of that name changed, given the bytes and where the entry begins."""
    content = bytearray(whole)
    change(content, content.rindex(CENTRAL, 0, content.rindex(name.encode())))
    return bytes(content)


@pytest.mark.parametrize("name", [INFO, *CONTENT])
@pytest.mark.parametrize("sizes", [(1 << 31, 1 << 31), (100, 1 << 31), (4000, 4000), (100, 0)])
def test_sizes_that_do_not_add_up_are_refused(path, whole, name, sizes):
    path.write_bytes(
        with_directory(whole, name, lambda content, at: struct.pack_into("<II", content, at + SIZES, *sizes))
    )
    with pytest.raises(InputError) as caught:
        open_style(path).read("step.int8.onnx")
    assert "\n" not in str(caught.value)


def test_entries_that_share_their_bytes_are_refused(path):
    """A small file that unpacks to a large one by claiming the same megabyte again and again."""
    write(path, information(), {**CONTENT, "prime.int8.onnx": bytes(1 << 20)})
    content = bytearray(path.read_bytes())
    prime = content.rindex(CENTRAL, 0, content.rindex(b"prime.int8.onnx"))
    for name in ("step.int8.onnx", "start.safetensors"):
        entry = content.rindex(CENTRAL, 0, content.rindex(name.encode()))
        content[entry + 16 : entry + 28] = content[prime + 16 : prime + 28]  # checksum and sizes
        content[entry + 42 : entry + 46] = content[prime + 42 : prime + 46]  # where it begins
    path.write_bytes(content)
    assert "more than it holds" in refused(path)


def test_information_too_large_to_be_true_is_refused_unread(path):
    write(path, information(description="x" * LARGEST_INFO))
    assert "too large" in refused(path)


def test_an_encrypted_entry_is_refused(path, whole):
    def encrypt(content: bytearray, at: int) -> None:
        content[at + 8] |= 1

    path.write_bytes(with_directory(whole, INFO, encrypt))
    assert "encrypted" in refused(path)


# ---------------------------------------------------------------------------------- style.json

DAMAGED = [
    *("", "{", "nul", "[]", "3", "null", '"x"', "{}", "NaN", '{"format": 1}', "[" * 100_000, '{"a":' * 100_000),
    *(b"\xff\xfe", b"\x00", '"\ud800"'.encode("utf-8", "surrogatepass"), "9" * 5000),
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_information_is_refused(path, text):
    write(path, text)
    refused(path)


@pytest.mark.parametrize("field", ["format", "name", "model", "hashes", "units"])
def test_information_nested_deeply_is_refused(path, field):
    """Wherever on the way it becomes too deep, be it for the message that says what is wrong."""
    content = information()
    (content["model"] if field == "units" else content)[field] = "HERE"
    limit = sys.getrecursionlimit()
    for depth in (1, 100, *range(limit - 150, limit), 10 * limit):
        write(path, json.dumps(content).replace('"HERE"', "[" * depth + "]" * depth))
        refused(path)


@pytest.mark.parametrize("key", information())
def test_missing_information_is_refused(path, key):
    write(path, {name: value for name, value in information().items() if name != key})
    refused(path)


WRONG_COUNTS: list[Any] = [0, -1, 1.5, "1", True, 10_000, math.nan, []]
WRONG: dict[str, list[Any]] = {
    "format": [0, 2, "1", None, [], 1.5],
    "bits_valid": [math.nan, math.inf, -math.inf, "3", [], 10**400, None],  # none of 500 samples
    "bits_samples": [math.nan, "3", None, {}, 10**400],
    "trained_samples": [math.inf, "3", [], -(10**400)],
    "default_temperature": [math.nan, math.inf, -0.1, "1", None, 10**400],
    "loudness": [math.nan, -math.inf, 0.1, -1000, "-20", None, -(10**400)],
    "model": [None, [], 3, "live", {}, {**information()["model"], "units": 0}, {**information()["model"], "x": 1}],
    "hashes": [None, [], {}, "x", {**information()["hashes"], "step.int8.onnx": 3}, {"": ""}],
    "frames_per_run": [
        *(None, [], {}, "x", {"step.int8.onnx": 1}),
        *({"step.int8.onnx": count, "prime.int8.onnx": None} for count in WRONG_COUNTS),
    ],
    **{name: [None, 3, [], {}, True] for name in ("name", "description", "author", "licence", "trained_on")},
}


@pytest.mark.parametrize(
    ("key", "value"),
    [pytest.param(key, value, id=f"{key}={value!r:.40}{i}") for key in WRONG for i, value in enumerate(WRONG[key])],
)
def test_wrong_information_is_refused(path, key, value):
    write(path, information(**{key: value}))
    refused(path)


def test_every_piece_of_information_has_been_tried_wrong():
    assert WRONG.keys() == information().keys()


def test_a_style_of_a_later_format_says_so(path):
    write(path, information(format=2))
    assert "update the program" in refused(path)


texts = st.text("aé\n\x00\u2028\ud800", max_size=5)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(key=st.sampled_from([*information(), *(f"model.{key}" for key in information()["model"])]), value=anything)
@settings(max_examples=150)
def test_nothing_but_a_refusal_comes_of_any_information(path, key, value):
    content = copy.deepcopy(information())
    *outer, last = key.split(".")
    (content["model"] if outer else content)[last] = value
    write(path, content)
    with suppress(InputError):
        open_style(path)


# ---------------------------------------------------------------------------------- anything at all


def use(path: Path) -> None:
    """All that is done with a style file before anything in it is run."""
    read(open_style(path))


def read(style: Style) -> None:
    for name in style.hashes:
        content = style.read(name)
        if name.endswith(".onnx"):
            kind, precision, _ = name.split(".")
            parse_graph(content, kind, precision, style.info.model)


@given(place=st.integers(min_value=0), value=st.integers(0, 255), seed=st.integers(0, 99))
@settings(max_examples=200)
def test_nothing_but_a_refusal_comes_of_a_changed_byte(path, whole, place, value, seed):
    content = bytearray(whole)
    content[place % len(content)] = value
    for place in random.Random(seed).sample(range(len(content)), seed % 3):
        content[place] ^= 1 << seed % 8
    path.write_bytes(content)
    with suppress(InputError):
        use(path)


def test_every_byte_of_the_directory_may_be_another(path, whole):
    """One after the other, each set to a few values: where a zip says what is in it and how."""
    begin = whole.index(CENTRAL)
    for place in range(begin, len(whole)):
        for value in (0x01, 0x40, 0xFF):
            content = bytearray(whole)
            content[place] = value
            path.write_bytes(content)
            with suppress(InputError):
                use(path)


@given(content=st.binary(max_size=300), place=st.integers(min_value=0), value=st.integers(0, 255))
@settings(max_examples=100)
def test_a_file_that_changes_while_it_is_open_is_refused(path, whole, content, place, value):
    """As when a style is replaced while it plays."""
    path.write_bytes(whole)
    style = open_style(path)
    damaged = bytearray(whole)
    damaged[place % len(whole)] = value
    for other in (content, bytes(damaged)):
        path.write_bytes(other)
        with suppress(InputError):
            read(style)
