"""The formats in which networks are handed on. Each is written, read again, run, and compared with the original."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, final

import torch
from torch import Tensor
from torch.fx.experimental import _config as tuning

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import write_whole
from gan_lightning.handover.parts import Part, alone, parts, without_paths
from gan_lightning.loaded.exported import CHECKPOINT, WEIGHTS, read_exported
from gan_lightning.models import GeneratorAlone
from gan_lightning.runs.checkpoint import read
from gan_lightning.tensors import write_tensors

MOST_DIFFERENT = 1e-3
"""Of values in [-1, 1]; a picture of 8 bits has steps of 0.008."""

Runs = Callable[..., Tensor]


class Format(ABC):
    """One format.

    Attributes:
        name: as users choose it.
        keeps_noise: whether the dropout of translators that is their noise stays on.
    """

    name: ClassVar[str]
    keeps_noise: ClassVar[bool] = True

    @abstractmethod
    def write(self, model: Any, content: Mapping[str, Any], folder: Path) -> tuple[list[Path], float]:
        """Write the networks of a model into a folder that exists; the files, and the largest difference that was found
        between the images of what was written and those of the model.

        Args:
            model: that was trained.
            content: of its checkpoint.
            folder: of the files, where `config.json` is already.

        Raises:
            SettingError: the model cannot be written so, or a package is missing.
            FaultError: what was written makes other images.
        """


@final
class CheckpointFormat(Format):
    """The checkpoint without what only training needs. All commands read it, and the model may be of any kind."""

    name = "checkpoint"

    def write(self, model: Any, content: Mapping[str, Any], folder: Path) -> tuple[list[Path], float]:
        file, config = folder / CHECKPOINT, content["config"]
        kept = {part: config[part] for part in ("cache_dir", "data_dir", "model", "dataset", "metrics", "spec", "seed")}
        kept["command"] = without_paths(config.get("command", []))
        write_tensors(file, {"config": kept, "state_dict": content["state_dict"], "counters": content["counters"]})
        again, state = read(file)["state_dict"], content["state_dict"]
        if again.keys() != state.keys() or not all(torch.equal(again[name], state[name]) for name in state):
            raise FaultError(f"{file.name}: holds other weights than the checkpoint")
        return [file], 0.0


@final
class SafetensorsFormat(Format):
    """Weights alone. `gan_lightning.load` reads them; the network is described in config.json."""

    name = "safetensors"

    def write(self, model: Any, content: Mapping[str, Any], folder: Path) -> tuple[list[Path], float]:
        with _needing("hub"):
            from safetensors.torch import save
        light, file = alone(model), folder / WEIGHTS
        write_whole(
            file, save({name: value.detach().clone().contiguous() for name, value in light.state_dict().items()})
        )
        again = read_exported(folder).model
        if isinstance(light, GeneratorAlone):
            expected, made = light.sample(3, seed=1), again.sample(3, seed=1)
        else:
            (picture,) = parts(light)[0].example(2)
            expected, made = light.translate(picture, seed=1), again.translate(picture, seed=1)
        return [file], _difference(file, expected, made, most=0.0)


class GraphFormat(Format, ABC):
    """A network with its operations, which runs without this package. Batches may have any size."""

    suffix: ClassVar[str]
    keeps_noise = False

    def write(self, model: Any, content: Mapping[str, Any], folder: Path) -> tuple[list[Path], float]:
        files, largest = [], 0.0
        for part in parts(model):
            file = folder / f"{part.name}{self.suffix}"
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of exporters that are being replaced, and of the networks' asserts
                run = self._exported(part, file)
                for batch, larger in ((1, 0), (3, 1)):  # neither is the size that was exported
                    given = part.example(batch, larger)
                    try:
                        made = run(*given)
                    except Exception as error:  # whatever a foreign program raises
                        raise FaultError(
                            f"{file.name}: does not run on a batch of {batch} ({' '.join(str(error).split()):.200})"
                        ) from error
                    largest = max(largest, _difference(file, part(*given), made, MOST_DIFFERENT))
            files.append(file)
        return files, largest

    def _exported(self, part: Part, file: Path) -> Runs:
        try:
            return self.export(part, file)
        except (SettingError, FaultError):
            raise
        except Exception as error:  # whatever an exporter raises
            if isinstance(error, OSError) and error.errno is not None:  # a full disk, which no other format helps
                raise
            reason = " ".join(str(error).split())
            raise SettingError(
                f"format={self.name}: this network cannot be written so ({reason:.200}); choose another format"
            ) from error

    @abstractmethod
    def export(self, part: Part, file: Path) -> Runs:
        """Write a network, and return what runs the file."""


@final
class ONNXFormat(GraphFormat):
    """ONNX, which ONNX Runtime, browsers and phones run. ONNX Runtime checks the file."""

    name, suffix = "onnx", ".onnx"

    def export(self, part: Part, file: Path) -> Runs:
        with _needing("export"):
            import onnxruntime
            import onnxscript  # noqa: F401  # which torch needs
        program = torch.onnx.export(
            _program(part), dynamo=True, input_names=list(part.inputs), output_names=["image"], verbose=False
        )
        assert program is not None
        program.save(file)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

        def run(*given: Tensor) -> Tensor:
            named = zip(part.inputs, given, strict=True)
            return torch.from_numpy(session.run(None, {name: value.numpy() for name, value in named})[0])

        return run


@final
class TorchExportFormat(GraphFormat):
    """A program of torch.export, which `torch.export.load` reads: PyTorch without this package."""

    name, suffix = "torch_export", ".pt2"

    def export(self, part: Part, file: Path) -> Runs:
        written = BytesIO()
        torch.export.save(_program(part), written)
        write_whole(file, written.getbuffer())
        return torch.export.load(file).module()


@final
class TorchScriptFormat(GraphFormat):
    """TorchScript, for programs in C++ that use libtorch. PyTorch calls it deprecated."""

    name, suffix = "torchscript", ".ts"

    def export(self, part: Part, file: Path) -> Runs:
        written = BytesIO()
        torch.jit.save(torch.jit.trace(part, part.example(2), check_trace=False), written)
        write_whole(file, written.getbuffer())
        run: Runs = torch.jit.load(str(file))
        return run


def _program(part: Part) -> torch.export.ExportedProgram:
    """A network with its operations, for batches of any size."""
    example = part.example(2)
    auto = torch.export.Dim.AUTO
    free = tuple({0: auto, 2: auto, 3: auto} if value.dim() == 4 else {0: auto} for value in example)
    # One pixel: otherwise torch takes the 1 of a U-Net's innermost map for the only number that is possible. Only for
    # pictures, for it would make 1 impossible as the size of a batch of classes. Before torch 2.7 there was no setting.
    name = "backed_size_oblivious"
    pictures = any(value.dim() == 4 for value in example)
    with tuning.patch(name, True) if pictures and hasattr(tuning, name) else nullcontext():  # type: ignore[attr-defined]
        return torch.export.export(part, example, dynamic_shapes=free, strict=True)


def _difference(file: Path, expected: Tensor, made: Tensor, most: float) -> float:
    """The largest difference of two batches of images.

    Raises:
        FaultError: they have different shapes, or differ by more than `most`.
    """
    if expected.shape != made.shape:
        raise FaultError(f"{file.name}: makes images {tuple(made.shape)} instead of {tuple(expected.shape)}")
    largest = (expected - made).abs().max().item()
    if not largest <= most:  # NaN, too
        raise FaultError(f"{file.name}: its images differ from the model's by {largest:.2g}")
    return largest


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    """Turn a missing package into a sentence that names the extra that brings it."""
    try:
        yield
    except ImportError as error:
        raise SettingError(f"format: needs {error.name}: pip install 'gan-lightning[{extra}]'") from error
