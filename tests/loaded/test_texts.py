"""A loaded model of sequences writes text."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.loaded.model import TrainedModel
from gan_lightning.models import Constant, GeneratorOptimisation, MaximumLikelihood
from gan_lightning.networks import LSTMGenerator


def test_texts_depend_on_their_number_alone() -> None:
    optimisation = GeneratorOptimisation(generator=lambda parameters: None, schedule=Constant())
    written = MaximumLikelihood(LSTMGenerator(3, length=4, end=0, embedding=4, hidden=4, std=1.0), optimisation)
    spec = {"kind": "sequences", "vocabulary": ["", "a", "b"], "separator": "", "end": 0, "length": 4}
    model = TrainedModel(written, spec)
    assert repr(model) == "TrainedModel(MaximumLikelihood, sequences of 4 tokens)"
    texts = model.texts(20)
    assert model.texts(5) == texts[:5]
    assert model.texts(20, seed=1) != texts
    assert set("".join(texts)) == {"a", "b"}
    with pytest.raises(SettingError, match="sample: this model makes sequences, no pictures; call texts"):
        model.sample()
    with pytest.raises(SettingError, match="size: this model makes sequences, no pictures; call"):
        print(model.size)


def test_models_of_pictures_write_none() -> None:
    with pytest.raises(SettingError, match="texts: this model makes no sequences; call sample or translate"):
        TrainedModel(None, {"kind": "images"}).texts()
