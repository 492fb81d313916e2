"""What the processor of this machine can do."""

from pathlib import Path

_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def computes_in_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has instructions for bfloat16, AVX512-BF16 or AMX. Without them bfloat16 is slow.

    Args:
        cpuinfo: where Linux describes the processor; other systems have no such file, and the answer is no.
    """
    return cpuinfo.exists() and not _BFLOAT16.isdisjoint(cpuinfo.read_text().split())
