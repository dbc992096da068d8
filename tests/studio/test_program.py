"""Commands in a process of their own."""

import sys
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.program import MAIN, Program, command


@pytest.fixture
def run(qapp: object) -> Iterator[Program]:
    parent = QObject()
    made = Program(parent)
    yield made
    made.end()


def python(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


def test_the_last_line_is_the_answer(qtbot: QtBot, run: Program) -> None:
    with qtbot.waitSignal(run.answered) as answered:
        run.begin(python("print('hello'); print('{\"factor\": 4.1}')"))
    assert answered.args == [{"factor": 4.1}]
    assert not run.running


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys; sys.exit('first\\nError: no such style')", "no such style"),
        ("print('{}'); raise SystemExit(3)", "it gave no answer"),
        ("print('[]')", "it gave no answer"),
        ("print('{')", "it gave no answer"),
        ("import os; os.kill(os.getpid(), 9)", "it gave no answer"),
    ],
)
def test_a_failure_is_told_in_its_last_line(qtbot: QtBot, run: Program, text: str, why: str) -> None:
    with qtbot.waitSignal(run.failed) as failed:
        run.begin(python(text))
    assert failed.args == [why]


def test_a_program_that_is_not_there(qtbot: QtBot, run: Program) -> None:
    with qtbot.waitSignal(run.failed):
        run.begin(["/no/such/program"])


def test_what_is_ended_gives_no_answer_and_another_can_begin(qtbot: QtBot, run: Program) -> None:
    answers: list[object] = []
    run.answered.connect(answers.append)
    run.failed.connect(answers.append)
    run.begin(python("import time; time.sleep(60)"))
    qtbot.waitUntil(lambda: run.running)
    before = time.monotonic()
    run.end()
    assert time.monotonic() - before < 1
    with qtbot.waitSignal(run.answered):
        run.begin(python("print('{}')"))
    assert answers == [{}]


def test_one_that_does_not_go_at_once_is_not_heard_of_again(
    qtbot: QtBot, run: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.program.PATIENCE", 0)
    told: list[object] = []
    run.answered.connect(told.append)
    run.failed.connect(told.append)
    for _ in range(5):
        run.begin(python("import time; time.sleep(60)"))
        qtbot.waitUntil(lambda: run.running)
        run.end()
        assert not run.running
    with qtbot.waitSignal(run.answered):
        run.begin(python("print('{}')"))
    assert told == [{}]


def test_a_command_is_of_this_program_and_asks_for_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    line = [sys.executable, str(MAIN), "bench", "harp", "--json"]
    assert command("bench", "harp") == line
    assert command("bench", "harp", nice=10) == ["/bin/nice", "-n", "10", *line]
    assert MAIN.exists()
