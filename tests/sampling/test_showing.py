"""What can be shown of a generator: the files that are written, and what is refused before."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import imageio.v3 as imageio
import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import quantise, read_png
from gan_lightning.errors import SettingError
from gan_lightning.models import Ensemble
from gan_lightning.sampling import showing
from gan_lightning.sampling.class_sweep import ClassSweep
from gan_lightning.sampling.code_sweep import CodeSweep
from gan_lightning.sampling.directions import Directions, reading_weights, semantic_directions
from gan_lightning.sampling.films import GIF, MP4
from gan_lightning.sampling.neighbours import FeatureSpace, Neighbours, PixelSpace, nearest
from gan_lightning.sampling.projection import Projection, project
from gan_lightning.sampling.reconstructions import Reconstructions
from gan_lightning.sampling.rejection import Rejection
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import Samples, most_shown, run
from gan_lightning.sampling.walks import Linear, Spherical, Walk


def saved(asked) -> torch.Tensor:
    """The images (N, C, H, W) uint8 of a folder."""
    return torch.stack([read_png(file) for file in sorted((asked.folder / "images").iterdir())])


def cell(picture: torch.Tensor, row: int, column: int) -> torch.Tensor:
    """An image of a grid of images of 16 pixels, which are shown at 64."""
    return picture[:, 66 * row + 2 : 66 * row + 66 : 4, 66 * column + 2 : 66 * column + 66 : 4]


# --- codes, and reconstructions ---


def test_along_a_row_one_code_changes_and_nothing_else(task):
    asked = task("model=infogan", "conditioning=none", "network.generator.latent_dim=9", "model.prior.codes=[3,1]")
    model = asked.ensemble.members[0]
    seen = []
    model.synthesise = lambda w, condition: seen.append(w) or torch.zeros(len(w), 3, 16, 16)
    sentence = run(CodeSweep(rows=2, steps=4, extent=2.0), asked, Plain())
    assert sentence.startswith("16 images in ")
    assert "2 rows for each of 2 codes" in sentence
    z, first = torch.cat(seen).view(2, 2, 4, 9), model.noise_at(torch.arange(2), asked.seed)
    assert torch.equal(z[..., :5], first[None, :, None, :5].expand(2, -1, 4, -1))
    assert torch.equal(z[0, ..., 5:8].argmax(-1), torch.tensor([0, 1, 2, 2]).expand(2, -1))
    assert torch.equal(z[0, ..., 8], first[:, None, 8].expand(-1, 4))
    assert torch.equal(z[1, ..., 5:8], first[:, None, 5:8].expand(-1, 4, -1))
    assert torch.allclose(z[1, ..., 8], torch.linspace(-2, 2, 4).expand(2, -1))
    with pytest.raises(SettingError, match=r"show.rows=900, 2 codes of 900 columns: 1,620,000 images side by side"):
        run(CodeSweep(900, 900, 2.0), replace(asked, folder=asked.folder / "other"), Plain())
    with pytest.raises(SettingError, match=r"show=codes: this checkpoint's noise has no codes"):
        run(CodeSweep(2, 4, 2.0), task(folder=asked.folder / "other"), Plain())


def test_reconstructions_stand_below_held_out_images(task, monkeypatch):
    asked = task("model=vae", n=3, columns=2)
    sentence = run(Reconstructions(), asked, Plain())
    held = asked.data().held_out(3)
    back = asked.ensemble.members[0].reconstruct(*held)
    images = saved(asked)
    assert torch.equal(images[[0, 1, 4]], quantise(held.image))
    assert torch.equal(images[[2, 3, 6]], quantise(back))
    assert f"mean squared error {(back - held.image).square().mean():.4f}" in sentence
    with pytest.raises(SettingError, match=r"show=reconstructions: the checkpoint's model, GAN, has no encoder"):
        run(Reconstructions(), task(folder=asked.folder / "other"), Plain())
    monkeypatch.setattr(showing, "MOST_PIXELS", 5 * 64**2)
    with pytest.raises(SettingError, match=r"n=3: 6 images side by side have 24,576 pixels, and at most 20,480 are"):
        run(Reconstructions(), task("model=vae", n=3, folder=asked.folder / "other"), Plain())


# --- single samples ---


def test_samples_are_the_same_in_every_batch(task, monkeypatch):
    asked = task(n=5)
    monkeypatch.setattr(showing, "BATCH", 2)
    sentence = run(Samples(), asked, Plain())
    assert torch.equal(saved(asked), quantise(asked.ensemble.sample(5)))
    assert sentence.startswith(f"5 images in {asked.folder}/images, ")
    assert "images/s, side by side in" in sentence
    with pytest.raises(SettingError, match=r"output=.*already holds pictures"):
        run(Directions(1, 1.0), asked, Plain())
    below_a_file = task(folder=asked.folder / "grid.png" / "new")
    with pytest.raises(SettingError, match=r"output=.*grid.png/new: cannot be written; choose another folder"):
        run(Samples(), below_a_file, Plain())


def test_labels_come_in_turn_once_from_each_of_several_models(task):
    one = task()
    asked = task(ensemble=Ensemble([*one.ensemble.members, *one.ensemble.members]), wanted=torch.tensor([3, 1]))
    assert asked.conditions(torch.arange(6)).tolist() == [3, 3, 1, 1, 3, 3]
    with pytest.raises(SettingError, match=r"show=classes works with one checkpoint, and several are given"):
        run(ClassSweep(2), asked, Plain())


def test_a_picture_shows_whole_rows_as_far_as_it_can():
    assert most_shown(torch.zeros(1, 3, 16, 16), 8) == 80_000_000 // (64 * 64 * 8) * 8
    assert most_shown(torch.zeros(1, 3, 100_000, 100), 8) == 8


def test_a_sampler_and_a_source_are_refused_where_they_have_no_use(task):
    with pytest.raises(SettingError, match=r"sampler: chooses single samples, .*leave sampler out"):
        run(ClassSweep(2), task(), Rejection(10, None, 10))
    with pytest.raises(SettingError, match=r"source=x.png: this checkpoint makes images from noise"):
        run(Samples(), task(source="x.png"), Plain())


# --- walks ---


def test_paths_begin_and_end_where_they_should_and_arcs_keep_the_length():
    start, end = torch.randn(2, 5, 8)
    for path in (Linear(), Spherical()):
        assert torch.allclose(path.between(start, end, 0.0), start, atol=1e-5)
        assert torch.allclose(path.between(start, end, 1.0), end, atol=1e-5)
    one, other = (side / side.norm(dim=1, keepdim=True) for side in (start, end))
    middle = Spherical().between(one, other, 0.5)
    assert torch.allclose(middle.norm(dim=1), torch.ones(5), atol=1e-5)
    assert torch.allclose((middle * one).sum(1), (middle * other).sum(1), atol=1e-5)
    for special in (start, -start):  # no angle, or one without a plane
        assert Spherical().between(start, special, 0.5).isfinite().all()


def test_a_walk_goes_through_samples_and_returns(task):
    asked = task(columns=4)
    sentence = run(Walk(Spherical(), GIF(10), walks=2, stops=2, steps=2), asked, Plain())
    assert "2 walks of 4 frames in" in sentence
    with Image.open(asked.folder / "walk.gif") as film:
        assert (film.n_frames, film.info["duration"], film.info["loop"]) == (4, 100, 0)
        assert film.size == (2 * 66 + 2, 66 + 2)
    picture = read_png(asked.folder / "grid.png")
    # Two stops: the walks begin at the samples 0 and 1, and their second stops are the samples 2 and 3.
    samples = asked.ensemble.draw(torch.arange(4), torch.tensor([0, 1, 0, 1]), 0)
    for walk in (0, 1):
        assert torch.equal(cell(picture, walk, 0), quantise(samples)[walk])
        assert torch.equal(cell(picture, walk, 2), quantise(samples)[2 + walk])
        assert torch.equal(cell(picture, walk, 1), cell(picture, walk, 3))  # there and back
        assert not torch.equal(cell(picture, walk, 0), cell(picture, walk, 1))


def test_walks_that_cannot_work_are_refused(task):
    with pytest.raises(SettingError, match=r"show.steps=0: a whole number from 1"):
        Walk(Linear(), GIF(10), 2, 2, 0)
    with pytest.raises(SettingError, match=r"show.stops=1: a walk needs at least 2"):
        Walk(Linear(), GIF(10), 2, 1, 2)
    with pytest.raises(SettingError, match=r"show.steps=1000: .*frames of 900 images.*smaller number"):
        run(Walk(Linear(), GIF(10), 900, 1000, 1000), task(), Plain())
    with pytest.raises(SettingError, match=r"film.frames_per_second=60: a GIF shows at most 50; .* film=mp4"):
        run(Walk(Linear(), GIF(60), 2, 2, 2), task(), Plain())
    with pytest.raises(SettingError, match=r"maps noise to another latent w.*show=linear_walk"):
        Spherical().check(SimpleNamespace(mean_w=lambda: torch.zeros(2)))


@pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning"
)  # the pipe to the encoder, which imageio leaves open
def test_a_video_has_the_frames_and_even_sides(tmp_path):
    frames = torch.stack([torch.full((3, 33, 35), grey, dtype=torch.uint8) for grey in (10, 120, 240)])
    MP4(10).write(frames, tmp_path / "x.mp4")
    read = imageio.imread(tmp_path / "x.mp4", plugin="FFMPEG")
    assert read.shape == (3, 34, 36, 3)
    assert [int(frame[:32, :32].mean()) for frame in read] == pytest.approx([10, 120, 240], abs=2)
    assert (read[:, 33] > 240).all()  # white, where a row was added
    facts = imageio.immeta(tmp_path / "x.mp4", plugin="FFMPEG")
    assert (facts["fps"], facts["codec"]) == (10, "h264")


def test_a_video_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(SettingError, match=r"film=mp4: needs the extra `video`.*'gan-lightning\[video\]'"):
        MP4(10).check()


# --- classes ---


def test_columns_have_one_class_and_rows_one_noise(task):
    asked = task(wanted=torch.tensor([2, 0]))
    run(ClassSweep(3), asked, Plain())
    expected = asked.ensemble.draw(torch.tensor([0, 0, 1, 1, 2, 2]), torch.tensor([2, 0] * 3), 0)
    assert torch.equal(saved(asked), quantise(expected))
    with Image.open(asked.folder / "grid.png") as picture:
        assert picture.size == (2 * 66 + 2, 3 * 66 + 2)


def test_a_sweep_without_classes_or_without_end_is_refused(task):
    with pytest.raises(SettingError, match=r"show=classes: this checkpoint's generator knows no classes"):
        run(ClassSweep(3), task("model=dcgan"), Plain())
    with pytest.raises(SettingError, match=r"show.rows=1000, 40 classes: 40,000 images side by side .*labels="):
        run(ClassSweep(1000), task(wanted=torch.arange(40) % 4), Plain())


# --- neighbours ---


def test_the_nearest_training_images_are_found_as_one_by_one(task):
    images = task().data().images("train")
    pixels = images.pixels(list(range(len(images))))
    wanted = pixels[[5, 17]].clone()
    wanted[1, 0, 0, 0] ^= 1
    found = nearest(wanted, images, PixelSpace(), 3)
    distances = (wanted[:, None].float() - pixels[None].float()).flatten(2).norm(dim=2) / 127.5
    assert found.position.tolist() == distances.argsort(1)[:, :3].tolist()
    assert torch.allclose(found.distance, distances.sort(1).values[:, :3], atol=1e-4)
    assert found.distance[0, 0] == 0
    assert found.position[:, 0].tolist() == [5, 17]


def test_neighbours_stand_beside_their_samples(task):
    asked = task(n=3)
    sentence = run(Neighbours(PixelSpace(), 2), asked, Plain())
    assert "each before its 2 nearest training images, in pixels" in sentence
    lines = (asked.folder / "neighbours.csv").read_text().splitlines()
    assert len(lines) == 1 + 3 * 2
    picture, images = read_png(asked.folder / "grid.png"), asked.data().images("train")
    for line in lines[1:]:
        sample, rank, position, _ = line.split(",")
        assert torch.equal(cell(picture, int(sample), int(rank)), images.pixels([int(position)])[0])
        assert torch.equal(cell(picture, int(sample), 0), saved(asked)[int(sample)])


def test_neighbours_in_features_use_the_extractor(task):
    halves = SimpleNamespace(name="left", __call__=None)

    def extractor(_):
        def look(images):
            return SimpleNamespace(features=images[..., :8])

        look.name = halves.name
        return look

    asked = task(n=2, extractor=extractor)
    assert "in the features of left" in run(Neighbours(FeatureSpace(), 1), asked, Plain())
    with pytest.raises(SettingError, match=r"show=neighbours_by_features: .*no extractor; show=neighbours"):
        run(Neighbours(FeatureSpace(), 1), task(folder=asked.folder / "other"), Plain())
    with pytest.raises(SettingError, match=r"show.count=100: there are 24 training images"):
        run(Neighbours(PixelSpace(), 100), task(folder=asked.folder / "other"), Plain())


# --- directions ---


def test_directions_are_those_that_change_the_first_layer_most():
    weights = torch.randn(20, 4) * torch.tensor([1.0, 3.0, 0.5, 2.0])
    directions, lengths = semantic_directions(weights)
    _, values, vectors = torch.linalg.svd(weights)
    assert torch.allclose(lengths, values, atol=1e-4)
    assert torch.allclose((directions * vectors).sum(1).abs(), torch.ones(4), atol=1e-4)


def test_the_layer_that_reads_the_noise_is_found_in_a_conditional_network(task):
    asked = task()
    w, condition = asked.latent(torch.tensor([0]), "it")
    model = asked.model("it")
    layer = model.ema.module.layers[0]
    weights = reading_weights(model, w, condition)
    assert weights.shape == (layer.weight[0].numel(), 6)  # the embedding of the class comes behind
    assert torch.equal(weights.T, layer.weight[:6].flatten(1))


def test_a_row_moves_a_sample_along_a_direction(task):
    asked = task(columns=3)
    run(Directions(count=2, extent=2.0, sample=5), asked, Plain())
    directions = torch.from_numpy(np.loadtxt(asked.folder / "directions.csv", delimiter=",")).float()
    assert torch.allclose(directions @ directions.T, torch.eye(2), atol=1e-4)
    w, condition = asked.latent(torch.tensor([5]), "it")
    assert torch.equal(saved(asked)[4], saved(asked)[1])  # in the middle is the sample itself
    moved = asked.model("it").synthesise(w + 2 * directions[1], condition)
    assert (saved(asked)[5].float() - quantise(moved)[0].float()).abs().max() <= 1
    with pytest.raises(SettingError, match=r"show.count=7: the latent has 6 numbers"):
        run(Directions(7, 1.0), task(folder=asked.folder / "other"), Plain())


# --- projection ---


def test_an_image_of_the_generator_is_found_again(task):
    asked = task()
    model = asked.model("it")
    image = asked.ensemble.draw(torch.tensor([7]), torch.tensor([1]), 0)[0]
    u = torch.randn(8, 6, generator=torch.Generator().manual_seed(0))
    found = project(model, image, u, torch.arange(8) % 4, steps=150, lr=0.1, typical=0.0)
    assert found.error < 0.02 * float(image.square().mean())
    assert int(found.condition) == 1


def test_a_projection_is_written_beside_its_picture(task, tmp_path):
    asked = task(source=tmp_path / "mine.png")
    Image.fromarray(np.full((16, 16, 3), 200, np.uint8)).save(asked.source)
    sentence = run(Projection(starts=2, steps=3, lr=0.1, typical=0.001), asked, Plain())
    assert "they differ by" in sentence
    picture = read_png(asked.folder / "projection.png")
    assert (cell(picture, 0, 0) == 200).all()
    assert np.loadtxt(asked.folder / "latent.csv", delimiter=",").shape == (6,)


def test_projections_that_cannot_work_are_refused(task, tmp_path):
    show = Projection(starts=2, steps=3, lr=0.1, typical=0.001)
    with pytest.raises(SettingError, match=r"source: show=projection needs a picture"):
        run(show, task(), Plain())
    Image.new("RGB", (17, 16)).save(tmp_path / "wide.png")
    with pytest.raises(SettingError, match=r"wide.png: has 16 x 17 pixels .*images of 16 x 16; resize it"):
        run(show, task(source=tmp_path / "wide.png"), Plain())
    for place, what in ((tmp_path, "is a folder"), (tmp_path / "gone.png", "does not exist")):
        with pytest.raises(SettingError, match=f"source={place}: {what}; show=projection needs one picture"):
            run(show, task(source=place), Plain())
    with pytest.raises(SettingError, match=r"truncation=0.5: show=projection"):
        run(show, task(source=tmp_path / "wide.png", truncation=0.5), Plain())
    with pytest.raises(SettingError, match=r"show.steps=0"):
        Projection(starts=1, steps=0, lr=0.1, typical=0.0)
    assert not task().folder.exists()
