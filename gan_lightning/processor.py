"""What the processor and the GPU of this machine can do."""

import ctypes
from pathlib import Path

_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def computes_in_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has instructions for bfloat16, AVX512-BF16 or AMX. Without them bfloat16 is slow.

    Args:
        cpuinfo: where Linux describes the processor; other systems have no such file, and the answer is no.
    """
    return cpuinfo.exists() and not _BFLOAT16.isdisjoint(cpuinfo.read_text().split())


def runs_lstm_in_bfloat16() -> bool:
    """Whether torch can compute an LSTM in bfloat16 on this processor. On some it cannot, and fails."""
    import torch

    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        try:
            torch.nn.LSTM(1, 1)(torch.zeros(1, 1, 1))
        except RuntimeError:
            return False
    return True


def gpu_computes_in_bfloat16(driver: str = "libcuda.so.1") -> bool:
    """Whether there is an NVIDIA GPU that has instructions for bfloat16.

    Args:
        driver: the library that comes with it.
    """
    if gpus(driver) == 0:
        return False
    import torch

    return torch.cuda.is_bf16_supported(including_emulation=False)


def gpus(driver: str = "libcuda.so.1") -> int:
    """How many NVIDIA GPUs there are.

    torch, which takes seconds to import, is asked only where the driver is installed.

    Args:
        driver: the library that comes with it.
    """
    try:
        ctypes.CDLL(driver)
    except OSError:
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
