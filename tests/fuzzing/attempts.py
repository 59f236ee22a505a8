"""Feeds spoilt files to what reads them, and prints a line of JSON for every attempt:

python tests/fuzzing/attempts.py style|manifest FIRST LAST FOLDER
"""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "styles"))
from drawing import draw_picture
from hostile_styles import most_memory
from mutations import spoil_bytes, spoil_document, spoil_network
from test_footprint import halves_and_back
from tiny_style import make_style, tiny_network
from training.tiny_dataset import write_dataset
from typer.testing import CliRunner

from toonify.cli.app import app
from toonify.errors import ToonifyError
from toonify.storage import RunManifest
from toonify.training import TrainRequest
from toonify.training.presets import preset_names, preset_text
from toonify.training.runs import new_run, resumed_run

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def attempt_style(folder: Path, chance: random.Random) -> str:
    """What `toonify convert` says of a style with a spoilt network."""
    models = [tiny_network(), tiny_network(instance_norm=True), halves_and_back()]
    style = make_style(folder / "style", halo=None, multiple=8)
    model = chance.choice(models)
    spoil = spoil_network if chance.random() < 0.7 else _spoilt_file
    (style / "generator.onnx").write_bytes(spoil(model, chance))
    return _converted(folder, style)


def _spoilt_file(model: Any, chance: random.Random) -> bytes:
    return spoil_bytes(model.SerializeToString(), chance)


def _converted(folder: Path, style: Path) -> str:
    draw_picture((40, 32)).save(folder / "a.png")
    words = ["convert", folder / "a.png", folder / "b.png", "--style", style]
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    said = done.stdout + done.stderr
    if "unexpected " in said or "bug in toonify" in said:
        raise AssertionError(said)
    return f"{done.exit_code} {said}"


def attempt_manifest(folder: Path, chance: random.Random) -> str:
    """What is said of a spoilt `style.json`, `dataset.json`, `run.json` or preset."""
    kind = chance.choice((_card, _dataset, _run, _preset))
    try:
        return f"{kind.__name__} {kind(folder, chance)}"
    except ToonifyError as error:
        return f"{kind.__name__} {error.message} {error.hint}"


def _card(folder: Path, chance: random.Random) -> str:
    style = make_style(folder / "style", sources=[{"name": "a", "url": "https://a"}], detail=64)
    _spoil(style / "style.json", chance)
    return _converted(folder, style)


def _dataset(folder: Path, chance: random.Random) -> str:
    request = _training(folder)
    _spoil(folder / "dataset" / "dataset.json", chance)
    run = new_run(request)
    return f"{run.dataset.count('photo')} photos of {run.dataset.size} pixels"


def _run(folder: Path, chance: random.Random) -> str:
    run = new_run(_training(folder))
    begun = {name: getattr(run, name) for name in ("preset", "seed", "engine", "strategy", "tensorboard")}
    begun["settings"] = dataclasses.asdict(run.settings)
    run.folder.mkdir()
    dataset = run.dataset
    RunManifest(
        begun, str(dataset.folder), dataset.manifest.content_hash, dataset.size, {}, run.plugins
    ).write(run.folder)
    _spoil(run.folder / RunManifest.FILE, chance)
    return str(sorted(resumed_run(TrainRequest(resume=run.folder)).plugins))


def _training(folder: Path) -> TrainRequest:
    """A run to begin, on a tiny dataset."""
    dataset = write_dataset(folder / "dataset", "photo", "cartoon", "smoothed", size=16)
    return TrainRequest(dataset, folder / "run", preset="portrait")


def _preset(folder: Path, chance: random.Random) -> str:
    text = preset_text(chance.choice(preset_names()))
    path = folder / "mine.toml"
    if chance.random() < 0.5:
        path.write_bytes(spoil_bytes(text.encode(), chance))
    else:
        path.write_text(_as_toml(spoil_document(tomllib.loads(text), chance)), encoding="utf-8")
    return TrainRequest(preset=str(path)).settings().generator.name


def _as_toml(table: dict[str, Any]) -> str:
    """On one line for each name; JSON's numbers, words, lists and tables read alike in TOML, but for `:`."""
    return "\n".join(f"{json.dumps(key)} = {_inline(value)}" for key, value in table.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return {"null": '"none"', "NaN": "nan", "Infinity": "inf"}.get(text := json.dumps(value), text)


def _spoil(path: Path, chance: random.Random) -> None:
    if chance.random() < 0.3:
        path.write_bytes(spoil_bytes(path.read_bytes(), chance))
    else:
        path.write_text(json.dumps(spoil_document(json.loads(path.read_text()), chance)))


ATTEMPTS: dict[str, Callable[[Path, random.Random], str]] = {
    "style": attempt_style,
    "manifest": attempt_manifest,
}


def main(kind: str, first: str, last: str, place: str) -> None:
    for number in range(int(first), int(last)):
        print(json.dumps({"begins": number}), flush=True)  # should it take the process along
        folder = Path(place, f"{kind}-{number}")
        folder.mkdir()
        began = time.process_time()
        error, said = "", ""
        try:
            said = ATTEMPTS[kind](folder, random.Random(f"{kind} {number}"))
        except Exception as raised:  # what nobody should see
            error = f"{type(raised).__name__}: {raised}"
        seconds = time.process_time() - began
        told = {"number": number, "error": error, "said": said, "seconds": seconds, "memory": most_memory()}
        print(json.dumps(told), flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
