"""An engine at work on a thread of the test, and what is asked of what was heard of it."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from engine.engine import Engine
from engine.memory import Board

PATIENCE = 60.0
"""Seconds that a condition may take on a busy machine before the test gives up."""


class Running:
    """An engine on a thread, and what the app would see of it."""

    def __init__(self, board):
        self.board = board
        self.engine = Engine(board)
        self.thread = threading.Thread(target=self.engine.run)
        self.thread.start()

    def send(self, *commands):
        for command in commands:
            self.engine.tell(command)

    def set(self, **values):
        self.engine.controls = replace(self.engine.controls, **values)

    @property
    def status(self):
        return self.board.latest()

    def wait(self, condition, what="a condition"):
        end = time.monotonic() + PATIENCE
        while not condition(self.status):
            assert time.monotonic() < end, f"waited in vain for {what}: {self.status}"
            assert self.thread.is_alive()
            time.sleep(0.002)
        return self.status

    def wait_played(self, seconds):
        return self.wait(lambda status: status.played >= seconds, f"{seconds} s")

    def notice(self, text):
        return self.wait(lambda status: any(text in notice.text for notice in status.notices), text)

    def close(self):
        self.engine.tell(None)
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@contextmanager
def running_engine():
    board = Board()
    running = Running(board)
    try:
        yield running
    finally:
        running.close()
        board.close()


def steps_of(sound):
    """How far it jumps from one sample to the next, at most."""
    return np.abs(np.diff(sound, axis=0)).max()


def holds(heard, take):
    """Whether a take, of 24 bits, is somewhere in what was heard; it may be its very end."""
    starts = np.flatnonzero(np.abs(heard[: len(heard) - len(take) + 1, 0] - take[0, 0]) < 1e-6)
    return any(np.abs(heard[at : at + len(take)] - take).max() < 2 / 2**23 for at in starts)
