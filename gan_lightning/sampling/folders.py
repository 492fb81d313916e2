"""Two folders of images, whoever made them, scored against each other."""

import torch
from omegaconf import DictConfig, OmegaConf

from gan_lightning.batch import Generated
from gan_lightning.counting import counted
from gan_lightning.data import Draw, ImageData, Images, Unchanged, check_folder, loader, without_pattern
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.metrics import LEAST_LOOKED_AT, GenerationScores, SamplerScore, Scores, fewest

BATCH = 64
_PIXELS = {"swd": {"_target_": "gan_lightning.metrics.SlicedWasserstein"}}
_FEATURES = {
    "fid": {"_target_": "gan_lightning.metrics.FrechetDistance"},
    "kid": {"_target_": "gan_lightning.metrics.KernelDistance", "subsets": 100, "subset_size": 1000},
}
_OF_CHECKPOINTS = {
    "checkpoint": "names a model, but real and fake name finished images; leave one of them out",
    "dataset": "is the data of a checkpoint; leave it out, because real takes its place",
    "num_fake": "all pictures in fake are scored; leave it out, or put fewer into the folder",
    **dict.fromkeys(
        ("seed", "truncation", "standing_statistics"),
        "nothing is drawn where finished images are scored; leave it out",
    ),
}


def two_folders(config: DictConfig) -> tuple[Unchanged, Unchanged]:
    """The real and the generated pictures that a configuration of gan-evaluate names, all of one shape.

    Raises:
        SettingError: a folder is missing, is given beside a setting of checkpoints, cannot be read, lies in the other
            one, or has pictures of another size or of other channels.
    """
    for given, missing in (("real", "fake"), ("fake", "real")):
        if config[missing] is None:
            raise SettingError(
                f"{given}={config[given]}: is given without {missing}; name both folders, real=FOLDER fake=FOLDER"
            )
    for name, why in _OF_CHECKPOINTS.items():
        if config.get(name) is not None:
            value = config[name] if isinstance(config[name], str | int | float) else "..."
            raise SettingError(f"{name}={value}: {why}")
    if config.trainer.strategy != "auto" or config.trainer.devices != 1:
        raise SettingError("trainer, devices: two folders are scored by one process; leave these settings out")
    places = {name: check_folder(name, config[name]).resolve() for name in ("real", "fake")}
    for inner, outer in (("real", "fake"), ("fake", "real")):
        if places[outer] in places[inner].parents:
            raise SettingError(
                f"{inner}={config[inner]}: lies in {outer}={config[outer]}, where pictures in subfolders count, too; "
                "move one of the folders"
            )
    real, fake = (Unchanged(name, config[name]) for name in ("real", "fake"))
    if fake.shape != real.shape:
        raise SettingError(
            f"fake={fake.path}: has pictures of {fake.shape}, but real={real.path} of {real.shape}; convert one side"
        )
    return real, fake


def chosen_for_folders(config: DictConfig, num_fake: int) -> DictConfig:
    """The scores to build, and what they refer to.

    Args:
        config: of gan-evaluate. Without `metrics`, an extractor brings FID, KID and the sliced Wasserstein distance;
            without an extractor there is the last alone, which needs neither a network nor labels.
        num_fake: pictures that are scored.
    """
    chosen = OmegaConf.create({name: config[name] for name in ("cache_dir", "data_dir")})
    chosen.num_fake = num_fake
    given = config.get("metrics") or {}
    if "_target_" in given:
        chosen.metrics = given
    else:
        scores = {**_FEATURES, **_PIXELS} if "_target_" in given.get("extractor", {}) else _PIXELS
        chosen.metrics = {
            "_target_": "gan_lightning.metrics.GenerationScores",
            "cache_dir": "${cache_dir}",
            "split": "train",
            "is_splits": 1,
            "num_fake": num_fake,
            "monitor": None,
            "scores": scores,
        }
        chosen.metrics = OmegaConf.merge(chosen.metrics, given)
    if "num_fake" in chosen.metrics:
        chosen.metrics.num_fake = num_fake
    return chosen


def prepare_for_folders(scores: Scores, real: Unchanged, fake: Unchanged) -> Images:
    """Get scores ready to compare two folders, and return the pictures that they will score.

    Raises:
        SettingError: these scores are not of single images, or there are too few pictures.
    """
    if Generated not in scores.serves:
        raise SettingError(
            f"metrics: {type(scores).__name__} scores translations of pictures; choose others, such as metrics=swd"
        )
    if isinstance(scores, GenerationScores):
        for name in [name for name, score in scores.chosen.items() if isinstance(score, SamplerScore)]:
            if not scores.only_possible:
                raise SettingError(
                    f"metrics: {name} looks at a generator, and folders hold pictures alone; leave it out"
                )
            del scores.chosen[name]
    if isinstance(scores, GenerationScores) and not scores.only_possible:
        least = fewest(scores.chosen, scores.extractor)
        for folder in (real, fake):
            if len(folder.files) < least:
                count = counted(len(folder.files), "picture")
                raise SettingError(
                    f"{folder.setting}={folder.path}: has {count}, but these scores need at least {least:,}; take more "
                    "pictures, or metrics=swd, which takes any number of them"
                )
    images = fake.load("train", 0)
    data = ImageData(real, real.shape.height, batch_size=1, num_fake=len(images), seed=0)
    label = data.images("train").label_name
    # As an attribute of choice, the label is not what samples are asked to show in turn: nobody asked for these.
    data.attributes = None if label is None else [label]
    if not scores.prepare(data):
        raise SettingError("metrics: no scores are chosen; choose some, such as metrics=swd")
    scores.protocol["size"] = [real.shape.height, real.shape.width]
    scores.protocol.pop("resolution", None)
    return without_pattern(images, min(len(real.files), LEAST_LOOKED_AT))


def score_of(images: Images, scores: Scores) -> dict[str, float]:
    """The scores, by name, of pictures that lie in files."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    scores.reset(device)
    numbers = torch.arange(len(images)).split(BATCH)
    batches = loader(images, [Draw(part.tolist(), 0) for part in numbers], num_workers=0)
    for number, (image, label) in progress(zip(numbers, batches, strict=True), "Scoring the pictures of fake"):
        scores.update(Generated(number, image.to(device), label))
    return scores.compute()
