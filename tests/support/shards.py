"""Shards as LitData writes them."""

from pathlib import Path
from typing import Any

from litdata.streaming.writer import BinaryWriter


def write_shards(folder: Path, samples: list[Any], shard: int) -> None:
    """What `litdata.optimize` writes, without its processes: so many samples in each shard."""
    folder.mkdir(parents=True)
    writer = BinaryWriter(str(folder), chunk_size=shard)
    for i, sample in enumerate(samples):
        writer.add_item(i, sample)
    writer.done()
    writer.merge(1)
