"""Trainings in the background: begun, found again, paused, killed, one after the other; with pretended networks, and
once with a real one."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from models import run as run_folder
from studio.desk import Desk
from studio.training import launch
from studio.training.plan import Plan, change_plan, read_plan, write_plan
from studio.training.run import KILLED, Reader, Run
from studio.training.runs import Runs, _look
from tests.conftest import TINY

STEPS = 20
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch, no_trainings_left: None) -> None:
    """Trainings of STEPS steps, of `minutes` where a plan says less than an hour."""

    def line(folder: Path, plan: Plan) -> list[str]:
        steps = plan.steps or (STEPS if plan.minutes == 60 else round(plan.minutes))
        return [sys.executable, "-m", "tests.studio.pretended", "train", str(folder), str(steps), "10"]

    monkeypatch.setattr(launch, "command_line", line)


@pytest.fixture
def folder(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = tmp_path / "training"
    made.mkdir()
    desk.store.change(training=made)
    return made


@pytest.fixture
def open_runs(qtbot: QtBot, desk: Desk) -> Iterator[Callable[[], Runs]]:
    """As the app does at each start; the one before is gone then."""
    opened: list[Runs] = []

    def close() -> None:
        for runs in opened:
            runs._timer.stop()
            wait_for_looks(qtbot, runs)
            runs.deleteLater()
        opened.clear()

    def make() -> Runs:
        close()
        runs = Runs(desk, desk.instrument)
        runs._timer.setInterval(20)
        opened.append(runs)
        qtbot.waitUntil(lambda: runs.ready)
        return runs

    yield make
    close()


def wait_for_looks(qtbot: QtBot, runs: Runs) -> None:
    qtbot.waitUntil(lambda: not runs._looking)


def planned(folder: Path, name: str, minutes: float = 60, queued: float | None = 1.0) -> Path:
    (folder / name).mkdir()
    write_plan(folder / name, Plan(name, created=1.0, queued=queued, minutes=minutes))
    return folder / name


def state(runs: Runs, path: Path) -> str:
    run = runs.find(path)
    return run.state if run else ""


def wait(qtbot: QtBot, runs: Runs, path: Path, wanted: str) -> Run:
    qtbot.waitUntil(lambda: state(runs, path) == wanted, timeout=20_000)
    found = runs.find(path)
    assert found is not None
    return found


def step(runs: Runs, path: Path) -> int:
    run = runs.find(path)
    return run.step if run else 0


@pytest.mark.usefixtures("pretended")
class TestPretended:
    def test_it_trains_and_is_done(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        run = wait(qtbot, runs, path, "training")
        assert run.plan.queued is None
        assert run.left is not None
        run = wait(qtbot, runs, path, "done")
        assert (run.step, run.steps, run.reports, run.trouble) == (STEPS, STEPS, STEPS, "")
        assert [kept.name for kept in run.kept] == ["step-20", "step-10"]
        assert run.log.startswith("— Started")

    def test_the_app_is_closed_and_it_goes_on_and_is_found_again(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        wait(qtbot, runs, path, "training")
        before = step(runs, path)
        children = dict(launch._children)
        launch._children.clear()  # another app knows nothing of them
        runs = open_runs()
        assert state(runs, path) == "training"
        qtbot.waitUntil(lambda: step(runs, path) > before)
        wait(qtbot, runs, path, "done")
        launch._children.update(children)

    def test_paused_it_has_saved_and_goes_on_from_there(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        qtbot.waitUntil(lambda: step(runs, path) >= 3)
        runs.pause(runs.find(path))
        paused = wait(qtbot, runs, path, "paused")
        assert 0 < paused.step < STEPS
        assert not run_folder.is_running(path)
        runs.enqueue(paused)
        done = wait(qtbot, runs, path, "done")
        assert [line["step"] for line in done.lines] == list(range(1, STEPS + 1))

    def test_one_that_is_done_goes_further(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        done = wait(qtbot, runs, path, "done")
        assert done.complete
        each = done.lines[0]["seconds_left"] / (STEPS - 1)
        assert done.steps_in(60 * each) == 3600
        runs.go_further(done, 15 * each / 60)
        qtbot.waitUntil(lambda: step(runs, path) > STEPS)
        assert 0.5 < runs.find(path).fraction < 1
        runs.pause(runs.find(path))
        paused = wait(qtbot, runs, path, "paused")
        runs.enqueue(paused)  # not so long again: to where it was meant to end
        done = wait(qtbot, runs, path, "done")
        assert [line["step"] for line in done.lines] == list(range(1, STEPS + 16))
        assert [kept.step for kept in done.kept] == [35, 30, 20, 10]

    def test_killed_before_it_went_further_it_is_not_done(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        wait(qtbot, runs, path, "done")
        change_plan(path, steps=2 * STEPS)  # and the process was killed while it was being loaded
        failed = wait(qtbot, runs, path, "failed")
        assert failed.trouble == KILLED.format(f"step {STEPS}")
        runs.enqueue(failed)
        assert wait(qtbot, runs, path, "done").step == 2 * STEPS

    def test_stopped_it_is_done_early(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp", 5000), open_runs()
        qtbot.waitUntil(lambda: step(runs, path) >= 3)
        runs.stop(runs.find(path))
        done = wait(qtbot, runs, path, "done")
        assert 0 < done.step < 5000

    def test_one_that_is_still_being_loaded_is_paused_too(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp", 5000), open_runs()
        runs.pause(wait(qtbot, runs, path, "preparing"))
        paused = wait(qtbot, runs, path, "paused")
        assert paused.plan.queued is None
        assert not any(launch.running(path, paused.plan) for _ in range(3))  # however often it is asked

    def test_killed_it_is_shown_so_and_goes_on_from_its_last_checkpoint(
        self, qtbot: QtBot, folder: Path, open_runs
    ) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        qtbot.waitUntil(lambda: step(runs, path) >= 7)
        os.kill(runs.find(path).plan.pid, signal.SIGKILL)
        failed = wait(qtbot, runs, path, "failed")
        assert failed.trouble == KILLED.format(f"step {failed.step // 5 * 5}")
        runs.enqueue(failed)
        done = wait(qtbot, runs, path, "done")
        assert [line["step"] for line in done.lines] == list(range(1, STEPS + 1))

    def test_what_went_wrong_is_said_in_its_own_words(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Bad"), open_runs()
        failed = wait(qtbot, runs, path, "failed")
        assert failed.trouble == "the loss is not finite after step 3"
        assert not failed.can_resume

    def test_one_at_a_time_in_the_order_in_which_they_were_asked_for(
        self, qtbot: QtBot, folder: Path, open_runs
    ) -> None:
        second, first = planned(folder, "Second", 5, queued=2.0), planned(folder, "First", 5, queued=1.0)
        third = planned(folder, "Third", 5, queued=3.0)
        runs = open_runs()
        seen = []
        runs.changed.connect(lambda: seen.append(sum(run.active for run in runs.runs)))
        qtbot.waitUntil(lambda: bool(runs.find(first).active))
        assert (state(runs, second), state(runs, third)) == ("waiting", "waiting")
        runs.pause(runs.find(third))
        wait(qtbot, runs, second, "done")
        assert state(runs, first) == "done"
        assert state(runs, third) == "paused"
        assert max(seen) == 1
        plans = [read_plan(path) for path in (first, second)]
        assert plans == sorted(filter(None, plans), key=lambda plan: plan.begun)

    def test_two_apps_do_not_start_one_twice(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path, real = planned(folder, "Harp", 5), launch.start
        started: list[Path] = []

        def start(run: Path, plan: Plan) -> None:
            started.append(run)
            real(run, plan)

        monkeypatch.setattr("studio.training.runs.start", start)
        together = threading.Barrier(2)

        def look() -> None:
            together.wait()
            _look(Reader(), folder)

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert started == [path]

    def test_deleted_while_it_trains_it_ends_first_and_comes_back_paused(
        self, qtbot: QtBot, folder: Path, open_runs
    ) -> None:
        path, runs = planned(folder, "Harp", 5000), open_runs()
        qtbot.waitUntil(lambda: step(runs, path) >= 3)
        with qtbot.waitSignal(runs.deleted):
            runs.delete(runs.find(path))
        assert not path.exists()
        qtbot.waitUntil(lambda: not runs.runs)
        runs.undo()
        assert wait(qtbot, runs, path, "paused").can_resume

    def test_a_folder_that_was_moved_is_the_same_training(self, qtbot: QtBot, folder: Path, open_runs) -> None:
        path, runs = planned(folder, "Harp"), open_runs()
        qtbot.waitUntil(lambda: step(runs, path) >= 6)
        runs.pause(runs.find(path))
        wait(qtbot, runs, path, "paused")
        new = path.rename(folder / "Moved")
        runs.enqueue(wait(qtbot, runs, new, "paused"))
        assert wait(qtbot, runs, new, "done").step == STEPS


def test_one_that_cannot_be_started_is_said_and_waits_no_longer(
    qtbot: QtBot, folder: Path, open_runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "command_line", lambda folder, plan: ["/no/such/program"])
    path = planned(folder, "Harp", queued=None)
    runs = open_runs()
    said: list[str] = []
    runs.failed.connect(said.append)
    runs.enqueue(runs.find(path))
    wait(qtbot, runs, path, "paused")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["Harp cannot be started: No such file or directory"]


def test_a_real_training_is_begun_by_its_plan(tmp_path: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "NICE", "0")  # nobody else is to be waited for
    run = tmp_path / "Tiny"
    shutil.copytree(tiny_data, run / "data")
    settings = (*TINY, "keep_every=1")
    plan = Plan("Tiny", preset="live", settings=settings, minutes=0.003)
    write_plan(run, plan)
    launch.start(run, plan)
    reader, until = Reader(), time.monotonic() + 120
    while (found := reader.read(run)).active and time.monotonic() < until:
        time.sleep(0.05)
    assert (found.state, found.trouble) == ("done", ""), found.log
    assert found.kept[0].step == found.steps
    assert change_plan(run, minutes=1.0).settings == settings
    assert launch.command_line(run, plan)[-1] == "--resume"
    before = found.steps
    launch.start(run, change_plan(run, steps=before + found.steps_in(plan.minutes / 2)))
    while (found := reader.read(run)).active and time.monotonic() < until:
        time.sleep(0.05)
    assert (found.state, found.trouble) == ("done", ""), found.log
    assert found.step == found.steps == before + max(1, round(before / 2))


def test_a_training_from_the_command_line_is_listed_too(tmp_path: Path, tiny_run: Path) -> None:
    shutil.copytree(tiny_run, tmp_path / "tiny")
    [found] = Reader().look(tmp_path)
    assert (found.name, found.state, found.step, found.can_resume) == ("tiny", "done", 10, True)
    assert [kept.step for kept in found.kept] == [10]
    assert str(ROOT) in launch.command_line(found.folder, found.plan)[1]
