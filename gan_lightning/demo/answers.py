"""What a visitor sees where a choice cannot work: the sentence of the error, and not a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.out_of_memory import GENERATING, lowering


def answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function for an event of the page, whose errors become messages on the page."""

    @wraps(function)
    def answer(*arguments: Any) -> Any:
        try:
            with lowering(GENERATING):
                return function(*arguments)
        except (SettingError, FaultError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    return answer
