"""What computes the sound is chosen by what is faster, and said as it is."""

import onnxruntime
import pytest

from engine import kernel as kernel_module
from engine import providers, select
from engine.select import seconds_per_sample, select_kernel
from engine.stream import Stream
from models.style import open_style


@pytest.fixture
def without_cuda(monkeypatch):
    monkeypatch.setattr(select, "cuda_works", lambda: False)


@pytest.fixture
def with_cuda(monkeypatch):
    """A card that is none: sessions for it run on the processor and say that they do not."""
    make_session = providers.make_session
    monkeypatch.setattr(select, "cuda_works", lambda: True)
    monkeypatch.setattr(
        kernel_module,
        "make_session",
        lambda graph, provider, threads: (make_session(graph, "cpu", threads)[0], provider),
    )


def test_auto_without_cuda_is_the_processor(without_cuda, tiny_style):
    selected = select_kernel(open_style(tiny_style), "auto")
    assert (selected.kernel.provider, selected.remark) == ("cpu", None)


def test_cuda_without_cuda_is_the_processor_and_says_so(without_cuda, tiny_style):
    selected = select_kernel(open_style(tiny_style), "cuda")
    assert selected.kernel.provider == "cpu"
    assert selected.remark == "no CUDA here (no card, driver or libraries), or not in this style: playing on the CPU"


def test_a_style_without_graphs_for_cuda_plays_on_the_processor(with_cuda, small_style):
    selected = select_kernel(small_style, "cuda")
    assert selected.kernel.provider == "cpu"
    assert str(selected.remark).endswith("playing on the CPU")
    assert select_kernel(small_style, "auto").kernel.provider == "cpu"


@pytest.mark.parametrize("choice", ["auto", "cuda"])
def test_cuda_that_gives_up_is_the_processor_and_says_so(monkeypatch, cuda_style, choice):
    """It does what the processor does best then, not the graphs made for a card."""
    make_session = providers.make_session
    monkeypatch.setattr(select, "cuda_works", lambda: True)
    monkeypatch.setattr(
        kernel_module, "make_session", lambda graph, provider, threads: make_session(graph, "cpu", threads)
    )
    selected = select_kernel(cuda_style, choice)
    assert selected.kernel.provider == "cpu"
    assert selected.kernel.block == 1
    assert selected.remark == "CUDA gave up on this style: playing on the CPU"


def test_cuda_where_it_works_is_cuda(with_cuda, cuda_style):
    selected = select_kernel(cuda_style, "cuda")
    assert (selected.kernel.provider, selected.remark) == ("cuda", None)


@pytest.mark.parametrize(("faster", "said"), [("cpu", "CPU"), ("cuda", "GPU")])
def test_auto_takes_what_is_faster_and_says_why(with_cuda, monkeypatch, cuda_style, faster, said):
    monkeypatch.setattr(select, "seconds_per_sample", lambda kernel: 10e-6 if kernel.provider == faster else 20e-6)
    selected = select_kernel(cuda_style, "auto")
    assert selected.kernel.provider == faster
    on_cpu, on_gpu = ("10.0", "20.0") if faster == "cpu" else ("20.0", "10.0")
    assert selected.remark == f"playing on the {said}: {on_cpu} us a sample on the CPU, {on_gpu} on the GPU"


def test_the_processor_asked_for_is_not_discussed(with_cuda, monkeypatch, cuda_style):
    monkeypatch.setattr(select, "cuda_works", lambda: pytest.fail("it was tried"))
    selected = select_kernel(cuda_style, "cpu")
    assert (selected.kernel.provider, selected.remark) == ("cpu", None)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_does_not_change_the_graphs_codes(without_cuda, cuda_style, threads):
    codes = Stream(select_kernel(cuda_style, "cpu", threads).kernel, 1).generate(50, 1.0).codes
    assert (codes == Stream(kernel_module.Kernel(cuda_style), 1).generate(50, 1.0).codes).all()


def test_cuda_does_not_work_where_onnx_runtime_has_none(monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert providers.cuda_works.__wrapped__() is False


def test_a_session_tells_where_it_really_runs(monkeypatch, cuda_kernel):
    """Without a card ONNX Runtime falls back without a word."""
    assert cuda_kernel.provider == ("cuda" if providers.cuda_works() else "cpu")


def test_the_time_of_a_sample_is_measured(kernel):
    assert 1e-8 < seconds_per_sample(kernel, seconds=0.01) < 1e-2
