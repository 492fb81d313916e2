"""The page of one model: what it offers depends on what the model does."""

import gradio as gr

from gan_lightning.data import ImageKind
from gan_lightning.demo.noise import between, samples
from gan_lightning.demo.translation import translations
from gan_lightning.errors import SettingError
from gan_lightning.loaded import TrainedModel

HOUR = 3600
"""Seconds after which pictures that were shown are deleted from the disk; the end of the page deletes them all."""


def build(model: TrainedModel, name: str) -> gr.Blocks:
    """The page: samples and the way between two of them, or translations of the visitor's picture.

    Args:
        model: any that `gan_lightning.load` returns, but one whose samples are points.
        name: what people call the model, such as the path of its run.

    Raises:
        SettingError: the model makes no pictures.
    """
    if not model.translates and model.spec["kind"] != ImageKind.name:
        raise SettingError(f"checkpoint={name}: makes {model.spec['kind']}, and this page shows pictures")
    with gr.Blocks(title=name, analytics_enabled=False, delete_cache=(HOUR, HOUR)) as page:
        gr.Markdown(f"# {type(model.model).__name__}\n`{name}`")
        if model.translates:
            translations(model)
        else:
            with gr.Tab("Samples"):
                samples(model, page)
            with gr.Tab("Between two samples"):
                between(model, page)
    return page
