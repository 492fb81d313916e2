"""What a training step asks of objectives, penalties, regularisers, constraints and auxiliary tasks.

None of them steps an optimizer or knows a model: they get tensors or networks, and return a scalar or nothing. A step
loops over all that it was given, so a new one needs only a class and a YAML file.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, final

from torch import Tensor, nn

from gan_lightning.contracts import check_contract
from gan_lightning.ramps import Follows, Ramp, setting
from gan_lightning.ranges import AtLeastZero, Count, within

Critic = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) to one score per image (B,), with the batch's conditions bound."""


@final
class ConditionalCritic:
    """A `Critic` that also says under which conditions, and gives scores under others.

    Args:
        score: images (B, C, H, W) and conditions (B, ...) to one score per image (B,).
        condition: of the batch.

    >>> critic = ConditionalCritic(lambda image, c: image.sum((1, 2, 3)) * c[:, 0], torch.tensor([[3.0]]))
    >>> critic(torch.ones(1, 1, 2, 2)).item(), critic.score(torch.ones(1, 1, 2, 2), torch.tensor([[1.0]])).item()
    (12.0, 4.0)
    """

    def __init__(self, score: Callable[[Tensor, Tensor], Tensor], condition: Tensor) -> None:
        self.score, self.condition = score, condition

    def __call__(self, image: Tensor) -> Tensor:
        return self.score(image, self.condition)


Loss = TypeVar("Loss", bound="AdversarialLoss")


class AdversarialLoss(nn.Module, Follows, ABC):
    """A pair of objectives on raw logits of any shape, reduced by the mean; both are minimised.

    A loss declares the following. A loss that is made of another one derives from `WrappedLoss`, which forwards them.

    `needs_real` says that the generator's objective compares fakes with the real logits of the same
    batch (relativistic losses); the step then passes `real`.

    `couples_batch` says that one image's term depends on the other images of its batch, so that the loss of a batch is
    not the mean of the losses of its halves. Such a loss acts on each process's own batch, and on each of the batches
    that `accumulate` adds up: several of them do not equal one large batch.

    `needs_lipschitz` says that the discriminator's objective is unbounded, and has a meaning only if something else
    limits the discriminator's slope.

    `needs_energy` says that each logit must be minus an energy, and so never positive, or the loss falls without limit.

    `decision_threshold` is the logit that the best discriminator gives where real and generated images are equally
    likely; None if there is no single one, because the discriminator's objective only compares scores with each other,
    or is flat.
    """

    needs_real: bool = False
    couples_batch: bool = False
    needs_lipschitz: bool = False
    needs_energy: bool = False
    decision_threshold: float | None = None

    def __new__(cls: type[Loss], *_: Any, **__: Any) -> Loss:
        loss = super().__new__(cls)
        nn.Module.__init__(loss)  # a loss may have an `__init__` that does not call this
        return loss

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss (scalar) on logits of real and of generated images."""

    @abstractmethod
    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The generator's loss (scalar) on logits of generated images."""

    def scalars(self) -> dict[str, Tensor]:
        """What the logs show of its state, by name (scalars), after the discriminator's loss."""
        return {}


class WrappedLoss(AdversarialLoss, ABC):
    """A loss that is made of another one, `of`. It declares what that one declares, whatever `AdversarialLoss` knows,
    but for what its own class sets."""

    def __init__(self, of: AdversarialLoss) -> None:
        super().__init__()
        check_contract("loss", of, AdversarialLoss)
        self.of = of
        own = {name for kind in type(self).__mro__ if issubclass(kind, WrappedLoss) for name in vars(kind)}
        for name in AdversarialLoss.__annotations__.keys() - own:
            setattr(self, name, getattr(of, name))

    def scalars(self) -> dict[str, Tensor]:
        return self.of.scalars()


class Penalty(nn.Module, ABC):
    """A term of the discriminator's loss that sees images, logits and the critic itself.

    Lazy: computed at every `every`-th discriminator step and then multiplied by `every`, so its average
    weight does not change (StyleGAN2, arXiv:1912.04958, section 3.1).

    `per_sample` says that the penalty only makes sense where one image's score does not depend on the
    other images of its batch: batch normalisation in the critic is then an error.

    `limits_slope` says that it keeps the critic from becoming steep, `asks_slope_one` that it also pulls gentle
    slopes up to one, which a critic of clipped weights cannot reach.

    `least_side` is the height and width that images must at least have.

    `needs_vectors` says that it changes conditions, which have to be vectors, as those of captions. Its critic is a
    `ConditionalCritic`.

    `moves_pixels` says that it moves pictures, which makes no sense for points or where two pictures belong together.
    """

    per_sample: bool = False
    limits_slope: bool = False
    asks_slope_one: bool = False
    moves_pixels: bool = False
    needs_vectors: bool = False
    least_side: int = 1

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        self.every = within("penalty.*.every", Count, every)

    @abstractmethod
    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """The weighted penalty (scalar, float32). `real` and `fake` are (B, C, H, W), without gradient."""


class GeneratorPenalty(nn.Module, ABC):
    """A term of the generator's loss that sees the generator itself, and the noise and conditions of its images.

    Lazy as `Penalty`, in generator steps.

    `compares_images` says that it compares the images of a batch with each other, and so needs two or more.
    """

    compares_images: bool = False

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        self.every = within("generator_penalty.*.every", Count, every)

    @abstractmethod
    def forward(self, generator: nn.Module, z: Tensor, condition: Tensor, image: Tensor) -> Tensor:
        """The weighted penalty (scalar, float32).

        Args:
            generator: a `networks.Generator`: a function of z and condition, with `map` and `synthesise`.
            z: noise (B, latent_dim).
            condition: of the images (B, ...).
            image: what the generator made of z and condition (B, C, H, W), with gradient.
        """

    def check(self, generator: nn.Module, condition: Tensor) -> None:
        """Called before training with conditions (B, ...).

        Raises:
            SettingError: the penalty means nothing for this generator. By default it suits all of them.
        """


class Reconstruction(nn.Module, ABC):
    """How far an output is from the picture that it ought to be, times `weight`."""

    def __init__(self, weight: AtLeastZero | Ramp) -> None:
        super().__init__()
        self.weight = setting("model.*.weight", AtLeastZero, weight)

    @abstractmethod
    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """The weighted distance (scalar) of two batches (B, C, H, W)."""


class Regulariser(nn.Module, ABC):
    """A term on the parameters of a network, of either player. What it remembers of them is kept in buffers."""

    def watch(self, network: nn.Module) -> None:
        """See the network when the model is built, and after each of its updates."""

    @abstractmethod
    def forward(self, network: nn.Module) -> Tensor:
        """The weighted term (scalar)."""


class Constraint(ABC):
    """Acts on a network in place, right after each of its optimizer steps.

    `bounds_weights` says that it keeps each parameter within bounds, which makes the network Lipschitz.
    """

    bounds_weights: bool = False

    @abstractmethod
    def __call__(self, network: nn.Module) -> None:
        """Bring the parameters back into the allowed set."""


class Auxiliary(nn.Module, ABC):
    """A further task on the discriminator's features, with its own head, trained together with the discriminator.

    `real` and `fake` are the features (B, F) of `Verdict`; `condition` (B, ...) is what both were drawn for, and `z`
    (B, latent_dim) the noise that the generated images were made of; None where they were made of other pictures.

    `needs_real` says that the generator's loss compares with real features; otherwise it is given None.

    `codes` are those at the end of z that the task reads, as `models.Prior` describes them; the model's prior must have
    the same ones.
    """

    needs_real: bool = False
    codes: Sequence[int] = ()

    @abstractmethod
    def discriminator_loss(self, real: Tensor, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        """What the discriminator adds to its loss (scalar)."""

    @abstractmethod
    def generator_loss(self, real: Tensor | None, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        """What the generator adds to its loss (scalar)."""
