"""A model card: what a model was trained on, how well it does, how to use it, and what it cannot do."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gan_lightning.data import listed
from gan_lightning.files import expanded
from gan_lightning.handover.parts import has_noise, kind, parts, without_paths
from gan_lightning.loaded import TrainedModel
from gan_lightning.runs.found import find_runs

if TYPE_CHECKING:
    from gan_lightning.handover.formats import Format

_FEW_IMAGES = 1000
_USE = {
    "onnx": """import onnxruntime

session = onnxruntime.InferenceSession("{file}")
{inputs}
(image,) = session.run(None, {{{named}}})  # float32, in [-1, 1]
""",
    "torch_export": """import torch

network = torch.export.load("{file}").module()
{inputs}
image = network({names})  # in [-1, 1]
""",
    "torchscript": """import torch

network = torch.jit.load("{file}")
{inputs}
image = network({names})  # in [-1, 1]
""",
}


def card(
    trained: TrainedModel,
    content: Mapping[str, Any],
    given: Path,
    chosen: "Format",
    files: Sequence[Path],
    largest: float,
    licence: str | None,
    has_samples: bool,
) -> str:
    """The card as Markdown, with the front matter that Hugging Face reads.

    Args:
        trained: the model.
        content: of its checkpoint.
        given: the checkpoint as the user named it, whose run's scores are taken.
        chosen: the format of the files.
        files: that hold the networks.
        largest: difference between the images of the files and of the checkpoint.
        licence: of the weights; None if nobody said one.
        has_samples: whether `samples.png` is there.
    """
    config, spec = content["config"], trained.spec
    front = ["library_name: gan_lightning", f"pipeline_tag: {kind(trained)}", "tags: [gan, pytorch, gan_lightning]"]
    front += [] if licence is None else [f"license: {json.dumps(licence)}"]
    name = type(trained.model).__name__
    does = "translates pictures" if trained.translates else "makes images from noise"
    size = f"{trained.size[0]} x {trained.size[1]} pixels"
    sections = [
        "\n".join(["---", *front, "---"]),
        f"# {name}, {size}",
        f"This {name} {does}. It was trained with gan_lightning.",
        *(["![Samples of this model](samples.png)", "Samples with seed 0, not chosen."] if has_samples else []),
        "## Use",
        f"```python\n{_how_to_use(trained, chosen, files, content)}```",
        _exactness(chosen, largest, has_noise(trained.model)),
        "## Data",
        _data(config["dataset"], spec),
        "## Training",
        _training(config, content["counters"]["images_seen"]),
        "## Scores",
        _scores(given, content["counters"]["images_seen"]),
        "## Limits",
        _limits(trained, spec),
        "## Licence",
        "Of the weights: "
        + (f"{licence}." if licence else "not stated. Ask whoever published this folder.")
        + " The data have their own licence, which may limit what the model and its pictures may be used for.",
    ]
    return "\n\n".join(sections) + "\n"


def _how_to_use(trained: TrainedModel, chosen: "Format", files: Sequence[Path], content: Mapping[str, Any]) -> str:
    if chosen.name in ("safetensors", "checkpoint"):
        call = f'translate("photo.png"{_domain(trained)})' if trained.translates else "sample(16)"
        label = f"\nmodel.sample(4, label={trained.classes[0]!r})" if trained.classes else ""
        return f'import gan_lightning\n\nmodel = gan_lightning.load("THIS_FOLDER")\npictures = model.{call}{label}\n'
    part = parts(trained.model)[0]
    return _USE[chosen.name].format(
        file=files[0].name,
        inputs="\n".join(map(_input, part.inputs, part.example(1))),
        names=", ".join(part.inputs),
        named=", ".join(f'"{name}": {name}' for name in part.inputs),
    )


def _input(name: str, example: Tensor) -> str:
    """A comment that says what an input is; pictures may have any size."""
    shape = ["B", *map(str, example.shape[1:])]
    if len(shape) == 4:
        shape[2:] = "H", "W"
    return f"# {name}: {str(example.dtype).removeprefix('torch.')} ({', '.join(shape)})"


def _domain(trained: TrainedModel) -> str:
    """An example of the domain that a model translates to, if its pictures may come from any."""
    routes = trained.model.routes
    several = len(routes) > 1 and len({route.source for route in routes}) == 1
    return f", domain={routes[-1].target!r}" if several else ""


def _exactness(chosen: "Format", largest: float, noise: bool) -> str:
    off = noise and not chosen.keeps_noise
    without = " without dropout" if off else ""
    compared = f"The images of these files ({chosen.name}) were compared with those of the checkpoint{without}"
    if largest == 0:
        said = f"{compared} and are the same."
    else:
        said = (
            f"{compared}, in batches of two sizes. They differ by at most {largest:.1g}, where values lie in [-1, 1]."
        )
    if off:
        said += " The checkpoint itself leaves dropout on, so that each seed gives another picture."
    return said


def _data(dataset: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    source = dataset.get("source", dataset)
    sizes = [f"{spec[key]:,}" for key in ("size", "a_size", "b_size") if isinstance(spec.get(key), int)]
    lines = [f"- source: `{str(source.get('_target_', 'unknown')).rpartition('.')[2]}`"]
    lines += [f"- training pictures: {' and '.join(sizes)}"] if sizes else []
    lines += [f"- size in training: {spec['height']} x {spec['width']} pixels"]
    names = spec.get("class_names")
    lines += [f"- classes: {listed(names, most=20)}"] if names else []
    return "\n".join(lines)


def _training(config: Mapping[str, Any], images_seen: int) -> str:
    words = [word for word in without_paths(config.get("command", [])) if "=" in word]
    lines = [f"- images seen: {images_seen:,}", f"- seed: {config['seed']}"]
    return "\n".join([*lines, f"- settings: `{' '.join(words) or 'the default ones'}`"])


def _scores(given: Path, images_seen: int) -> str:
    """The scores of the validation that the checkpoint is from, with what they depend on."""
    path = expanded(given)
    folder = path if path.is_dir() else path.parent
    folder = folder.parent if folder.name == "checkpoints" else folder
    line: Mapping[str, Any] | None = None
    if (folder / "config.yaml").is_file():
        (run,) = find_runs(folder)
        line = run.scores.get(images_seen)
    if line is None:
        return "None were computed when the checkpoint was written."
    protocol = line.get("protocol", {})
    rows = [
        f"| {name} | {line[name]:.4g} | {'higher' if better else 'lower'} is better |"
        for name, better in line["higher_is_better"].items()
        if name in line
    ]
    facts = ", ".join(f"{name} {value}" for name, value in protocol.items() if isinstance(value, str | int | float))
    table = "\n".join(["| Score | Value | |", "|---|---|---|", *rows])
    return f"{table}\n\nProtocol: {facts}. Scores of another protocol cannot be compared with these."


def _limits(trained: TrainedModel, spec: Mapping[str, Any]) -> str:
    lines = [
        "- It knows nothing but its training pictures, with what they show too often, too rarely or not at all.",
        "- Some of its pictures have faults. Look at many, not at the best ones.",
    ]
    if trained.translates:
        lines.append("- Pictures of another kind than those of training are translated, too, into something arbitrary.")
    if isinstance(spec.get("size"), int) and spec["size"] < _FEW_IMAGES:
        lines.append(f"- It was trained on {spec['size']:,} pictures, which it may repeat nearly as they are.")
    return "\n".join(lines)
