"""A finding's numbers as one sentence."""

from gan_lightning.diagnosis.findings import sentence


def test_parts_become_one_sentence() -> None:
    assert sentence(["`fid` is 3", "there are 2 images"]) == "`fid` is 3; there are 2 images."
    assert sentence(["samples show 8 classes"]) == "Samples show 8 classes."
    assert sentence(["iOS"]) == "IOS."  # the other letters stay
