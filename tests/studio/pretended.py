"""What main.py does, without torch: `python -m tests.studio.pretended COMMAND ...`, quickly started and soon done. Only
the folder is real (models/run.py), and what is in it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

PACE = 0.02
"""Seconds of a step."""
SAVE_EVERY = 5


def train(run: Path, steps: int, keep_every: int) -> None:
    """Of so many steps; from where the last checkpoint is, if there is one. A run called "Bad" fails at step 3."""
    import numpy as np
    from safetensors.numpy import save_file

    from models.presets import preset
    from models.run import RunFolder, RunInfo

    folder, step = RunFolder(run), 0
    last = run / "checkpoints" / "last.safetensors"
    if last.exists():
        step = int(last.with_suffix(".txt").read_text())

    def save(*names: str) -> None:
        told = {"samplernn": json.dumps({"step": step})}
        folder.save(lambda path: save_file({"none": np.zeros(1)}, path, told), names)
        last.with_suffix(".txt").write_text(str(step))

    with folder.taken(step):
        chosen = preset("live")
        folder.describe(RunInfo(chosen.model, chosen.training, steps, str(run / "data"), "0"), last.exists())
        while step < steps and not folder.stop_asked():
            time.sleep(PACE)
            step += 1
            if run.name == "Bad" and step == 3:
                print("Error: the loss is not finite after step 3", file=sys.stderr)
                sys.exit(1)
            if step % SAVE_EVERY == 0:
                save("last", *([f"step-{step}"] if step % keep_every == 0 else []))
            folder.log({
                "step": step, "steps": steps, "bits": 4 - 0.01 * step, "bits_valid": 3.9 - 0.01 * step,
                "learning_rate": 1e-3, "samples_per_second": 1e5, "epochs": 0.1, "seconds_left": (steps - step) * PACE,
            })  # fmt: skip
        save("last", "best")


def main() -> None:
    kind, *rest = sys.argv[1:]
    if kind == "train":
        train(Path(rest[0]), int(rest[1]), int(rest[2]))
    elif kind == "export":
        from tests.studio.made import made_style

        made_style(Path(rest[rest.index("-o") + 1]), rest[rest.index("--name") + 1])
        print("{}")
    elif kind == "render":
        import numpy as np
        import soundfile

        soundfile.write(rest[rest.index("-o") + 1], np.sin(np.arange(1600) / 9) / 2, 16_000)
        print("{}")
    elif kind == "estimate":
        print(json.dumps({
            "steps": 1000, "passes": 10 / 6, "step_seconds": 0.5, "validation_seconds": 0.0,
            "memory": 700_000_000, "graphics_memory": 0, "disk": 20_000_000,
        }))  # fmt: skip


if __name__ == "__main__":
    main()
