"""Whether the processor computes in bfloat16."""

import pytest
from hydra import compose, initialize_config_dir

from gan_lightning.console import resolvers
from gan_lightning.console.config import CONF
from gan_lightning.processor import computes_in_bfloat16


@pytest.mark.parametrize(
    ("flags", "able"),
    [("fpu avx512f avx512_bf16 sse", True), ("fpu amx_bf16", True), ("fpu avx512f avx512_fp16 amx_tile", False)],
)
def test_the_flags_of_the_processor_say_it(flags, able, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert computes_in_bfloat16(cpuinfo) == able


def test_a_system_that_does_not_describe_its_processor_computes_in_float32(tmp_path):
    assert not computes_in_bfloat16(tmp_path / "cpuinfo")


def test_trainer_cpu_takes_the_precision_that_the_processor_is_fast_in(monkeypatch):
    with initialize_config_dir(CONF, version_base="1.3"):
        trainer = compose("train", ["trainer=cpu"]).trainer
    for able, precision in ((True, "bf16-mixed"), (False, "32-true")):
        monkeypatch.setattr(resolvers, "computes_in_bfloat16", lambda able=able: able)
        assert trainer.precision == precision
