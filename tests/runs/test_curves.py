"""The table of a run as curves."""

from gan_lightning.runs import curves


def test_what_is_logged_again_replaces_what_was_there():
    curve = curves.Curve()
    for seen, value in ((1, 1.0), (2, float("nan")), (2, 2.0), (3, float("inf")), (1, 5.0)):
        curve.add(seen, value)
    assert curve.points() == {1: 5.0, 2: 2.0, 3: float("inf")}
