"""What a visitor sees where a choice cannot work."""

import gradio as gr
import pytest
import torch

from gan_lightning.demo.answers import answering
from gan_lightning.errors import FaultError, SettingError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SettingError("seed=-1: a whole number from 0"), "seed=-1: a whole number from 0"),
        (FaultError("the disk is full"), "the disk is full"),
        (torch.OutOfMemoryError("CUDA out of memory."), "lower n"),
    ],
)
def test_errors_that_users_can_change_are_messages_on_the_page(error, sentence):
    @answering
    def draw(seed: int) -> int:
        raise error

    with pytest.raises(gr.Error) as raised:
        draw(1)
    assert sentence in raised.value.message
    assert not raised.value.print_exception


def test_answers_and_mistakes_in_the_code_pass():
    assert answering(lambda one, other: one + other)(1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        answering(lambda: 1 / 0)()
