"""Scores of copies against scikit-learn and SciPy; they give the alarm for copies, and none for other real images."""

import numpy as np
import pytest
import torch
from copies import EVERY, Smooth, chosen, gaussian, pictures, scored
from extractors import Linear
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from gan_lightning.data import ImageData
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Authenticity, GenerationScores
from gan_lightning.metrics.judgement import why_copies
from gan_lightning.metrics.scores.copying import z_score
from gan_lightning.metrics.scores.memorisation import authenticity
from gan_lightning.metrics.scores.neighbours import nearest


def test_each_score_equals_an_independent_computation_whatever_the_batches(tmp_path):
    fake = pictures(150, 2, contrast=190)
    values, scores, extractor = scored(tmp_path, fake)
    assert scored(tmp_path, fake, batch=7)[0] == pytest.approx(values, rel=1e-5)
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


def test_copies_are_found_if_some_held_out_images_are_training_images_too(tmp_path):
    copy, _, _ = scored(tmp_path, pictures(400, 0)[:200], also_held=20)  # a tenth, of which the score takes a half
    assert copy["copied"] == 1
    real, _, _ = scored(tmp_path, pictures(200, 7), also_held=20)
    assert real["copied"] == 0


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
