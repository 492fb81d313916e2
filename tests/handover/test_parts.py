"""The networks of a trained model as other programs call them."""

from types import SimpleNamespace

import pytest
import torch
from handed_on import recorded

from gan_lightning.errors import SettingError
from gan_lightning.handover.parts import alone, kind, parts, without_paths
from gan_lightning.loaded import TrainedModel
from gan_lightning.models import GeneratorAlone, TranslatorsAlone


@pytest.fixture(scope="module")
def of_classes() -> TrainedModel:
    return recorded("cgan").trained


@pytest.fixture(scope="module")
def translator() -> TrainedModel:
    return recorded("cyclegan").trained


def test_a_generator_takes_noise_and_the_condition_if_it_sees_any(of_classes):
    for trained, inputs in ((recorded("dcgan").trained, ["z"]), (of_classes, ["z", "condition"])):
        model = trained.model
        (part,) = parts(model)
        assert (part.name, list(part.inputs)) == ("model", inputs)
        given = part.example(3)
        assert [len(one) for one in given] == [3] * len(inputs)
        condition = given[1] if len(given) > 1 else torch.zeros(3, dtype=torch.long)
        with torch.no_grad():
            expected = model.synthesise(model.latent_of(given[0], condition, None), condition)
            assert torch.equal(part(*given), expected)


def test_there_is_a_translator_for_each_route_and_it_takes_other_sizes(translator):
    model = translator.model
    found = {part.name: part for part in parts(model)}
    assert list(found) == ["a2b", "b2a"]
    (small,), (large,) = (found["b2a"].example(2, larger) for larger in (0, 1))
    assert small.shape[2] != small.shape[3]
    assert large.shape[2] > small.shape[2]
    assert {side % model.multiple for side in (*small.shape[2:], *large.shape[2:])} == {0}
    assert small.abs().max() <= 1
    with torch.no_grad():
        assert torch.equal(found["b2a"](small), model.translate(small, "b2a"))
        assert not torch.equal(found["a2b"](small), found["b2a"](small))


def test_what_is_left_without_the_training_step_makes_the_same_pictures(of_classes, translator):
    for trained, expected in ((of_classes, GeneratorAlone), (translator, TranslatorsAlone)):
        light = alone(trained.model)
        assert isinstance(light, expected)
        assert not light.training
    number, condition = torch.arange(4), torch.tensor([1, 2, 3, 4])
    made = alone(of_classes.model).draw(number, condition, 0, None)
    assert torch.equal(made, of_classes.model.draw(number, condition, 0, None))


def test_a_model_whose_pictures_need_several_networks_is_refused():
    class Several(SimpleNamespace):
        """Its pictures are made of more than one network."""

    with pytest.raises(SettingError, match="^format: the pictures of this Several need more than one network; format="):
        alone(Several(averaged=None))


def test_what_a_hub_calls_the_task(of_classes, translator):
    assert [kind(one) for one in (of_classes, translator)] == ["unconditional-image-generation", "image-to-image"]


def test_words_that_name_a_path_are_left_out_of_a_command():
    typed = ["gan-train", "model=dcgan", "dataset.source.path=/home/me/x", "run_dir=a/b", "seed=1"]
    assert without_paths(typed) == ["gan-train", "model=dcgan", "seed=1"]
