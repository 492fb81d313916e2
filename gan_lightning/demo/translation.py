"""A picture of the visitor's in, its translation out."""

from typing import Any

import gradio as gr
from PIL import Image

from gan_lightning.demo.answers import answering
from gan_lightning.errors import SettingError
from gan_lightning.loaded import TrainedModel

SEEDS = 9999
"""The last seed on the slider."""


def translations(model: TrainedModel) -> None:
    """A place for a picture, the ways that the model knows, and its translation."""
    with gr.Row():
        with gr.Column(min_width=320):
            source = gr.Image(
                label="Your picture",
                type="pil",
                sources=["upload", "clipboard"],
                image_mode=None,
                elem_id="your-picture",
            )
            direction = gr.Radio(model.directions, value=model.directions[0], label="Direction")
            seed = gr.Slider(0, SEEDS, 0, step=1, label="Seed", info="of the noise, for models that have any")
            start = gr.Button("Translate", variant="primary")
        with gr.Column(min_width=320):
            shown = gr.Image(label="Translation", type="pil", format="png", interactive=False, elem_id="translation")

    @answering
    def translate(source: Image.Image | None, direction: str, seed: int) -> Any:
        if source is None:
            raise SettingError("Choose a picture first")
        return model.translate(source, direction=direction, seed=int(seed))

    start.click(translate, [source, direction, seed], [shown], trigger_mode="once")
