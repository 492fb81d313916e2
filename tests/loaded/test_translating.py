"""Pictures, files and folders through a translator."""

import numpy as np
import torch
from alike import pixels, same
from PIL import Image

from gan_lightning.data import quantise


def test_translations_of_pictures_of_files_and_of_folders(translator, tmp_path):
    random = np.random.default_rng(0)
    several = [Image.fromarray(random.integers(0, 256, (*size, 3), np.uint8)) for size in ((20, 17), (16, 16))]
    for name, picture in zip("ba", several, strict=True):
        picture.save(tmp_path / f"{name}.png")
    one = translator.translate(several[0])
    assert (one.mode, one.size) == ("RGB", (17, 20))
    assert same(translator.translate(several, "b"), [one, translator.translate(several[1])])
    assert same(translator.translate(tmp_path, direction="a2b"), translator.translate(several[::-1]))
    assert same(translator.translate(str(tmp_path / "b.png")), [one])
    tensor = torch.from_numpy(np.array(several[1])).permute(2, 0, 1)[None] / 127.5 - 1
    expected = quantise(translator.model.translate(tensor, "b2a"))[0].permute(1, 2, 0).numpy()
    assert np.array_equal(pixels(translator.translate(several[1], "a")), expected)
    assert not np.array_equal(pixels(translator.translate(several[1], "b")), expected)
    for folder, kind, levels in (("deep", "I", (100, 1000)), ("bytes", "L", (25, 249))):  # the same of 0 to 1023
        (tmp_path / folder).mkdir()
        for level in levels:
            Image.new(kind, (16, 16), level).save(tmp_path / folder / f"{levels.index(level)}.tif")
    assert same(translator.translate(tmp_path / "deep"), translator.translate(tmp_path / "bytes"))
    grey = several[1].convert("L")
    assert same([translator.translate(grey)], [translator.translate(grey.convert("RGB"))])
