"""Folders of runs, written by hand as `gan-train` would leave them."""

import json
import math
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

PROTOCOL = {"extractor": "classifier", "weights_sha256": "ab12", "num_real": 1000, "num_fake": 500}


def write_run(
    folder: Path,
    overrides: list[str],
    config: dict[str, Any],
    fids: dict[int, float],
    losses: dict[int, float],
    protocol: dict[str, Any] = PROTOCOL,
    status: dict[str, Any] | None = None,
    pixels: int = 40,
) -> Path:
    """A run: its composed configuration, FID by images seen with a grid each, and a loss by images seen."""
    (folder / "logs").mkdir(parents=True)
    (folder / "samples").mkdir()
    best = {"monitor": "fid_classifier", "mode": "min"}
    whole = {"command": overrides, "run_dir": str(folder), "callbacks": {"best": best}, **config}
    (folder / "config.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    lines = [json.dumps({"images_seen": n, "fid_classifier": fid, "protocol": protocol}) for n, fid in fids.items()]
    (folder / "scores.jsonl").write_text("".join(f"{line}\n" for line in lines))
    rows = [f"{n},{fid},,{n}" for n, fid in fids.items()] + [f"{n},,{loss},{n}" for n, loss in losses.items()]
    (folder / "logs" / "metrics.csv").write_text(
        "\n".join(["step,fid_classifier,loss_generator,images_seen", *rows, ""])
    )
    for n in fids:
        colour = (n * 7 % 256, len(overrides) * 40 % 256, config.get("seed", 0) * 20 % 256)
        Image.new("RGB", (pixels, pixels), colour).save(folder / "samples" / f"{n:09}.png")
    if status is not None:
        (folder / "status.json").write_text(json.dumps(status))
    return folder


def composed(seed: int = 0, loss: str = "Hinge", lr: float = 0.001) -> dict[str, Any]:
    """As much of a configuration as tests need, with what follows the seed and the loss."""
    return {
        "seed": seed,
        "loss": {"_target_": f"gan_lightning.losses.{loss}"},
        "metrics": {"extractor": {"seed": 0}},
        "model": {
            "loss": {"_target_": f"gan_lightning.losses.{loss}"},
            "optimisation": {"seed": seed, "generator": {"lr": lr}, "discriminator": {"lr": 0.001}},
        },
    }


def finished(**facts: Any) -> dict[str, Any]:
    """The status of a run that ended well."""
    parameters = {"generator": 200_000, "discriminator": 50_000}
    told = {"state": "finished", "monitor": "fid_classifier", "best": 1.0, "last": 1.0, "seconds": 90.0, "error": None}
    speed = {"images_seen": 3000, "images_per_second": 33.3, "parameters": parameters}
    return {**told, **speed, "overrides": [], "started": "2026-11-24T10:30:00+00:00", **facts}


def sweep(folder: Path, count: int = 40, validations: int = 12, rows: int = 300, pixels: int = 40) -> Path:
    """So many runs over four losses and the seeds; the last one failed before its training began."""
    losses = ["hinge", "lsgan", "non_saturating", "wasserstein"]
    for job in range(count):
        loss, seed = losses[job % 4], job // 4
        overrides = [f"loss={loss}", f"seed={seed}"]
        job_folder = folder / f"{job}_{','.join(overrides)}"
        if job == count - 1:
            job_folder.mkdir(parents=True)
            told = finished(state="failed", error="</script><b>no room</b> on the disk", overrides=overrides)
            (job_folder / "status.json").write_text(json.dumps({**told, "images_seen": 0, "parameters": None}))
            continue
        fids = {1000 * (i + 1): 100 / (i + 1) + job % 4 + seed / 10 for i in range(validations)}
        curve = {40 * (i + 1): math.sin(i / 20 + job) + 1.5 for i in range(rows)}
        status = finished(overrides=overrides, images_seen=1000 * validations)
        write_run(job_folder, overrides, composed(seed, loss), fids, curve, status=status, pixels=pixels)
    return folder
