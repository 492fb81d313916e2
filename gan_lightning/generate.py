"""gan-generate: pictures from a checkpoint, from noise or from other pictures."""

if __name__ == "__main__":  # `python -m gan_lightning.generate`, as torchrun starts it, is the command gan-generate
    from gan_lightning import commands

    commands.generate()
    raise SystemExit

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig

from gan_lightning.console.classes import conditions
from gan_lightning.console.declared import Generate
from gan_lightning.console.schema import check
from gan_lightning.counting import counted, per_second
from gan_lightning.data import kind_of
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.models import Ensemble, SteppingModule, Translating, blend, renew_statistics
from gan_lightning.out_of_memory import GENERATING, lowering
from gan_lightning.runs.checkpoint import assemble, read_each
from gan_lightning.runs.training_data import TrainingData
from gan_lightning.sampling.captions import asked
from gan_lightning.sampling.into_domains import translate_into_all
from gan_lightning.sampling.rebuilding import rebuild
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import Samples, refuse_unused, run
from gan_lightning.sampling.task import Task
from gan_lightning.sampling.translate import TILE, translate_folder, value_ranges

N, COLUMNS = 64, 8
"""How many samples, and columns of their picture, where none are chosen."""


@lowering(GENERATING)
def generate(config: DictConfig) -> str:
    """Write what the checkpoint's model makes, or several in turn, and return a sentence that says what and where.

    Raises:
        SettingError: a checkpoint or a setting cannot work.
        FaultError: memory ran out.
    """
    check(config, Generate)
    paths = list(config.checkpoint) if isinstance(config.checkpoint, ListConfig) else [config.checkpoint]
    contents = read_each(paths)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    models = [rebuild(content, config.trusted).to(device) for content in contents]
    show, sampler = instantiate(config.show), instantiate(config.sampler)
    if config.blend is not None:
        models = [_blended(models, config.blend)]
    if len(models) == 1 and isinstance(models[0], Translating):
        if not isinstance(show, Samples) or not isinstance(sampler, Plain):
            raise SettingError(
                "show, sampler: this checkpoint translates pictures, and these are for models that make images from "
                "noise; leave them out"
            )
        return _translate(config, models[0], contents[0]["config"]["spec"])
    ensemble = assemble(paths, contents, models)
    if config.standing_statistics is not None:
        for member in ensemble.members:
            renew_statistics(member, config.standing_statistics, config.seed, config.truncation)
    for name in ("direction", "domain", "tile"):
        if config[name] is not None:
            raise SettingError(f"{name}={config[name]}: this checkpoint makes images from noise; leave {name} out")
    task = _task(config, ensemble, contents[0]["config"])
    refuse_unused(show, task.kind, config)
    return run(show, task, sampler)


def _blended(models: Sequence[SteppingModule], share: float) -> SteppingModule:
    if len(models) != 2 or not all(isinstance(model, Translating) for model in models):
        raise SettingError(
            f"blend={share}: mixes the weights of two checkpoints that translate pictures; give two, as "
            "'checkpoint=[FIRST,SECOND]'"
        )
    first, second = (model for model in models if isinstance(model, Translating))
    return blend(first, second, share)


def _translate(config: DictConfig, model: Translating, spec: Mapping[str, Any]) -> str:
    if config.source is None:
        raise SettingError("source: this checkpoint translates pictures, so say which: source=FOLDER_OR_FILE")
    absent = {
        "n": "number to choose",
        "columns": "columns to choose",
        "labels": "labels",
        "caption": "captions",
        "captions": "captions",
        "truncation": "noise to truncate",
        "standing_statistics": "batches of noise",
    }
    for name, missing in absent.items():
        if config[name] is not None:
            raise SettingError(f"{name}={config[name]}: this checkpoint translates pictures, which have no {missing}")
    source = expanded(config.source)
    output = expanded(f"{config.run_dir}/images" if config.output is None else config.output)
    if config.domain is None:
        routes = [model.route(config.direction)]
    elif config.direction is not None:
        raise SettingError(f"direction={config.direction}: domain={config.domain} says it already; leave one out")
    else:
        routes = model.routes_into([config.domain] if isinstance(config.domain, str) else config.domain)
    started = time.perf_counter()
    if len(routes) == 1:
        of_sources, of_targets = value_ranges(spec, routes[0])
        tile = TILE if config.tile is None else config.tile
        n = translate_folder(model, source, output, routes[0], config.seed, of_sources, of_targets, tile)
        made = f"{counted(n, 'picture')} in {output}"
    elif config.tile is not None:
        raise SettingError(f"tile={config.tile}: several domains are made of whole pictures; leave tile out")
    else:
        ranges = {route: value_ranges(spec, route) for route in routes}
        n, picture = translate_into_all(model, source, output, ranges, config.seed, (spec["height"], spec["width"]))
        made = f"{counted(n, 'picture')} in {output}, a folder for each domain, side by side in {picture}"
    return f"{made}, {per_second(n, time.perf_counter() - started, 'pictures')} with reading and writing"


def _task(config: DictConfig, model: Ensemble, saved: Mapping[str, Any]) -> Task:
    """What all ways of sampling from noise share."""
    spec, wanted, data = saved["spec"], None, TrainingData(saved, config, model.members[0])
    if config.labels is not None:
        wanted = conditions(config.labels, spec, saved["dataset"].get("attributes"))
        if model.ignores_labels():
            raise SettingError(f"labels={config.labels}: this checkpoint's generator ignores labels; leave them out")
    captions, of_captions = asked(config.caption, config.captions, model, spec)
    return Task(
        model,
        kind_of(spec),
        spec,
        expanded(config.run_dir if config.output is None else config.output),
        N if config.n is None else config.n,
        wanted if of_captions is None else of_captions,
        config.seed,
        config.truncation,
        COLUMNS if config.columns is None else config.columns,
        None if config.source is None else expanded(config.source),
        data.read,
        data.extractor,
        captions,
    )
