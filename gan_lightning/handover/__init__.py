"""Handing a trained model on: networks in the formats of other programs, a model card, a model hub."""

from gan_lightning.handover.formats import (
    CheckpointFormat,
    Format,
    ONNXFormat,
    SafetensorsFormat,
    TorchExportFormat,
    TorchScriptFormat,
)

__all__ = ["CheckpointFormat", "Format", "ONNXFormat", "SafetensorsFormat", "TorchExportFormat", "TorchScriptFormat"]
