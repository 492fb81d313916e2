"""Networks whose logits are logarithms of densities: what an energy-based model is made of."""

from abc import abstractmethod
from typing import final

from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, at_least_float32
from gan_lightning.ranges import Classes


class Energy(Discriminator):
    """A discriminator whose logit is log p(x) or log p(x, y), up to a constant: minus an energy.

    An image's logit must not depend on the other images of its batch.
    """

    @abstractmethod
    def contrasted(self, image: Tensor, condition: Tensor) -> Tensor:
        """The scores (B,) by which training compares real images (B, C, H, W) with those that it has found."""

    @abstractmethod
    def supervised(self, image: Tensor, condition: Tensor) -> Tensor:
        """A further loss on real images (scalar)."""


@final
class ScoreEnergy(Energy):
    """Any discriminator's logit as the score, as in IGEBM (arXiv:1903.08689).

    Args:
        network: images and conditions to a logit each, or to a map of logits, whose mean is taken.
    """

    def __init__(self, network: Discriminator) -> None:
        super().__init__()
        self.network = network
        self.feature_dim = network.feature_dim

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        verdict: Verdict = self.network(image, condition)
        return verdict

    def contrasted(self, image: Tensor, condition: Tensor) -> Tensor:
        return self(image, condition).score

    def supervised(self, image: Tensor, condition: Tensor) -> Tensor:
        return image.new_zeros(())


@final
class ClassEnergy(Energy):
    """A classifier whose logits f_y(x) define the joint density p(x, y), as in JEM (arXiv:1912.03263).

    log p(x, y) = f_y(x), which samples of the class y climb;  log p(x) = log sum_y exp f_y(x), by which training
    compares images, both up to the same constant;  log p(y | x) = f_y(x) - log sum_y exp f_y(x), the usual classifier,
    which real images train by cross-entropy.

    Args:
        network: gives the features that are classified; its own logits are not used.
        num_classes: K, at least 2.

    Raises:
        SettingError: the data have no classes.
    """

    def __init__(self, network: Discriminator, num_classes: Classes) -> None:
        super().__init__()
        if not isinstance(num_classes, int) or num_classes < 2:
            raise SettingError(
                "model=jem: needs images with two or more classes, and these data have none, or several attributes; "
                "model=igebm needs no classes"
            )
        self.network = network
        self.classes = nn.Linear(network.feature_dim, num_classes)
        self.feature_dim = num_classes

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        """Images (B, C, H, W) and classes (B,) to f_y(x) (B, 1), and as features the logits of all classes (B, K)."""
        logits = self.logits(image, condition)
        return Verdict(logits.gather(1, condition[:, None]), logits)

    def logits(self, image: Tensor, condition: Tensor) -> Tensor:
        """Of all classes, (B, K)."""
        return at_least_float32(self.classes(self.network(image, condition).features))

    def contrasted(self, image: Tensor, condition: Tensor) -> Tensor:
        return self.logits(image, condition).logsumexp(1)

    def supervised(self, image: Tensor, condition: Tensor) -> Tensor:
        return F.cross_entropy(self.logits(image, condition), condition)
