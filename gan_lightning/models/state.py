"""What a run needs beside its parameters to go on, and how checkpoints keep it."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import lightning.pytorch as L
import torch
from torch import Tensor, nn

from gan_lightning.counting import counted
from gan_lightning.distributed import average, gather
from gan_lightning.errors import FaultError
from gan_lightning.models.finite import not_finite
from gan_lightning.models.guards import AtOnce, Guard
from gan_lightning.models.memory import Memory
from gan_lightning.models.optimisation import MOST_SKIPPED, Training
from gan_lightning.models.players import Player


class SavedState(L.LightningModule):
    """Saves counters, and what each process has for itself, in every checkpoint, and restores them.

    Counters (Lightning's `global_step` adds the steps of all optimizers up):
        each player's steps.
        images_seen: real images given to the discriminator (to each, if there are two), over all processes;
            the x axis of every log.
        skipped_steps: updates of any player that were left out because they were not finite.
        windows_more: windows of batches that this number of processes would have needed for the same epochs, less those
            that there were; 0 unless a resumed run has another number of processes than before.
    """

    takes: ClassVar[type]
    """The batches of a window; the data module has to deliver them."""

    def __init__(self, optimisation: Training) -> None:
        super().__init__()
        self.optimisation = optimisation
        self.players: dict[str, Player] = {}
        self.guard: Guard = AtOnce(self.answer, bool, False)
        """Leaves out updates that are not finite."""
        self.regularisers: Any = nn.ModuleList()  # a ModuleDict of Regulariser per player
        self.images_seen = 0
        self.skipped_steps = 0
        self.windows_more = 0.0
        self._window: list[Any] = []  # batches until there are `accumulate` of them
        self._notes: dict[str, Tensor] = {}  # scalars for the next log

    def add_player(self, name: str, player: Player) -> None:
        """Let a player learn. Its network is an attribute of this module too, and so part of checkpoints."""
        self.players[name] = player
        self.regularisers.append(player.regularisers)

    @property
    def rounds(self) -> int:
        """Updates of the first player, which budgets and schedules count."""
        return next(iter(self.players.values())).steps

    @property
    def updates(self) -> int:
        """Updates of the player that has most, which the rows of the logs count."""
        return max(player.steps for player in self.players.values())

    @property
    def windows_per_round(self) -> int:
        """Windows of batches that one update of the first player takes."""
        return 1

    @property
    def windows_before_rounds(self) -> int:
        """Windows of batches that come before those of the first player's updates."""
        return 0

    @property
    def windows(self) -> int:
        """Windows of batches of this run so far."""
        return self.rounds * self.windows_per_round

    def generator_updates(self, windows: int) -> int:
        """Updates of the network that generates, in so many windows from the start of a run."""
        return windows // self.windows_per_round

    def answer(self, name: str, ago: int, left_out: bool) -> None:
        """Count an update that was left out, or end the run."""
        player = self.players[name]
        if not left_out:
            player.skipped_in_a_row = 0
            return
        self.skipped_steps += 1
        player.skipped_in_a_row += 1
        if self.optimisation.skip_non_finite and player.skipped_in_a_row <= MOST_SKIPPED:
            self._notes.clear()
            return
        too_many = f", and so were {MOST_SKIPPED} before it" if self.optimisation.skip_non_finite else ""
        raise FaultError(
            f"the {name}'s update {player.steps - ago} ({'noticed ' if ago else ''}after "
            f"{counted(self.images_seen, 'image')}) is not finite: {self.guard.reason(self._notes, self)}{too_many}"
            f"{self._remedies()}"
        )

    def on_validation_start(self) -> None:
        self.guard.report()
        self._refuse_overflow(self.state_dict())
        self._average_statistics()

    def _refuse_overflow(self, tensors: Mapping[str, Tensor]) -> None:
        """Refuse weights that are not finite: an update may spoil them although its loss and gradients were finite.
        All processes have to call this together.

        Raises:
            FaultError: some are, in any process.
        """
        bad = next((found for found in gather(not_finite(tensors)) if found), None)
        if bad is None:
            return
        more = f" and {counted(len(bad) - 1, 'other tensor')} are" if len(bad) > 1 else " is"
        steps = " and ".join(f"{player.steps} of the {name}" for name, player in self.players.items())
        raise FaultError(
            f"{bad[0]}{more} not finite after update {steps} ({counted(self.images_seen, 'image')}); none of it is "
            f"saved{self._remedies()}"
        )

    def _remedies(self) -> str:
        """What keeps updates finite, as the end of a sentence; empty where nothing is trained."""
        players = zip(self.players.values(), self.trainer.optimizers, strict=False)
        # Some players share a setting.
        rates = {f"{player.setting}.lr={optimizer.param_groups[0]['lr']:g}": None for player, optimizer in players}
        if not rates:
            return ""
        advice = f"; lower the learning rates ({', '.join(rates)})"
        if self.trainer.precision not in ("32-true", "64-true"):
            advice += f", or use trainer.precision=32-true instead of {self.trainer.precision}"
        return advice

    def _average_statistics(self) -> None:
        """The next update copies each process's own statistics into the average again, so this changes no run."""
        for player in self.players.values():
            if player.average is not None:
                average(buffer for buffer in player.average.module.buffers() if buffer.is_floating_point())

    def own_state(self) -> dict[str, Any]:
        """What this process alone holds, in plain containers: statistics of batch norm, memories of earlier images,
        batches of an incomplete window, values that are not yet logged."""
        saved = self.state_dict().keys()  # some buffers are not, such as the values of ramps
        return {
            "memories": {name: memory.content() for name, memory in self._memories().items()},
            "buffers": {name: values for name, values in self._own_buffers(Tensor.cpu).items() if name in saved},
            "window": [[part.cpu() for part in batch] for batch in self._window],
            "notes": {name: float(value) for name, value in self._notes.items()},
        }

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Go on with what `own_state` returned in the process of this rank."""
        device = self.trainer.strategy.root_device
        # Checkpoints of earlier versions had the pools of CycleGAN only.
        pools = {f"pools.{domain}": images for domain, images in state.get("pools", {}).items()}
        for name, content in state.get("memories", pools).items():
            self._memories()[name].restore(content)
        self._window = [self.takes(*(part.to(device) for part in batch)) for batch in state["window"]]
        self._notes = {name: torch.tensor(value, device=device) for name, value in state["notes"].items()}

    def _own_buffers(self, copied: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
        # The averages and what regularisers remember follow parameters, which are the same everywhere.
        averages = [player.average for player in self.players.values() if player.average is not None]
        shared = {id(buffer) for module in (self.regularisers, *averages) for buffer in module.buffers()}
        return {name: copied(buffer) for name, buffer in self.named_buffers() if id(buffer) not in shared}

    def _buffers_of_batches(self, copied: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
        """What a batch that is not finite may spoil: this process's own buffers, and those of the averages, which are
        copies or averages of them."""
        averages = [player.average.module for player in self.players.values() if player.average is not None]
        averaged = {id(buffer) for module in averages for buffer in module.buffers()}
        copies = {name: copied(buffer) for name, buffer in self.named_buffers() if id(buffer) in averaged}
        return self._own_buffers(copied) | copies

    def _memories(self) -> dict[str, Memory]:
        return {name: module for name, module in self.named_modules() if isinstance(module, Memory)}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.guard.report()
        self._average_statistics()  # in place: what is in the checkpoint already shares its memory
        checkpoint["counters"] = {
            **{f"{name}_step": player.steps for name, player in self.players.items()},
            "images_seen": self.images_seen,
            "skipped_steps": self.skipped_steps,
            "skipped_in_a_row": [player.skipped_in_a_row for player in self.players.values()],
        }
        own = self.own_state()
        held = {**checkpoint["state_dict"], **own["buffers"]}
        for side, optimizer in zip(self.players, checkpoint.get("optimizer_states", ()), strict=False):
            for number, state in optimizer["state"].items():
                tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
                held |= {f"{name} of the {side}'s optimizer ({number})": value for name, value in tensors.items()}
        self._refuse_overflow(held)
        checkpoint["processes"] = gather(own)
        checkpoint["windows_more"] = self.windows_more

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.restore_counters(checkpoint["counters"])
        self.windows_more = checkpoint.get("windows_more", 0.0)  # checkpoints of earlier versions lack it
        saved = checkpoint["processes"]
        # With another number of processes, each starts with the first one's statistics and an empty window.
        if len(saved) != self.trainer.world_size:
            # An epoch of a given number of batches has as many of them in every process, however many there are.
            if not isinstance(self.trainer.limit_train_batches, int):
                windows = (self.windows + self.windows_more) * len(saved) / self.trainer.world_size
                self.windows_more = windows - self.windows
        else:
            checkpoint["state_dict"].update(saved[self.global_rank]["buffers"])
            self.restore_own_state(saved[self.global_rank])

    def restore_counters(self, counters: Mapping[str, Any]) -> None:
        """Go on counting where a checkpoint stopped."""
        for (name, player), skipped in zip(self.players.items(), counters["skipped_in_a_row"], strict=True):
            player.steps, player.skipped_in_a_row = counters[f"{name}_step"], skipped
        self.images_seen = counters["images_seen"]
        self.skipped_steps = counters["skipped_steps"]
