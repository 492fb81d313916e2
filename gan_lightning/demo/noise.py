"""Sliders for a model that makes images from noise."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
from PIL import Image

from gan_lightning.demo.answers import answering
from gan_lightning.loaded import TrainedModel, grid

SEEDS = 9999
"""The last seed on a slider. A number that is typed beside it has the same limit."""
SIDE = 560
"""Pixels of the longer side of what is shown."""
STEPS = 17
"""Pictures on the way between two samples."""
IN_TURN = "all in turn"


def samples(model: TrainedModel, page: gr.Blocks) -> None:
    """A grid of samples, which follows the sliders."""
    with gr.Row():
        with gr.Column(scale=1, min_width=240):
            seed = _seed("Seed", 0)
            count = gr.Slider(1, 64, 16, step=1, label="Pictures")
            truncation = _truncation(model)
            labels = _labels(model, IN_TURN)
        with gr.Column(scale=3, min_width=320):
            shown = _picture("Samples")

    @answering
    def draw(seed: int, count: int, truncation: float, *chosen: str | int) -> Image.Image:
        made = model.sample(
            int(count), _label(model, chosen), seed=int(seed), truncation=_given(truncation, _most(model))
        )
        return enlarged(grid(made, columns=_columns(len(made))))

    _follow(page, [seed, count, truncation, *labels], draw, [shown])


def between(model: TrainedModel, page: gr.Blocks) -> None:
    """Two seeds, and a slider for the way from one to the other."""
    with gr.Row():
        with gr.Column(scale=1, min_width=240):
            first, second = _seed("From seed", 0), _seed("To seed", 1)
            place = gr.Slider(0, 1, 0.5, step=1 / (STEPS - 1), label="Place between the two")
            truncation = _truncation(model)
            labels = _labels(model, None)
        with gr.Column(scale=3, min_width=320):
            shown, strip = _picture("At this place"), _picture("The whole way")
    way = gr.State([])

    @answering
    def walk(place: float, first: int, second: int, truncation: float, *chosen: str | int) -> tuple[Any, ...]:
        made = model.interpolate(
            int(first), int(second), STEPS, _label(model, chosen), truncation=_given(truncation, _most(model))
        )
        return made, _at(made, place), enlarged(grid(made[::2], columns=len(made[::2])))

    _follow(page, [first, second, truncation, *labels], walk, [way, shown, strip], first=[place])
    # Otherwise a place that is chosen while the last one is being drawn would be forgotten.
    place.input(_at, [way, place], [shown], show_progress="hidden", trigger_mode="always_last")


def _at(way: Sequence[Image.Image], place: float) -> Image.Image:
    """The picture at a place in [0, 1] of the way."""
    return enlarged(way[round(place * (STEPS - 1))])


def _follow(page: gr.Blocks, inputs: list[Any], function: Any, outputs: list[Any], first: Sequence[Any] = ()) -> None:
    """Draw when the page opens, and whenever one of the inputs changes; only the newest change counts."""
    gr.on(
        [page.load, *(control.change for control in inputs)],
        function,
        [*first, *inputs],
        outputs,
        trigger_mode="always_last",
        show_progress="minimal",
    )


def _seed(label: str, value: int) -> gr.Slider:
    return gr.Slider(0, SEEDS, value, step=1, label=label)


def _truncation(model: TrainedModel) -> gr.Slider:
    most = _most(model)
    return gr.Slider(
        0.05, most, most, step=0.05, label="Truncation", info=f"less is more typical and less varied; {most:g}: none"
    )


def _most(model: TrainedModel) -> float:
    """The right end of the slider, which means no truncation: the factor 1 of w, or more than noise ever is."""
    return 1.0 if model.model.mean_w() is not None else 4.0


def _given(truncation: float, most: float) -> float | None:
    return None if truncation >= most else truncation


def _labels(model: TrainedModel, usual: str | None) -> list[Any]:
    """A choice of the class, one for each attribute, or a caption; none where the generator takes no condition."""
    if model.captions:
        sentences = [*([] if usual is None else [usual]), *model.captions]
        about = "choose one, or write your own and press Enter"
        return [gr.Dropdown(sentences, value=sentences[0], label="Caption", info=about, allow_custom_value=True)]
    if model.classes:
        names = [*([] if usual is None else [usual]), *model.classes]
        return [gr.Dropdown(names, value=names[0], label="Class")]
    return [
        gr.Slider(0, count - 1, 0, step=1, label=name.replace("_", " ")) for name, count in model.attributes.items()
    ]


def _label(model: TrainedModel, chosen: Sequence[str | int]) -> str | list[int] | None:
    """The label that the controls show."""
    if model.attributes:
        return [int(value) for value in chosen]
    return None if not chosen or chosen[0] == IN_TURN else str(chosen[0])


def _columns(count: int) -> int:
    """Columns of a grid that is as wide as high, or wider."""
    return next(columns for columns in range(1, 9) if columns * columns >= count)


def _picture(label: str) -> gr.Image:
    return gr.Image(
        label=label,
        show_label=False,
        type="pil",
        format="png",
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_id=label.lower().replace(" ", "-"),
    )


def enlarged(picture: Image.Image) -> Image.Image:
    """A picture with every pixel repeated until its longer side has about `SIDE` pixels, so that pixels stay sharp."""
    factor = max(1, SIDE // max(picture.size))
    return picture.resize((factor * picture.width, factor * picture.height), Image.Resampling.NEAREST)
