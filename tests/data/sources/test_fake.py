"""Random pixels: the same at every call."""

from gan_lightning.data import DomainsData, Draw, FakeDomains, FakeSides


def test_fake_sides_are_the_same_at_every_call_and_others_in_the_other_split():
    source = FakeSides(4, 3, 1, paired=True)
    train, again, test = (source.load(split, (8, 10)) for split in ("train", "train", "test"))
    assert train.a.fingerprint == again.a.fingerprint != test.a.fingerprint
    assert train.a2b is train.b
    assert train.b2a is train.a
    assert train.b[Draw([0], 0)].image.shape == (1, 1, 8, 10)


def test_fake_domains_are_the_same_at_every_call_and_all_have_pictures():
    module = DomainsData(FakeDomains(8, 1, 3), 4, 2, 0)
    assert module.spec() == DomainsData(FakeDomains(8, 1, 3), 4, 2, 0).spec()
    assert module.spec().sizes == [3, 1]
    assert [*module.spec().domains] == ["kind0", "kind1", "kind2", "yes", "no"]
