"""Names of routes and of scores, and what a verdict says of an image."""

import pytest
import torch

from gan_lightning.batch import Route, Verdict, without_route


@pytest.mark.parametrize(("name", "ends"), [("a2b", ("a", "b")), ("any2blond", ("any", "blond"))])
def test_a_route_is_what_its_name_says(name, ends):
    route = Route.named(name, scale=4)
    assert (route.source, route.target, route.scale) == (*ends, 4)
    assert route.name == name
    assert Route.named(name).back.name == "2".join(ends[::-1])


@pytest.mark.parametrize(
    ("score", "name"),
    [
        ("fid_classifier_a2b", "fid_classifier"),
        ("l1_any2blond", "l1"),
        ("l1", "l1"),
        ("ngram_2", "ngram_2"),
        ("fid_dinov2", "fid_dinov2"),  # the name of a network with a 2 in it that nothing follows
        ("copy_l1_b2a", "copy_l1"),
        ("swd_a2b_level", "swd_a2b_level"),  # no route at its end
    ],
)
def test_scores_lose_their_route_and_nothing_else(score, name):
    assert without_route(score) == name


@pytest.mark.parametrize("shape", [(2, 1), (2, 1, 3, 4), (2, 5)])
def test_a_verdict_is_a_number_for_each_image_by_mean_and_by_sum(shape):
    logits = torch.arange(float(torch.Size(shape).numel())).view(shape)
    verdict = Verdict(logits, torch.zeros(2, 3))
    assert verdict.total.tolist() == [float(one.sum()) for one in logits]
    assert verdict.score.tolist() == pytest.approx([float(one.mean()) for one in logits])
