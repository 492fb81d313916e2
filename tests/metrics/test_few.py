"""The warning of scores of few images: which scores it names, and the numbers in it."""

from extractors import Linear
from generation_scoring import data

from gan_lightning.metrics import FrechetDistance, GenerationScores, InceptionScore, KernelDistance, SlicedWasserstein


def test_every_score_of_too_few_images_is_named_with_the_number_that_it_needs(tmp_path, caplog):
    """Of pixels, features or logits; the side with fewer images counts."""
    every = {
        "fid": FrechetDistance(),
        "is": InceptionScore(10),
        "kid": KernelDistance(3, 20),
        "swd": SlicedWasserstein(),
    }
    needed = {"fid_linear": 24, "is_linear": 160, "kid_linear": 100, "swd": 100}
    for num_fake, size in ((200, 20), (20, 200), (120, 120), (160, 160)):
        caplog.clear()
        GenerationScores(str(tmp_path), "train", 1, num_fake, None, every, Linear()).prepare(data(size=size))
        told = [record.message for record in caplog.records if "few images" in record.message]
        few = {name: least for name, least in needed.items() if min(num_fake, size) < least}
        assert len(told) == bool(few)
        for name in needed:
            expected = f"{name} is of {min(num_fake, size)} and should be of {needed[name]} or more"
            assert (expected in "".join(told)) == (name in few)
    caplog.clear()
    GenerationScores(str(tmp_path), "train", 1, 3, None).prepare(data(num_classes=0))
    assert "swd is of 3 and should be of 100 or more" in caplog.text
