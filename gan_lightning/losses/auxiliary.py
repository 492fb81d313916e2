"""Further tasks of the discriminator, beside the distinction between real and generated images."""

import math
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import Auxiliary
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Classes, Few, Size, within


@final
class AuxiliaryClassifier(Auxiliary):
    """AC-GAN (Odena et al. 2016, arXiv:1610.09585, eq. 3): D also names the class, and G helps it to.

    L_C = E log P(C = c | x) + E log P(C = c | x') is maximised by both players; each loss here is its
    negative, times `weight`. As in the paper, D's part covers real and generated images, G's the latter.

    Args:
        features: width F of the discriminator's features, filled in by the step.
        num_classes: classes of the data; for several attributes, the number of each.
        weight: factor of both losses.

    >>> task = AuxiliaryClassifier(features=3, num_classes=2)
    >>> for parameter in task.parameters():
    ...     _ = nn.init.zeros_(parameter)  # every class is as likely as another
    >>> features, label = torch.ones(4, 3), torch.tensor([0, 1, 0, 1])
    >>> round(task.discriminator_loss(features, features, label).item(), 4)  # 2 log 2
    1.3863
    >>> round(task.generator_loss(None, features, label).item(), 4)  # log 2
    0.6931
    """

    def __init__(
        self, features: int, num_classes: Classes | Sequence[Classes], weight: AtLeastZero | Ramp = 1.0
    ) -> None:
        super().__init__()
        self.sizes = [num_classes] if isinstance(num_classes, int) else [*num_classes]
        if min(self.sizes) < 2:
            raise SettingError(
                "auxiliary=classifier, as in model=acgan, needs class labels, and the data set has none; "
                "use model=dcgan or a labelled data set (a folder with one subfolder per class)"
            )
        self.head = nn.Linear(features, sum(self.sizes))
        self.weight = setting("auxiliary.classifier.weight", AtLeastZero, weight)

    def discriminator_loss(self, real: Tensor, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        return now(self.weight) * (self._cross_entropy(real, condition) + self._cross_entropy(fake, condition))

    def generator_loss(self, real: Tensor | None, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        return now(self.weight) * self._cross_entropy(fake, condition)

    def _cross_entropy(self, features: Tensor, condition: Tensor) -> Tensor:
        """Of classes (B,), or the sum over attributes (B, A)."""
        columns = condition.reshape(len(condition), -1).unbind(1)
        logits = self.head(features).split(self.sizes, 1)
        terms = [F.cross_entropy(part, column) for part, column in zip(logits, columns, strict=True)]
        return torch.stack(terms).sum()


@final
class FeatureMatching(Auxiliary):
    """On average, G's images should have the features of real ones in D (Salimans et al. 2016, arXiv:1606.03498,
    section 3.1).

    G: weight * || E f(x) - E f(x') ||^2 with D's features f, of real images as constants;  D: nothing.

    The paper trains G on this alone: `model.adversarial_weight=0`. The means are over the batch of each process, so
    several processes, or `accumulate`, do not equal one large batch.

    Args:
        features: width F of the discriminator's features; not used, because nothing is learnt here.
        weight: factor of G's loss.

    >>> real, fake = torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.tensor([[0.0, 1.0]])  # means (2, 0) and (0, 1)
    >>> FeatureMatching(features=2).generator_loss(real, fake, torch.zeros(2))  # 2^2 + 1^2
    tensor(5.)
    """

    needs_real = True

    def __init__(self, features: int, weight: AtLeastZero | Ramp = 1.0) -> None:
        super().__init__()
        self.weight = setting("auxiliary.feature_matching.weight", AtLeastZero, weight)

    def discriminator_loss(self, real: Tensor, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        return fake.new_zeros(())

    def generator_loss(self, real: Tensor | None, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        assert real is not None
        # Half precision would lose small differences between the means.
        exact = torch.promote_types(fake.dtype, torch.float32)
        return now(self.weight) * (real.detach().to(exact).mean(0) - fake.to(exact).mean(0)).square().sum()


@final
class Information(Auxiliary):
    """InfoGAN (Chen et al. 2016, arXiv:1606.03657, eq. 5 and 6): a network Q, on D's features, reads the codes out of
    generated images, and both D and G help it.

    L = H(c) + E log Q(c | x') is at most the mutual information of codes and images. Each loss here is - weight L. Q
    learns with D, as in the authors' code. One of K values is read by a softmax; with it L is log K if Q knows the
    value, and 0 if Q gives all the same probability. A uniform number is read by a Gaussian of variance 1 around
    Q's output, so that its term is - 1/2 (c - mu)^2 - 1/2 log 2 pi, with H = log 2.

    Args:
        features: width F of the discriminator's features, filled in by the step.
        codes: at the end of the noise: K for one of K values, 1 for a uniform number. See `models.Coded`.
        width: units of Q's hidden layer, which is followed by batch normalisation and LeakyReLU(0.1) in the authors'
            code, and by the latter alone here.
        weight: lambda.

    Raises:
        SettingError: no codes.

    >>> task = Information(features=3, codes=[10])
    >>> for parameter in task.parameters():
    ...     _ = nn.init.zeros_(parameter)  # all values are equally likely, so L = log 10 - log 10
    >>> z = nn.functional.one_hot(torch.arange(10)).float()
    >>> task.generator_loss(None, torch.ones(10, 3), torch.zeros(10), z).abs() < 1e-6
    tensor(True)
    """

    def __init__(
        self, features: int, codes: Sequence[Few], width: Size = 128, weight: AtLeastZero | Ramp = 1.0
    ) -> None:
        super().__init__()
        if not codes:
            raise SettingError(
                "auxiliary=information: needs codes in the noise; use model=infogan, or another model whose "
                "model.prior is a gan_lightning.models.Coded"
            )
        for size in codes:
            within("auxiliary.information.codes", Few, size)
        self.codes = [*codes]
        self.q = nn.Sequential(nn.Linear(features, width), nn.LeakyReLU(0.1), nn.Linear(width, sum(self.codes)))
        self.weight = setting("auxiliary.information.weight", AtLeastZero, weight)

    def discriminator_loss(self, real: Tensor, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        assert z is not None  # only a prior has codes
        return -now(self.weight) * self.bound(fake, z)

    def generator_loss(self, real: Tensor | None, fake: Tensor, condition: Tensor, z: Tensor | None = None) -> Tensor:
        assert z is not None  # only a prior has codes
        return -now(self.weight) * self.bound(fake, z)

    def bound(self, features: Tensor, z: Tensor) -> Tensor:
        """L in nats (scalar), of features (B, F) of images that were made of z (B, latent_dim)."""
        exact = torch.promote_types(features.dtype, torch.float32)
        read = self.q(features).to(exact).split(self.codes, 1)
        wanted = z[:, z.shape[1] - sum(self.codes) :].to(exact).split(self.codes, 1)
        terms = []
        for size, guess, code in zip(self.codes, read, wanted, strict=True):
            if size > 1:
                terms.append(math.log(size) + (code * guess.log_softmax(1)).sum(1).mean())
            else:
                terms.append(math.log(2) - 0.5 * (code - guess).square().mean() - 0.5 * math.log(2 * math.pi))
        return torch.stack(terms).sum()
