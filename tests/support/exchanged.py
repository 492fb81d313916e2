"""All that two processes exchange by the functions of `gan_lightning.distributed`.

Processes are forked from a server that has imported torch, and meet through gloo.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from runs import finished

from gan_lightning import distributed

SIZE = 2


def own(rank: int) -> torch.Tensor:
    return torch.tensor([[1.0, 2.0], [3.0, 4.0]]) * 10**rank


def exchanged(rank: int) -> dict[str, Any]:
    """All that a process gets of the others."""
    value, averaged, copied = own(rank), [own(rank), own(rank)[0] + 1], [own(rank), torch.tensor(rank)]
    total, mean = distributed.total(value), distributed.mean(value)
    distributed.average(averaged)
    distributed.average([])
    distributed.copy_first(copied)
    return {
        "total": total,
        "mean": mean,
        "kept": value,
        "averaged": averaged,
        "copied": copied,
        "gathered": distributed.gather({"rank": rank}),
        "share": distributed.own_share(torch.arange(5)),
        "is_first": distributed.is_first(),
    }


def member(rank: int, folder: str) -> None:
    meet, limit = f"file://{folder}/meet", timedelta(seconds=60)
    torch.distributed.init_process_group("gloo", meet, limit, SIZE, rank)
    torch.save(exchanged(rank), f"{folder}/{rank}.pt")
    torch.distributed.destroy_process_group()


def together(folder: Path) -> list[dict[str, Any]]:
    """What each of two processes found."""
    finished(member, [(rank, str(folder)) for rank in range(SIZE)])
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(SIZE)]
