"""Models of earlier runs, and models of random weights, ready to be handed on."""

from pathlib import Path

import torch
from composing import composed
from hydra.utils import instantiate

from gan_lightning.console.config import plain
from gan_lightning.handover.exporting import Subject
from gan_lightning.loaded import TrainedModel, of_checkpoint
from gan_lightning.runs.checkpoint import read

RECORDED = Path(__file__).parents[1] / "models" / "recorded"
IMAGES = {
    "channels": 3,
    "height": 32,
    "width": 32,
    "num_classes": 3,
    "class_names": ["bus", "car", "train"],
    "size": 50,
}
IMAGES |= {"kind": "images", "fingerprint": "", "value_range": None}


def subject(model: str, spec: dict, *overrides: str, licence: str | None = None) -> Subject:
    """A model of random weights, as a checkpoint would hold it."""
    config = composed("train", f"model={model}", "metrics=none", "run_dir=run", "dataset.batch_size=4", *overrides)
    config.spec = spec
    config.network.width = 4
    torch.manual_seed(0)
    module = instantiate(config.model).eval()
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point() and tensor.dim():  # weights that start at zero, and statistics of batch norm
            tensor.add_(0.02 * (torch.rand_like(tensor) if "var" in name else torch.randn_like(tensor)))
    saved = {"model": plain(config.model), "dataset": plain(config.dataset), "spec": spec, "seed": 0, "command": []}
    content = {"config": saved, "counters": {"images_seen": 1234}}
    return Subject(TrainedModel(module, spec, None), content, Path("run"), licence)


def recorded(name: str) -> Subject:
    content = read(RECORDED / name)
    return Subject(of_checkpoint(content, name), content, RECORDED / name, None)
