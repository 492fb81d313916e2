"""The data that a checkpoint was trained on, and the extractor of its scores, for what is made with its model."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning.console.declared import Parts
from gan_lightning.console.schema import check
from gan_lightning.console.start import lines
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Extractor, NoLabelsError
from gan_lightning.metrics.references import train_and_test
from gan_lightning.models import FromNoise
from gan_lightning.out_of_memory import GENERATING, lowering
from gan_lightning.sampling.parts import as_in_training, built, check_spec, chosen_parts, notes_of_parts

log = logging.getLogger(__name__)


class TrainingData:
    """Reads the data of a checkpoint, where the command line does not name others, at the first call.

    Args:
        saved: the configuration in the checkpoint.
        config: of gan-generate; its `dataset` may be whole, or change single settings.
        model: of the checkpoint.
    """

    def __init__(self, saved: Mapping[str, Any], config: DictConfig, model: FromNoise) -> None:
        self.saved, self.model = saved, model
        given = {name: config[name] for name in ("cache_dir", "data_dir", "trusted")}
        # The seed of the command is that of noise; the data keep theirs.
        self.config = OmegaConf.create({**given, "dataset": config.get("dataset", {}), "num_fake": None, "seed": None})

    def read(self) -> Any:
        """The data module, built at the first call.

        Raises:
            SettingError: the data cannot be had, or are of another shape than those of the training.
        """
        return self._module

    @cached_property
    @lowering(GENERATING)
    def _module(self) -> Any:
        self.chosen = chosen_parts(self.saved, self.config)
        check(self.chosen, Parts)
        trained = self.saved["spec"]
        as_in_training(self.chosen.dataset, trained)
        (reads, *_) = notes_of_parts(self.chosen, self.config)
        log.info("%s", "\n".join(lines([reads])))
        data = built("dataset", self.chosen)
        spec = asdict(data.spec())
        check_spec(self.model, spec, trained, "the checkpoint")
        if spec["fingerprint"] != trained["fingerprint"]:
            log.warning("These are not the data that the checkpoint was trained on, or they have changed")
        return data

    def extractor(self, data: Any) -> Extractor | None:
        """The extractor of the checkpoint's scores, ready; None if they have none.

        Raises:
            SettingError: it cannot be had, or the data lack the labels that it is fitted on.
        """
        found: Extractor | None = getattr(built("metrics", self.chosen), "extractor", None)
        if found is not None:
            try:
                found.prepare(*train_and_test(data))
            except NoLabelsError as reason:
                raise SettingError(
                    f"show=neighbours_by_features: extractor={found.option} needs labels of two or more classes, and "
                    f"the data have {reason}; show=neighbours compares pixels"
                ) from reason
        return found
