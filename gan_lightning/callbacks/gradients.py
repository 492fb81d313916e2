"""How large the gradients of every player are."""

from typing import Any, final

import lightning.pytorch as L
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer


@final
class GradientNorms(L.Callback):
    """Logs the 2-norm of each player's gradient: `gradient_norm_generator`, `gradient_norm_discriminator`.

    It is the gradient of the whole update, averaged over processes and accumulated batches, before it is clipped. Only
    the last update before each row of the logs counts. The discriminator's includes that of its auxiliary tasks.
    """

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: Optimizer) -> None:
        # Lightning calls callbacks before the module, which clips.
        player = [*pl_module.players][trainer.optimizers.index(optimizer)]
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        pl_module.log_scalars(**{f"gradient_norm_{player}": get_total_norm(gradients)})
