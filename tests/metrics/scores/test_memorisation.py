"""Scores of copies against scikit-learn and SciPy; they give the alarm for copies, and none for other real images."""

from pathlib import Path

import numpy as np
import pytest
import torch
from extractors import Linear
from scipy import stats
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from gan_lightning.data import ImageData, Source, TensorImages
from gan_lightning.errors import SettingError
from gan_lightning.metrics import (
    Authenticity,
    Copied,
    CopyingTest,
    GenerationScores,
    MemorisationFrechet,
    NearestRatio,
    RealSide,
    Score,
)
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.metrics.judgement import why_copies
from gan_lightning.metrics.scores.copying import k_means, z_score
from gan_lightning.metrics.scores.memorisation import authenticity
from gan_lightning.metrics.scores.mifid import cosine_distance
from gan_lightning.metrics.scores.neighbours import nearest


def gaussian(n: int, seed: int, dimension: int = 16) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, dimension)))


def pictures(n: int, seed: int, contrast: int = 200) -> Tensor:
    """Smooth ones, so that they fill few dimensions."""
    coarse = torch.rand(n, 3, 2, 2, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(coarse, size=(16, 16), mode="bilinear")
    return (28 + contrast * smooth).round().to(torch.uint8)


class Smooth(Source):
    """400 training images and 200 others; or no others."""

    def __init__(self, held: bool = True) -> None:
        self.held = held

    def load(self, split: str, resolution: int) -> TensorImages:
        if split == "test" and not self.held:
            raise SettingError("there is no such split")
        return TensorImages(pictures(400 if split == "train" else 200, 0 if split == "train" else 1), {}, None, [])


EVERY: dict[str, Score] = {
    "nn_ratio": NearestRatio(),
    "copied": Copied(0.05),
    "authenticity": Authenticity(),
    "ct": CopyingTest(2),
    "mifid": MemorisationFrechet(0.01),
}


def scored(folder: Path, fake: Tensor, batch: int = 64) -> tuple[dict[str, float], ImageScores, Linear]:
    extractor = Linear()
    training, held = (TensorImages(pictures(n, seed), {}, None, []) for n, seed in ((400, 0), (200, 1)))
    extractor.prepare(training, held)
    side = RealSide(training, extractor, len(fake), folder, 0, alone=True, training=training, held=held)
    scores = ImageScores(EVERY, side)
    scores.reset(torch.device("cpu"))
    for number in torch.randperm(len(fake), generator=torch.Generator().manual_seed(batch)).split(batch):
        scores.update(number, fake[number])
    return {name.removesuffix("_linear"): value for name, value in scores.compute().items()}, scores, extractor


def test_each_score_equals_an_independent_computation_whatever_the_batches(tmp_path):
    fake = pictures(150, 2, contrast=190)
    values, scores, extractor = scored(tmp_path, fake)
    assert scored(tmp_path, fake, batch=7)[0] == values
    training, held, samples = (
        extractor(image).features.double().numpy() for image in (pictures(400, 0), pictures(200, 1), fake)
    )
    tree = cKDTree(training)
    (of_samples, position), (of_held, _) = tree.query(samples), tree.query(held)
    assert values["nn_ratio"] == pytest.approx(torch.tensor(of_samples).median() / torch.tensor(of_held).median())
    assert values["copied"] == np.mean(of_samples < np.quantile(of_held, 0.05))
    to_other = NearestNeighbors(n_neighbors=2).fit(training).kneighbors(training)[0][:, 1]
    assert values["authenticity"] == pytest.approx(100 * np.mean(of_samples > to_other[position]))
    cosine = (samples @ training.T) / np.outer(np.linalg.norm(samples, axis=1), np.linalg.norm(training, axis=1))
    distance = (1 - np.abs(cosine).max(1)).mean()
    sides = [fid_features_to_statistics(torch.from_numpy(side)) for side in (training, samples)]
    fid = fid_statistics_to_metric(*sides, verbose=False)["frechet_inception_distance"]
    assert distance < 0.01  # so that the penalty counts
    assert values["mifid"] == pytest.approx(fid / distance, rel=1e-5)
    assert scores.protocol()["num_training"] == 400


def test_the_test_of_copying_equals_scipys_in_each_cell(tmp_path):
    values, scores, extractor = scored(tmp_path, pictures(150, 2))
    training, held, samples = (
        extractor(image).features.double() for image in (pictures(400, 0), pictures(200, 1), pictures(150, 2))
    )
    centres = k_means(training, 2)
    z, shares = [], []
    for cell in range(2):
        near, others, own = (
            side[torch.cdist(side, centres).argmin(1) == cell].numpy() for side in (training, held, samples)
        )
        distances = [cKDTree(near).query(side)[0] for side in (own, others)]
        n, m = map(len, distances)
        u = stats.mannwhitneyu(*distances).statistic
        z.append((u - (n * m / 2 - 0.5)) / np.sqrt(n * m * (n + m + 1) / 12))
        shares.append(m)
    assert scores.detail()["ct_cells"] == pytest.approx(z)
    assert values["ct"] == pytest.approx(np.average(z, weights=shares))


def test_copies_give_the_alarm_and_other_real_images_do_not(tmp_path):
    real, _, _ = scored(tmp_path, pictures(200, 7))
    assert real["nn_ratio"] == pytest.approx(1, abs=0.15)
    assert real["copied"] == pytest.approx(0.05, abs=0.06)
    assert abs(real["ct"]) < 3
    assert 40 < real["authenticity"] < 95
    noisy = pictures(400, 0)[:200].int() + torch.randint(-2, 3, (200, 3, 16, 16))
    for replay in (pictures(400, 0)[:200], noisy.clamp(0, 255).to(torch.uint8)):
        copy, _, _ = scored(tmp_path, replay)
        assert copy["nn_ratio"] < 0.2
        assert copy["copied"] > 0.9
        assert copy["ct"] < -8
        assert copy["authenticity"] < 5
        alarms = [why_copies(f"{name}_linear", copy[name], real[name]) for name in EVERY if name != "mifid"]
        assert None not in alarms
    assert not any(why_copies(f"{name}_linear", value, value) for name, value in real.items())


def test_published_behaviour_of_perfect_samples_and_of_copies():
    """Of 16-dimensional Gaussians."""
    training, fresh, held = gaussian(1500, 0), gaussian(800, 1), gaussian(800, 2)
    assert authenticity(nearest(fresh, training), training) == pytest.approx(69, abs=5)
    assert authenticity(nearest(training[:300], training), training) == 0
    to_training = [nearest(side, training).distance for side in (fresh, held)]
    assert abs(z_score(*to_training)) < 3
    assert z_score(nearest(training[:800] + 0.05, training).distance, to_training[1]) < -20
    assert z_score(nearest(1.3 * fresh, training).distance, to_training[1]) > 10


def test_mifid_sees_a_generator_that_repeats_one_training_image():
    training = gaussian(300, 0)
    assert cosine_distance(training[:1].expand(100, -1), training) == pytest.approx(0, abs=1e-7)
    assert cosine_distance(training, training[:1].expand(100, -1)) > 0.5  # the other way round, which sees nothing


def chosen(folder: Path, source: Source, **scores: Score) -> GenerationScores:
    found = GenerationScores(str(folder), "train", 1, 100, None, {**scores}, Linear())
    found.prepare(ImageData(source, resolution=16, batch_size=4, num_fake=100, seed=0))
    return found


def test_the_limit_of_mifid_is_half_the_distance_of_held_out_images(tmp_path):
    made = chosen(tmp_path, Smooth(), mifid=MemorisationFrechet(None))
    extractor = Linear()
    extractor.prepare(None, None)
    training, held = (extractor(pictures(n, seed)).features.double() for n, seed in ((400, 0), (200, 1)))
    assert made.protocol["mifid"]["limit"] == pytest.approx(cosine_distance(held, training) / 2)
    assert chosen(tmp_path, Smooth(held=False), mifid=MemorisationFrechet(None)).protocol["mifid"]["limit"] == 0.1


def test_without_held_out_images_the_scores_that_need_them_are_refused(tmp_path):
    for name in ("nn_ratio", "copied", "ct"):
        with pytest.raises(SettingError, match=rf"metrics={name}: {name} compares .*no second split; .*authenticity"):
            chosen(tmp_path, Smooth(held=False), **{name: EVERY[name]})
    assert chosen(tmp_path, Smooth(held=False), authenticity=Authenticity()).references["real"]


@pytest.mark.parametrize("split", ["train", "test"])
def test_references_are_those_of_held_out_images_whatever_the_real_side_is(tmp_path, split):
    scores = GenerationScores(str(tmp_path), split, 1, 100, None, EVERY, Linear())
    scores.prepare(ImageData(Smooth(), resolution=16, batch_size=4, num_fake=100, seed=0))
    found = scores.references
    assert found["real"]["nn_ratio_linear"] == pytest.approx(1, abs=0.2)
    assert 40 < found["real"]["authenticity_linear"] < 95
    assert found.keys() == {"real"} or not any(found["noise"])
    assert scores.monitor == "mifid_linear"  # the others say nothing about quality
    with pytest.raises(SettingError, match="metrics.monitor=ct_linear: allowed are mifid_linear, or null"):
        GenerationScores(str(tmp_path), split, 1, 100, "ct_linear", EVERY, Linear())
