"""A built wheel carries the configurations and runs from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def test_wheel_brings_its_configurations(tmp_path):
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(REPOSITORY),
    ]
    subprocess.run(build, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    scripts = next((tmp_path / "installed").glob("*.dist-info")) / "entry_points.txt"
    assert {"gan-train", "gan-evaluate", "gan-generate", "gan-report"} <= set(scripts.read_text().split())
    pages = REPOSITORY / "gan_lightning" / "report" / "assets"
    assert {path.name for path in tmp_path.rglob("report/assets/*")} == {path.name for path in pages.iterdir()}
    packaged = {path.relative_to(tmp_path / "installed" / "gan_lightning") for path in tmp_path.rglob("conf/**/*.yaml")}
    assert packaged == {path.relative_to(REPOSITORY) for path in (REPOSITORY / "conf").rglob("*.yaml")}
    shipped = {path.parent.name for path in tmp_path.rglob("gan_lightning/shipped/*/model.ckpt")}
    assert shipped == {path.parent.name for path in (REPOSITORY / "models").glob("*/model.ckpt")} != set()
    assert (tmp_path / "installed" / "gan_lightning" / "py.typed").is_file()
    code = "import gan_lightning.console.config as c; from gan_lightning.jobs.train import main; print(c.CONF); main()"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run(
        [sys.executable, "-c", code, "model=wgan_gp", "--cfg", "job"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "installed" / "gan_lightning" / "conf"))
    assert "gan_lightning.losses.GradientPenalty" in done.stdout
