"""A page for the browser on which a trained model can be tried. Needs the extra `demo`, Gradio."""

from gan_lightning.demo.page import build
from gan_lightning.demo.serving import serve

__all__ = ["build", "serve"]
