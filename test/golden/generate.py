"""Writes the golden files in data/ by running the real NeuralForecast and torch.

    python generate.py            rewrite every file
    python generate.py --check    compare with the files there, change nothing
"""

import argparse
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import torch

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import heads  # noqa: E402
import losses  # noqa: E402
import models  # noqa: E402
import norms  # noqa: E402
import safetensors_file  # noqa: E402
import training  # noqa: E402

DATA = Path(__file__).parent / "data"


def write_all(folder: Path) -> list:
    files = [("batch_norms", *norms.batch_norms()), ("losses", *losses.golden()),
             ("heads", *heads.golden()), ("optimizers", *training.optimizers()),
             ("schedules", *training.schedules()), *models.goldens()]
    for stem, metadata, values in files:
        safetensors_file.write(folder / f"{stem}.safetensors", metadata, values)
    return [f"{stem}.safetensors" for stem, _, _ in files]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    torch.set_num_threads(1)
    if not parser.parse_args().check:
        DATA.mkdir(exist_ok=True)
        names = write_all(DATA)
        total = sum((DATA / name).stat().st_size for name in names)
        print(f"{len(names)} files, {total} bytes")
        return
    with tempfile.TemporaryDirectory() as folder:
        names = write_all(Path(folder))
        differ = [n for n in names
                  if not (DATA / n).exists()
                  or (DATA / n).read_bytes() != (Path(folder) / n).read_bytes()]
    if differ:
        sys.exit("differ: " + ", ".join(differ))
    print(f"{len(names)} files are the same")


if __name__ == "__main__":
    main()
