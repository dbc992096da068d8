"""Every recording is walked from silence to its end, and all of them once an epoch.

In these data sets each 16-bit sample has a value of its own, and each value a code of its own: a code tells which
sample of which recording it is.
"""

import itertools
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.config import TrainingConfig
from models.dataset import FULL_SCALE, DataSet
from models.errors import InputError
from models.lanes import Lanes
from models.quantizer import Quantizer
from tests.models.made import made_data, small

MODEL = small(frame_sizes=(2, 2), levels=65_536, quantizer="linear")
CHUNK, LOOKBACK = 8, 4
SILENCE = FULL_SCALE
LENGTHS = (8, 100, 41, 7, 16, 64, 3)
LONG_ENOUGH = [length for length in LENGTHS if length >= CHUNK]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> DataSet:
    ends = itertools.accumulate(LENGTHS)
    recordings = [np.arange(end - length, end) + 1 for length, end in zip(LENGTHS, ends, strict=True)]
    return made_data(tmp_path_factory.mktemp("lanes") / "data", train=recordings)


def lanes_over(data: DataSet, batch: int = 3, seed: int = 1, model: Any = MODEL) -> Lanes:
    return Lanes(data, model, TrainingConfig(batch=batch, chunk=CHUNK, seed=seed))


@dataclass
class Chunk:
    lane: int
    recording: int
    offset: int
    fresh: bool
    before: list[int]
    codes: list[int]


def walk(lanes: Lanes, steps: int, history: int = LOOKBACK) -> list[list[Chunk]]:
    """What each step read, lane by lane."""
    starts = np.cumsum([0, *LENGTHS])
    walked = []
    for _ in range(steps):
        codes, fresh = lanes.next()
        assert codes.shape == (len(fresh), history + CHUNK)
        row = []
        for lane, (line, new) in enumerate(zip(codes, fresh, strict=True)):
            sample = int(line[history]) - SILENCE - 1
            recording = int(np.searchsorted(starts, sample, "right")) - 1
            offset = sample - int(starts[recording])
            chunk = line.tolist()
            row.append(Chunk(lane, recording, offset, bool(new), chunk[:history], chunk[history:]))
        walked.append(row)
    return walked


# as of a model that predicts, but for its codes: those are mu-law, and would not tell samples apart
LONG_HISTORY = SimpleNamespace(history=30, quantizer="linear", levels=65_536, emphasis=0.0, emphasis_reach=0)


@pytest.mark.parametrize("model", [MODEL, LONG_HISTORY], ids=["a frame before it", "several chunks before it"])
def test_a_chunk_is_samples_in_a_row_behind_those_before_it(data, model):
    for chunk in itertools.chain(*walk(lanes_over(data, model=model), 60, model.history)):
        first = chunk.codes[0]
        assert chunk.codes == list(range(first, first + CHUNK))
        assert chunk.offset + CHUNK <= LENGTHS[chunk.recording]
        expected = [first - i if i <= chunk.offset else SILENCE for i in range(model.history, 0, -1)]
        assert chunk.before == expected


def test_a_lane_goes_on_where_it_was_or_starts_a_recording_afresh(data):
    """The network's state is carried exactly where `fresh` says that it may be."""
    walked = walk(lanes_over(data), 60)
    assert all(chunk.fresh for chunk in walked[0])
    for before, after in itertools.pairwise(walked):
        for last, chunk in zip(before, after, strict=True):
            if chunk.fresh:
                assert chunk.offset == 0
                assert last.offset + 2 * CHUNK > LENGTHS[last.recording]  # nothing was left but less than a chunk
            else:
                assert (chunk.recording, chunk.offset) == (last.recording, last.offset + CHUNK)


def test_a_recordings_start_stands_behind_silence(data):
    starts = [chunk for chunk in itertools.chain(*walk(lanes_over(data), 60)) if chunk.offset == 0]
    assert starts
    assert all(chunk.before == [SILENCE] * LOOKBACK and chunk.fresh for chunk in starts)


def test_one_lane_visits_every_chunk_of_every_recording_once_an_epoch(data):
    chunks = sorted(
        (recording, offset)
        for recording, length in enumerate(LENGTHS)
        for offset in range(0, length - CHUNK + 1, CHUNK)
    )
    visited = [(chunk.recording, chunk.offset) for [chunk] in walk(lanes_over(data, batch=1), 5 * len(chunks))]
    # the first recording is entered somewhere inside; then come the rest of the first pack, and whole packs
    firsts = [i for i, (recording, offset) in enumerate(visited) if offset == 0 and i > 0]
    second_epoch = firsts[len(LONG_ENOUGH) - 1]
    for epoch in range(3):
        begin = second_epoch + epoch * len(chunks)
        assert sorted(visited[begin : begin + len(chunks)]) == chunks


@pytest.mark.parametrize("batch", [1, 2, 3, 9])
def test_recordings_are_dealt_in_whole_packs_each_shuffled_anew(data, batch):
    walked = walk(lanes_over(data, batch), 150)
    dealt = [chunk.recording for row in walked for chunk in row if chunk.fresh]
    size = len(LONG_ENOUGH)
    packs = [tuple(dealt[i : i + size]) for i in range(0, len(dealt) - size + 1, size)]
    assert len(packs) > 4
    assert all(sorted(pack) == [i for i, length in enumerate(LENGTHS) if length >= CHUNK] for pack in packs)
    assert len(set(packs)) > 2


def test_lanes_enter_their_first_recordings_at_different_places(tmp_path):
    long = made_data(tmp_path / "data", train=[np.arange(4000)])
    entered = [chunk[LOOKBACK] for chunk in lanes_over(long, batch=8).next()[0]]
    assert len(set(entered)) > 4


def test_another_seed_walks_another_way(data):
    ways = [
        [(c.recording, c.offset) for row in walk(lanes_over(data, seed=seed), 20) for c in row] for seed in (1, 1, 2)
    ]
    assert ways[0] == ways[1] != ways[2]


@given(steps=st.integers(0, 40), batch=st.integers(1, 5))
@settings(max_examples=30)
def test_from_a_written_position_the_walk_goes_on_identically(data, steps, batch):
    lanes = lanes_over(data, batch)
    walk(lanes, steps)
    position = json.loads(json.dumps(lanes.position()))
    expected, epochs = walk(lanes, 30), lanes.epochs
    resumed = lanes_over(data, batch)
    resumed.seek(position)
    assert walk(resumed, 30) == expected
    assert resumed.epochs == epochs


@pytest.mark.parametrize("name", ["linear", "mu-law", "a-law"])
def test_codes_are_the_quantisers(tmp_path, name):
    pcm = np.linspace(-FULL_SCALE, FULL_SCALE - 1, CHUNK).astype(np.int16)
    model = small(frame_sizes=(4,), levels=256, quantizer=name)
    codes, _ = lanes_over(made_data(tmp_path / "data", train=[pcm]), batch=1, model=model).next()
    quantizer = Quantizer(name, 256)
    assert codes[0].tolist() == [quantizer.silence] * 4 + quantizer.encode(pcm / FULL_SCALE).tolist()


def test_without_a_recording_as_long_as_a_chunk_there_is_nothing_to_walk(tmp_path):
    with pytest.raises(InputError, match="8 samples"):
        lanes_over(made_data(tmp_path / "data", train=[np.arange(7), np.arange(7)]))
