"""What steps with discriminators share: their parts are compared, whoever built them."""

import pytest
import torch

from gan_lightning.augment import DiffAugment
from gan_lightning.compatibility import compare
from gan_lightning.errors import SettingError
from gan_lightning.losses import R1, LeCam

SMALL = ["dataset.source.size=20", "dataset.batch_size=2", "network.width=4", "metrics=none"]
NOISE = ["dataset=fake", "dataset.resolution=16", *SMALL]
UNPAIRED = ["model=cyclegan", "dataset=fake_unpaired", "dataset.resolution=32", "network.translator.blocks=1", *SMALL]


def test_a_part_that_a_step_got_after_it_was_built_is_compared_before_the_first_step(composed, build, trainer):
    model, data = build(composed(*NOISE))
    model.penalties["r1"] = R1()
    with pytest.raises(SettingError, match="penalty=r1 constrains the score of one image.*batch normalisation"):
        trainer(max_steps=1).fit(model, data)
    assert model.images_seen == 0


def test_parts_are_found_wherever_they_are_and_named_once(composed, build):
    model, _ = build(composed(*UNPAIRED))
    for domain in "ab":
        model.penalties[domain]["lecam"] = LeCam()
        model.augment[domain].add_module("diffaugment", DiffAugment())
    parts = model.parts()
    assert (list(parts.penalties), list(parts.augments), parts.draw_labels) == (["lecam"], ["diffaugment"], False)
    compare(parts)
    with pytest.raises(SettingError, match="augment=diffaugment: this step's discriminator sees source and target"):
        compare(parts._replace(sees_pairs=True))
    with pytest.raises(SettingError, match="draw_labels=true: penalties"):
        compare(parts._replace(draw_labels=True))


def test_logits_are_not_copied_where_there_are_no_wrong_pairs(composed, build, monkeypatch):
    model, _ = build(composed(*NOISE))
    received, loss = [], model.loss.discriminator
    monkeypatch.setattr(model.loss, "discriminator", lambda *logits: received.extend(logits) or loss(*logits))
    monkeypatch.setattr(model, "log_scalars", lambda **_: None)
    image = torch.rand(2, 3, 16, 16)
    discriminate = lambda image: model.discriminator(image, torch.zeros(2, dtype=torch.long))  # noqa: E731
    _, on_real, on_fake = model.discriminator_objective(discriminate, image, -image, {})
    assert received[0] is on_real.logits
    assert received[1] is on_fake.logits
    model.discriminator_objective(discriminate, image, -image, {}, wrong=[on_real])
    assert torch.equal(received[2], torch.cat([on_real.logits, on_real.logits]))
