"""To the trash and back."""

from pathlib import Path

import pytest

from studio.trash import from_trash, to_trash


@pytest.fixture(autouse=True)
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the trash is made in, which is not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def test_there_and_back(tmp_path: Path, trash: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    where = to_trash(path)
    assert not path.exists()
    assert where.read_text() == "a"
    from_trash(where, path)
    assert path.read_text() == "a"
    assert [file for file in trash.rglob("*") if file.is_file()] == []


def test_two_of_one_name(tmp_path: Path) -> None:
    path, places = tmp_path / "a.txt", []
    for text in ("first", "second"):
        path.write_text(text)
        places.append(to_trash(path))
    from_trash(places[0], path)
    assert path.read_text() == "first"
    assert places[1].read_text() == "second"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    where = to_trash(path)
    path.write_text("new")
    with pytest.raises(FileExistsError, match=r"another .*a\.txt"):
        from_trash(where, path)
    assert (path.read_text(), where.read_text()) == ("new", "old")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        to_trash(tmp_path / "nothing")
