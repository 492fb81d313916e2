"""What happens beside training: scores, pictures, progress, status and checkpoints."""

from gan_lightning.callbacks.accuracy import DiscriminatorAccuracy
from gan_lightning.callbacks.budget import Budget, spread_validations, validation_interval
from gan_lightning.callbacks.captions import CaptionGrid
from gan_lightning.callbacks.curves import Curves
from gan_lightning.callbacks.evaluation import Evaluation, write_scores
from gan_lightning.callbacks.gradients import GradientNorms
from gan_lightning.callbacks.monitored import check_monitors
from gan_lightning.callbacks.newest import Newest
from gan_lightning.callbacks.notebook import in_notebook
from gan_lightning.callbacks.on_cpu import OnCPU
from gan_lightning.callbacks.on_gpu import OnGPU
from gan_lightning.callbacks.progress import Progress, on_terminal
from gan_lightning.callbacks.provenance import Provenance
from gan_lightning.callbacks.reconstruction import ReconstructionError
from gan_lightning.callbacks.samples import DomainGrid, SampleGrid, TranslationGrid
from gan_lightning.callbacks.scatter import Scatter
from gan_lightning.callbacks.slow_data import SlowData
from gan_lightning.callbacks.standing import StandingStatistics
from gan_lightning.callbacks.tally import Tally
from gan_lightning.callbacks.texts import Texts

__all__ = [
    "Budget",
    "CaptionGrid",
    "Curves",
    "DiscriminatorAccuracy",
    "DomainGrid",
    "Evaluation",
    "GradientNorms",
    "Newest",
    "OnCPU",
    "OnGPU",
    "Progress",
    "Provenance",
    "ReconstructionError",
    "SampleGrid",
    "Scatter",
    "SlowData",
    "StandingStatistics",
    "Tally",
    "Texts",
    "TranslationGrid",
    "check_monitors",
    "in_notebook",
    "on_terminal",
    "spread_validations",
    "validation_interval",
    "write_scores",
]
