"""The fitted classifier: what it learns, and that it is the same every time."""

import torch
from generation_scoring import data, everything, scored

from gan_lightning.data import ImageData, TensorImages
from gan_lightning.metrics import ClassifierExtractor, GenerationScores


def test_classifier_learns_the_labels_and_orders_damage(tmp_path):
    """Digits: the fitted network knows them, and FID grows with noise."""
    from gan_lightning.data import Digits

    digits = ImageData(Digits(), resolution=16, batch_size=4, num_fake=300, seed=0)
    extractor = ClassifierExtractor(str(tmp_path), images=15000, seed=0)
    scores = GenerationScores(str(tmp_path), "train", 1, 300, "fid_classifier", extractor=extractor)
    assert scores.prepare(digits)
    held_out = digits.images("test")
    logits = extractor(held_out.images).logits
    assert (logits.argmax(1) == held_out.labels).float().mean() > 0.9
    real = everything(digits, "test")
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(0))
    fids = [scored(scores, real + level * noise, batch=100)["fid_classifier"] for level in (0, 0.2, 0.4, 0.8)]
    assert fids == sorted(fids)
    assert fids[-1] > 5 * fids[0]
    one_class = real[held_out.labels == 3]
    assert scored(scores, one_class, batch=100)["is_classifier"] < scored(scores, real, batch=100)["is_classifier"] / 3


def test_classifier_is_deterministic_cached_and_leaves_the_random_state_alone(tmp_path):
    hashes = []
    for folder in ("one", "two", "two"):
        state = torch.random.get_rng_state()
        extractor = ClassifierExtractor(str(tmp_path / folder), images=1000, seed=0)
        extractor.prepare(data().images("train"), data().images("test"))
        hashes.append(extractor.weights_hash())
        assert torch.equal(torch.random.get_rng_state(), state)
    assert len(set(hashes)) == 1
    assert len(list((tmp_path / "two").glob("classifier-*.pt"))) == 1


def test_attributes_may_be_called_what_no_module_may(tmp_path):
    names = ["hair.black", "hair%2Eblack", "type", "of type", "train", ""]
    labels = {name: torch.arange(40) % (i + 2) for i, name in enumerate(names)}
    images = TensorImages(torch.zeros(40, 3, 16, 16, dtype=torch.uint8), labels, "type", ["a", "b", "c", "d"])
    extractor = ClassifierExtractor(str(tmp_path), images=128, seed=0)
    extractor.prepare(images, images)
    assert extractor.attributes(images.images[:5]).keys() == {*names}
    assert extractor(images.images[:5]).logits.shape == (5, 4)
    assert [extractor.head(name).out_features for name in names] == [2, 3, 4, 5, 6, 7]


def test_features_that_hardly_any_real_image_has_are_switched_off(tmp_path):
    images = data(size=500).images("train")
    pixels = images.pixels(range(500))
    off = 0
    for seed in range(4):
        extractor = ClassifierExtractor(str(tmp_path), images=128, seed=seed)
        extractor.prepare(images, images)
        features = extractor(pixels).features
        least = features.amin(0)
        above = (features > least).float().mean(0)
        assert ((above == 0) | (above >= 0.01)).all()
        off += int((above == 0).sum())
    assert off  # some features of a network that has hardly been fitted are rare
