"""Styles are found by name or by path, and nowhere else."""

import shutil

import pytest

from engine import library
from engine.library import find_style, installed_styles
from models.errors import InputError


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
    monkeypatch.chdir(tmp_path)
    return folder


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
