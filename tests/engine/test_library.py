"""Styles are found by name or by path, and nowhere else."""

import errno
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from onnx import helper, load_model_from_string

from engine import library
from engine.library import (
    find_style,
    find_style_by_hash,
    install_style,
    installed_styles,
    is_users,
    name_of,
    users_folder,
)
from models.errors import InputError
from models.style import change_info, open_style, write_style
from tests.engine import style_with, style_with_weights, tampered


@pytest.fixture
def installed(tmp_path, monkeypatch, tiny_style):
    """The folder of installed styles: harp, lute and one that is damaged; beside it lies outside.samplernn."""
    folder = tmp_path / "styles"
    (folder / "sub").mkdir(parents=True)
    for path in (folder / "lute", folder / "harp", folder / "sub" / "inside", tmp_path / "outside"):
        shutil.copy(tiny_style, path.with_suffix(".samplernn"))
    (folder / "torn.samplernn").write_bytes(tiny_style.read_bytes()[:1000])
    (folder / "notes.txt").write_text("not a style")
    monkeypatch.setattr(library, "INSTALLED", folder)
    monkeypatch.setenv("SAMPLERNN_STYLES", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def other(tiny_style, tmp_path):
    """Another network, in a file called harp.samplernn."""
    (tmp_path / "download").mkdir()
    path = tmp_path / "download" / "harp.samplernn"
    return style_with_weights(open_style(tiny_style), path, "samples.output.bias", 0.1)


def test_installed_styles_are_those_that_open_by_name(installed):
    assert [style.path.stem for style in installed_styles()] == ["harp", "lute"]


def test_a_style_is_found_by_its_name(installed):
    assert find_style("harp").path == installed / "harp.samplernn"


def test_a_style_is_found_by_its_path(installed):
    assert find_style("outside.samplernn").info.name == "Tiny"
    assert find_style(str(installed / "sub" / "inside.samplernn")).info.name == "Tiny"


def test_a_style_file_may_have_any_name(installed):
    shutil.copy("outside.samplernn", "song")
    assert find_style("song").info.name == "Tiny"


def test_an_installed_name_comes_before_a_folder_of_that_name(installed, tmp_path):
    (tmp_path / "harp").mkdir()
    assert find_style("harp").path == installed / "harp.samplernn"


@pytest.mark.parametrize("name", ["banjo", "harp2", "Harp ", "a" * 300, "ein Flügel"])
def test_an_unknown_name_is_told_the_known_ones(installed, name):
    with pytest.raises(InputError, match=r"unknown style .*; installed: harp, lute\. Or give the path"):
        find_style(name)


def test_an_unknown_name_where_none_is_installed(installed, monkeypatch, tmp_path):
    monkeypatch.setattr(library, "INSTALLED", tmp_path / "nowhere")
    assert installed_styles() == []
    with pytest.raises(InputError, match="installed: none"):
        find_style("harp")


@pytest.mark.parametrize("name", ["../outside", "sub/inside", "styles/../outside", "./sub/../../outside", "{}/outside"])
def test_a_name_does_not_lead_out_of_the_installed_styles(installed, tmp_path, name):
    """As a name: the path of a file works, with the file's whole name."""
    with pytest.raises(InputError, match="unknown style"):
        find_style(name.format(tmp_path))


def test_nothing_is_an_unknown_style(installed):
    with pytest.raises(InputError, match="unknown style ''"):
        find_style("")


@pytest.mark.parametrize("name", [".", "..", "/", "styles"])
def test_a_folder_is_no_style(installed, name):
    with pytest.raises(InputError, match="is a folder, not a style file"):
        find_style(name)


def test_a_damaged_style_says_what_is_wrong(installed):
    with pytest.raises(InputError, match=r"torn\.samplernn is not a style file, or only part of one"):
        find_style("torn")
    with pytest.raises(InputError, match=r"missing\.samplernn: no such style file"):
        find_style("missing.samplernn")


def test_a_style_cut_anywhere_is_refused_in_one_line(installed, tiny_style):
    content = tiny_style.read_bytes()
    for end in range(0, len(content), len(content) // 50):
        (installed / "torn.samplernn").write_bytes(content[:end])
        with pytest.raises(InputError) as refusal:
            find_style("torn")
        assert "\n" not in str(refusal.value)


# ------------------------------------------------------------------------------ the user's own
def test_a_style_is_installed_under_its_name_and_found_by_it(installed, other):
    moved = other.path.rename(other.path.with_name("banjo.samplernn"))
    style = install_style(moved)
    assert style.path == users_folder() / "banjo.samplernn"
    assert (style.sha256, style.info) == (other.sha256, other.info)
    moved.unlink()
    assert find_style("banjo").read("step.int8.onnx") == style.read("step.int8.onnx")
    assert [name_of(style) for style in installed_styles()] == ["banjo", "harp", "lute"]
    assert find_style_by_hash(style.sha256, Path("gone"), "Tiny").path == style.path
    assert os.listdir(users_folder()) == ["banjo.samplernn"]


def test_what_is_the_users_is_told_from_what_is_not(installed, other):
    assert is_users(install_style(other.path).path)
    assert not is_users(find_style("lute").path)
    assert not is_users(other.path)


def test_the_very_style_is_installed_once(installed, tiny_style, other, tmp_path):
    assert install_style(tiny_style).path == installed / "harp.samplernn"
    assert not users_folder().exists()
    first = install_style(other.path)
    renamed = tmp_path / "renamed.samplernn"
    shutil.copy(other.path, renamed)
    change_info(open_style(renamed), description="Said otherwise, played the same.")
    assert install_style(renamed).path == first.path
    assert install_style(first.path).path == first.path
    assert len(os.listdir(users_folder())) == 1


def test_a_name_that_another_style_has_gets_a_number(installed, tiny_style, other, tmp_path):
    assert install_style(other.path).path == users_folder() / "harp 2.samplernn"
    for number in (3, 4):
        path = other.path.with_name("again.samplernn")
        style_with_weights(open_style(tiny_style), path, "samples.output.bias", 0.1 * number)
        path.replace(other.path)
        assert install_style(other.path).path.stem == f"harp {number}"
    assert find_style("harp").path == installed / "harp.samplernn"
    assert find_style("harp 3").path == users_folder() / "harp 3.samplernn"


def test_a_name_of_the_programs_own_is_never_hidden_and_what_has_it_too_is_found_by_its_path(installed, other):
    users_folder().mkdir()
    mine = users_folder() / "harp.samplernn"
    shutil.copy(other.path, mine)
    assert find_style("harp").path == installed / "harp.samplernn"
    assert [name_of(style) for style in installed_styles()] == ["harp", str(mine), "lute"]
    assert find_style(str(mine)).sha256 == other.sha256
    (installed / "harp.samplernn").unlink()
    assert find_style("harp").path == mine


@pytest.mark.parametrize(
    ("name", "stem"), [("a song", "a song"), (".samplernn", "samplernn"), ("Harp.SAMPLERNN", "Harp"), ("ü.x", "ü.x")]
)
def test_any_file_name_will_do(installed, other, name, stem):
    path = other.path.rename(other.path.with_name(name))
    assert install_style(path).path == users_folder() / f"{stem}.samplernn"


def foreign_operator(content):
    model = load_model_from_string(content)
    model.graph.node.append(helper.make_node("Loop", ["a"], ["b"]))
    return model.SerializeToString()


def test_what_is_wrong_anywhere_in_a_style_is_one_line_and_nothing_is_installed(installed, other, tmp_path):
    bad = tmp_path / "bad.samplernn"

    def refused(text):
        with pytest.raises(InputError) as refusal:
            install_style(bad)
        assert text in str(refusal.value)
        assert str(refusal.value).count(str(bad)) == 1
        assert "\n" not in str(refusal.value)
        assert not users_folder().exists()

    refused("no such style file")
    bad.write_text("not a style")
    refused("is not a style file")
    bad.write_bytes(other.path.read_bytes()[:-1000])
    refused("is not a style file, or only part of one")
    for entry in other.hashes:
        tampered(other.path, bad, entry, b"something else")
        refused(f"{entry} is not what it was when exported")
    for entry in (name for name in other.hashes if name.endswith(".onnx")):
        style_with(other, bad, {entry: foreign_operator(other.read(entry))})
        refused(f"its {entry.split('.')[0]} graph ({entry.split('.')[1]}) uses the operator ':Loop'")
        style_with(other, bad, {entry: b"nothing"})
        refused("is not an ONNX model")
    entries = {name: other.read(name) for name in other.hashes}
    write_style(bad, replace(other.info, model=replace(other.info.model, units=8)), entries)
    refused("of the expected type and shape")


def test_nothing_of_a_style_is_executed_when_it_is_installed(installed, other):
    code = """
import sys
from pathlib import Path
from engine.library import install_style
install_style(Path(sys.argv[1]))
print([name for name in ("torch", "onnxruntime", "engine.kernel") if name in sys.modules])
"""
    command = [sys.executable, "-c", code, other.path]
    root = Path(library.__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout == "[]\n"


def test_a_folder_that_cannot_be_written_to_is_said(installed, other, tmp_path, monkeypatch, disk_full_beyond):
    with disk_full_beyond(5000), pytest.raises(InputError, match=r"harp\.samplernn cannot be installed into .*mine: "):
        install_style(other.path)
    assert os.listdir(users_folder()) == []
    users_folder().rmdir()
    users_folder().write_text("not a folder")
    with pytest.raises(InputError, match=f"cannot be installed into .*: {os.strerror(errno.EEXIST)}"):
        install_style(other.path)


def test_several_installed_at_once_do_not_take_each_others_names(installed, tiny_style, tmp_path):
    paths = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        paths.append(tmp_path / str(number) / "viola.samplernn")
        style_with_weights(open_style(tiny_style), paths[-1], "samples.output.bias", 0.1 * (number + 1))
    with ThreadPoolExecutor(4) as pool:
        styles = list(pool.map(install_style, paths))
    assert {style.path.stem for style in styles} == {"viola", "viola 2", "viola 3", "viola 4"}
    assert [style.sha256 for style in styles] == [open_style(path).sha256 for path in paths]


def test_where_the_users_styles_are(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMPLERNN_STYLES", "relative")
    monkeypatch.chdir(tmp_path)
    assert users_folder() == tmp_path / "relative"
    monkeypatch.setenv("SAMPLERNN_STYLES", "")
    monkeypatch.setenv("SAMPLERNN_HOME", "all of mine")
    assert users_folder() == tmp_path / "all of mine" / "styles"
    monkeypatch.setenv("SAMPLERNN_HOME", "")
    assert users_folder().parts[-2:] == ("SampleRNN Studio", "styles")
