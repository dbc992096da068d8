"""What is heard: strips in and out of the mix without a click, and the same codes however it is cut."""

from dataclasses import replace

import numpy as np
import pytest

from engine.controls import Controls
from engine.place import LOUDNESS, Opener, heard_as_prime, region, to_go_on_from
from engine.player import MOST_STRIPS, Player, Strip
from engine.recipe import Log, Settings, flat, pack, unpack
from engine.stream import Stream, StreamFailed
from models.errors import InputError
from tests.engine import style_at_rate

RATE = 48_000
CONTROLS = Controls()
NOTHING = 1e-3
"""What the DC block may still let die away."""
SETTINGS = Settings(temperature=0.9, seed=3, voices=1)


@pytest.fixture(scope="module")
def opener():
    return Opener()


@pytest.fixture(scope="module")
def place(opener, made):
    return opener.open(made.style, "cpu", SETTINGS.seed, 1)


def play(player, blocks, controls=CONTROLS):
    return np.concatenate([player.read(frames, controls) for frames in blocks])


def started(place, rate=RATE, settings=SETTINGS):
    player = Player(rate)
    player.enter(Strip(place, rate, settings), "start", 0.02)
    return player


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_the_sound_does_not_depend_on_how_it_is_cut(place, rate):
    whole = play(started(place, rate), [12_000])
    cut = play(started(place, rate), [1, 959, 40, 3000, 8000])
    np.testing.assert_allclose(cut, whole, atol=2e-6)
    assert np.abs(whole).max() > 0.01


def test_it_plays_the_codes_of_the_stream_at_the_styles_loudness(place):
    rate = place.rate
    player = Player(rate)
    strip = Strip(place, rate, SETTINGS)
    sound = Stream(place.selected.kernel, SETTINGS.seed).generate(400, SETTINGS.temperature).sound[0]
    expected = sound * 10 ** ((LOUDNESS - place.style.info.loudness) / 20)
    got = np.concatenate([strip.read(100, 0.01) for _ in range(len(sound) // 100)])
    np.testing.assert_allclose(got, np.stack([expected, expected], 1)[: len(got)], atol=1e-6)
    assert player.current is None


def test_a_jump_is_no_louder_step_than_the_streams_have_themselves(place):
    player = started(place)
    before = play(player, [960] * 50)
    steps = np.abs(np.diff(before[4800:], axis=0)).max()
    jumping = [before]
    for seed in range(20):
        player.enter(Strip(place.anew(seed, 1), RATE, replace(SETTINGS, seed=seed)), "reset", 0.05)
        jumping.append(play(player, [960] * 3))
    assert np.abs(np.diff(np.concatenate(jumping), axis=0)).max() < 2 * steps
    assert len(player.strips) <= MOST_STRIPS


def test_strips_that_faded_out_are_let_go(place):
    player = started(place)
    for seed in range(5):
        player.enter(Strip(place.anew(seed, 1), RATE, SETTINGS), "reset", 0.05)
    play(player, [960] * 20)
    assert len(player.strips) == 1
    player.leave(0.05)
    assert player.current is None
    play(player, [960] * 20)
    assert not player.strips
    assert player.silent
    assert np.abs(play(player, [960])).max() < NOTHING


def test_voices_join_and_leave_without_a_click(place):
    player = started(place)
    sound = [play(player, [960] * 30)]
    steps = np.abs(np.diff(sound[0][4800:], axis=0)).max()
    for voices in (4, 1, 2, 3, 1):
        player.strips[0].settings = replace(SETTINGS, voices=voices)
        sound.append(play(player, [960] * 6))
        assert player.strips[0].stream.voices == voices
    assert np.abs(np.diff(np.concatenate(sound), axis=0)).max() < 2.5 * steps


def test_voices_are_where_the_spread_puts_them(place):
    player = started(place, settings=replace(SETTINGS, voices=2))
    wide = play(player, [4800] * 4, Controls(spread=1.0, voices=2))[9600:]
    narrow = play(player, [4800] * 4, Controls(spread=0.0, voices=2))[9600:]
    assert np.abs(wide[:, 0] - wide[:, 1]).max() > 0.01
    np.testing.assert_allclose(narrow[:, 0], narrow[:, 1], atol=NOTHING)


def test_a_stream_that_fails_ends_without_a_click_and_says_so(place, monkeypatch):
    player = started(place)
    sound = [play(player, [960] * 20)]
    steps = np.abs(np.diff(sound[0][4800:], axis=0)).max()

    def fail(*arguments):
        raise StreamFailed("not finite")

    monkeypatch.setattr(player.strips[0].stream, "generate", fail)
    sound.append(play(player, [960] * 20))
    assert player.strips[0].failure == "not finite"
    assert np.abs(np.diff(np.concatenate(sound), axis=0)).max() < 2 * steps
    assert np.abs(sound[1][-4800:]).max() < NOTHING


def test_the_frontier_is_where_the_next_frame_will_sound(place):
    player = started(place)
    play(player, [960] * 25)
    strip = player.current
    samples = strip.stream.frame * place.style.info.model.lookback
    assert strip.frontier == samples * RATE // place.rate
    assert 0 <= strip.frontier - player.position < 0.2 * RATE


def test_a_log_hears_the_same_codes_whatever_the_blocks(place):
    hashes = []
    for blocks in ([960] * 40, [480] * 80):
        player = Player(RATE)
        log = Log(lambda event: None, 0)
        player.listen(log)
        player.enter(Strip(place, RATE, SETTINGS), "start", 0.02)
        play(player, blocks)
        hashes.append(log.codes_sha256)
    assert hashes[0] == hashes[1]


def test_flat_codes_do_not_depend_on_how_they_are_grouped():
    codes = np.arange(40).reshape(2, 20)
    assert flat(codes[:, :7]) + flat(codes[:, 7:]) == flat(codes)


def test_a_moment_comes_back_from_json_as_it_was(place):
    stream = place.stream()
    stream.generate(10, 1.0)
    again = unpack(pack(stream.moment), place.style.info.model)
    assert (again.seed, again.frame) == (stream.seed, 10)
    np.testing.assert_array_equal(again.state.codes, stream.state.codes)
    for one, other in zip(again.state.h, stream.state.h, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1}, {"seed": 1 << 64}, {"frame": -1}, {"voices": 2}, {"voices": 0}, {"codes": "AAAA"},
        {"codes": "ä"}, {"h": []}, {"h": ["AAAA"]}, {"h": None}, {"seed": "x"},
    ],
)  # fmt: skip
def test_a_moment_that_does_not_fit_is_refused(place, change):
    packed = pack(place.stream().moment) | change
    with pytest.raises(InputError, match="recipe is damaged"):
        unpack(packed, place.style.info.model)


def test_heard_sound_becomes_a_prime_at_the_styles_own_level_and_rate(opener, tiny_style, tmp_path):
    other = style_at_rate(opener.open(tiny_style, "cpu", 1, 1).style, tmp_path / "other.samplernn", 11_025)
    place = opener.open(other.path, "cpu", 1, 1)
    time = np.arange(RATE) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 440 * time).astype(np.float32)
    prime = heard_as_prime(np.stack([tone, tone], 1), RATE, place, gain=-6.0)
    assert len(prime) == pytest.approx(11_025, abs=2)
    level = np.abs(prime[2000:-2000]).max()
    assert level == pytest.approx(min(1.0, 0.1 * 10 ** ((6 - place.gain) / 20)), rel=0.02)
    crossings = np.sum(np.diff(np.signbit(prime))) / 2
    assert crossings == pytest.approx(440, abs=3)


def test_a_region_is_that_part_of_the_file(tmp_path):
    import soundfile

    ramp = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
    soundfile.write(tmp_path / "ramp.wav", ramp, 16_000, "FLOAT")
    np.testing.assert_array_equal(region(tmp_path / "ramp.wav", 16_000, 0.25, 0.5), ramp[4000:12_000])
    np.testing.assert_array_equal(region(tmp_path / "ramp.wav", 16_000, 0.9, None), ramp[14_400:])
    np.testing.assert_array_equal(region(tmp_path / "ramp.wav", 16_000, 0.25, 100.0, stereo=True)[:, 1], ramp[4000:])
    for seconds, stereo in ((None, False), (1.0, True), (0.0, False)):
        start = 3.0 if seconds != 0 else 0.0
        with pytest.raises(InputError, match=f"no sound at {start:g} s"):
            region(tmp_path / "ramp.wav", 16_000, start, seconds, stereo)


def test_what_is_gone_on_from_ends_before_silence(tmp_path):
    import soundfile

    fading = np.linspace(0.5, 0, 16_000, dtype=np.float32) ** 8
    soundfile.write(tmp_path / "fading.wav", fading, 16_000, "FLOAT")
    kept = to_go_on_from(tmp_path / "fading.wav", 16_000, 0.25, None)
    np.testing.assert_array_equal(kept, region(tmp_path / "fading.wav", 16_000, 0.25, None)[: len(kept)])
    assert 20 * np.log10(kept[-1] / kept.max()) == pytest.approx(-50, abs=0.1)
    # what is asked for to the second is heard to the second
    chosen = to_go_on_from(tmp_path / "fading.wav", 16_000, 0.25, 0.75)
    np.testing.assert_array_equal(chosen, fading[4000:])


def test_a_kernel_is_shared_while_it_is_in_use(opener, made, place):
    assert opener.open(made.style, "cpu", 9, 2).selected is place.selected
