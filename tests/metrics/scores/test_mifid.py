"""MiFID: which repetition it sees, and its limit."""

import pytest
from copies import Smooth, chosen, gaussian, pictures
from extractors import Linear

from gan_lightning.metrics import MemorisationFrechet
from gan_lightning.metrics.scores.mifid import cosine_distance


def test_mifid_sees_a_generator_that_repeats_one_training_image():
    training = gaussian(300, 0)
    assert cosine_distance(training[:1].expand(100, -1), training) == pytest.approx(0, abs=1e-7)
    assert cosine_distance(training, training[:1].expand(100, -1)) > 0.5  # the other way round, which sees nothing


def test_the_limit_of_mifid_is_half_the_distance_of_held_out_images(tmp_path):
    made = chosen(tmp_path, Smooth(), mifid=MemorisationFrechet(None))
    extractor = Linear()
    extractor.prepare(None, None)
    training, held = (extractor(pictures(n, seed)).features.double() for n, seed in ((400, 0), (200, 1)))
    assert made.protocol["mifid"]["limit"] == pytest.approx(cosine_distance(held, training) / 2)
    assert chosen(tmp_path, Smooth(held=False), mifid=MemorisationFrechet(None)).protocol["mifid"]["limit"] == 0.1
