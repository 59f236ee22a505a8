"""`toonify-gan-light`: the same sources with less beside them. What is missing is named with what brings it.

The light environment of these tests holds links to what the light distribution asks for, and nothing else.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from drawing import draw_picture
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from training.tiny_dataset import write_dataset

from toonify.distributions import EXTRAS, LEFT_OUT, LIGHT, LIGHT_EXTRAS, WHOLE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
LIGHT_PROJECT = ROOT / "packaging"

PAINTING = f'Install it: pip install "{LIGHT}[painting]"'
INSTEAD = f"Install the whole in its place: pip uninstall {LIGHT}, then pip install "


def project(path: Path) -> dict:
    return tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8"))


def without() -> set[str]:
    return set(project(LIGHT_PROJECT)["tool"]["hatch"]["metadata"]["hooks"]["custom"]["without"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The light wheel of an editable install: its metadata, and where the sources lie."""
    folder = tmp_path_factory.mktemp("wheel")
    code = f"from hatchling.build import build_editable; build_editable({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=LIGHT_PROJECT, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory) -> Path:
    """Where the packages of a light environment lie."""
    return environment(tmp_path_factory.mktemp("light"), wheel)


@pytest.fixture(scope="module")
def painting(wheel, tmp_path_factory) -> Path:
    """The same with the extra `painting`."""
    return environment(tmp_path_factory.mktemp("painting"), wheel, "painting")


def environment(folder: Path, wheel: Path, extra: str = "") -> Path:
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    (asked,) = importlib.metadata.distributions(name=LIGHT, path=[str(site)])
    linked: set[str] = set()
    for line in asked.requires or ():
        link(Requirement(line), site, linked, extra)
    return site


def link(requirement: Requirement, site: Path, linked: set[str], extra: str = "") -> None:
    """Links to the files of a distribution, and of those that it needs in turn."""
    elsewhere = requirement.marker and not requirement.marker.evaluate({"extra": extra})
    if requirement.name in linked or elsewhere:
        return
    linked.add(requirement.name)
    distribution = importlib.metadata.distribution(requirement.name)
    for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
        place = site / top
        if top != "__pycache__" and not place.exists():
            place.symlink_to(Path(str(distribution.locate_file(top))).resolve())
    for line in distribution.requires or ():
        link(Requirement(line), site, linked)


@pytest.fixture
def light(site):
    """`light("convert", …)`: the command in the light environment."""
    return lambda *arguments: python(site, "-m", "toonify", *arguments)


def python(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = site.parents[2] / "bin" / "python"
    environment = os.environ | {"COLUMNS": "200"}
    command = [str(part) for part in (program, *arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


SEVERAL = """
import json, sys
from typer.testing import CliRunner
from toonify.cli.app import app

for words in json.loads(sys.argv[1]):
    done = CliRunner().invoke(app, words)
    print(json.dumps([done.exit_code, done.stdout, done.stderr]))
"""


def several(site: Path, commands: Iterable[Sequence[object]]) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of commands, one after another in a process of the light environment."""
    words = [[str(word) for word in command] for command in commands]
    done = python(site, "-c", SEVERAL, json.dumps(words))
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


SOURCES = ("afad", "comic", "folder", "portrait", "selfie2anime", "video")
FORMATS = ("saved-model", "lines")
ENGINES = {
    (): ("tensorflow", "TensorFlow", WHOLE),
    ("--tensorboard",): ("tensorflow", "TensorFlow", WHOLE),
    ("--backbone", "resnet101"): ("tensorflow", "TensorFlow", WHOLE),
    ("--engine", "jax"): ("jax", "JAX", f'"{WHOLE}[jax]"'),
}


@pytest.fixture(scope="module")
def refusals(site, tmp_path_factory) -> dict[tuple[str, ...], tuple[int, str, str]]:
    """What was said to each request that the light distribution cannot meet."""
    folder = tmp_path_factory.mktemp("refused")
    dataset = write_dataset(folder / "set", "photo", "cartoon", "smoothed")
    draw_picture((64, 48)).save(folder / "a.jpg")
    asked = {
        **{("prepare", source): ("prepare", folder, folder, "--source", source) for source in SOURCES},
        **{("train", *options): ("train", dataset, *options) for options in ENGINES},
        **{("export", name): ("export", "comic", "--to", name) for name in FORMATS},
    }
    return dict(zip(asked, several(site, asked.values()), strict=True))


def refusal(done: tuple[int, str, str]) -> tuple[str, str]:
    """Message and hint of a request that this install cannot meet."""
    exit_code, output, errors = done
    assert exit_code == 2, output + errors
    message, hint = errors.strip().splitlines()
    return message.removeprefix("error: "), hint.strip()


def test_the_light_set_is_the_whole_less_what_only_training_needs(wheel):
    text = metadata(wheel)
    listed = re.findall(r"^Requires-Dist: (.+)$", text, re.MULTILINE)
    whole = project(ROOT)["project"]
    wanted = [line for line in whole["dependencies"] if Requirement(line).name not in without()]
    assert {Requirement(line) for line in listed if "extra ==" not in line} == {*map(Requirement, wanted)}
    assert without() < {Requirement(line).name for line in whole["dependencies"]}
    assert re.findall(r"^Provides-Extra: (.+)$", text, re.MULTILINE) == sorted(LIGHT_EXTRAS)
    assert re.search(rf"^Version: {re.escape(whole['version'])}$", text, re.MULTILINE)
    assert re.search(rf"^License-Expression: {whole['license']}$", text, re.MULTILINE)


def test_the_light_set_need_not_wait_for_tensorflow(wheel):
    """Of which each new Python gets one late."""
    text, whole = metadata(wheel), project(ROOT)["project"]
    classified = re.findall(r"^Classifier: (.+)$", text, re.MULTILINE)
    assert {*whole["classifiers"]} | {"Programming Language :: Python :: 3.14"} == {*classified}
    taken = SpecifierSet(re.search(r"^Requires-Python: (.+)$", text, re.MULTILINE)[1])
    told = re.findall(r"^Classifier: .+ :: (3\.\d+)$", text, re.MULTILINE)
    assert told == [*taken.filter(f"3.{minor}" for minor in range(9, 16))]


def metadata(wheel: Path) -> str:
    names = zipfile.ZipFile(wheel).namelist()
    return zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("METADATA"))).decode()


def test_both_have_the_same_entry_points_and_licence(site):
    (light,) = importlib.metadata.distributions(name=LIGHT, path=[str(site)])
    own = project(ROOT)["project"]
    wanted = {("console_scripts", *item) for item in own["scripts"].items()}
    wanted |= {(group, *item) for group, names in own["entry-points"].items() for item in names.items()}
    assert {(point.group, point.name, point.value) for point in light.entry_points} == wanted
    assert (LIGHT_PROJECT / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 knows too few packages by what they hold")
def test_whatever_is_left_out_has_a_name_for_people():
    brings = packages_distributions()
    assert {name for module in LEFT_OUT for name in brings[module]} <= without()
    extras = project(ROOT)["project"]["optional-dependencies"]
    installed = {module: extra for module, (_, extra) in EXTRAS.items() if module in brings}
    assert {"cloud", "video"} <= {*installed.values()}  # those of `make test`
    for module, extra in installed.items():
        assert {*map(name_of, brings[module])} & {*map(name_of, extras[extra])}


def name_of(requirement: str) -> str:
    return Requirement(requirement).name.lower().replace("_", "-")


def test_a_painter_needs_an_extra_and_its_style_draws_without(site, picture_file):
    command = ("convert", picture_file("photo.jpg", (64, 48)), "cartoon.png", "--style", "drawn")
    (exit_code, _, errors), (without, *_) = several(site, [command, (*command, "--no-painter")])
    assert (exit_code, without) == (2, 0)
    assert "needs OpenCV, which is not installed" in errors
    assert f"{PAINTING}; or draw without it: --no-painter." in errors


def test_with_the_extra_faces_are_painted_and_pictures_prepared(painting, picture_file):
    photos = picture_file("photos/a.jpg", (64, 48)).parent
    commands = (
        ("convert", photos, "cartoons", "--style", "drawn"),
        ("prepare", photos, "--source", "comic", "--size", "32"),
    )
    for exit_code, _, errors in several(painting, commands):
        assert exit_code == 0, errors


def test_a_preview_shows_what_can_be_drawn_without_the_whole(light, picture_file):
    done = light("preview", picture_file("photo.jpg", (64, 48)))
    assert done.returncode == 0, done.stdout
    assert f"drawn without its painter: the painter 'faces' of {LIGHT} " in done.stdout
    page = re.sub("</?span>", "", Path("preview.html").read_text(encoding="utf-8"))
    assert "photo.jpg --style drawn --no-painter</code>" in page
    assert "photo.jpg --style comic</code>" in page


def test_it_converts_and_exports(site, picture_file):
    photo = picture_file("photo.jpg", (64, 48))
    commands = (
        ("convert", photo, "cartoon.png", "--compare"),
        ("export", "comic", "--to", "onnx,style"),
        ("convert", photo, "again.png", "--style", "export/comic.toonify"),
    )
    for exit_code, _, errors in several(site, commands):
        assert exit_code == 0, errors
    assert Path("again.png").read_bytes() == Path("cartoon.png").read_bytes()


def test_it_shows_what_there_is(site):
    commands = (["plugins", "--json"], ["presets"], ["styles", "comic"], ["--version"])
    plugins, presets, comic, version = (output for _, output, _ in several(site, commands))
    assert {row["distribution"] for row in json.loads(plugins)["plugins"]} == {LIGHT}
    assert "cartoongan" in presets
    assert "ink" in comic
    assert version.strip() == f"toonify {project(ROOT)['project']['version']}"


@pytest.mark.parametrize("source", SOURCES)
def test_preparing_needs_an_extra_of_its_own(refusals, source):
    message, hint = refusal(refusals["prepare", source])
    assert message == "this needs OpenCV, which is not installed"
    assert hint == PAINTING


@pytest.mark.parametrize("options", ENGINES)
def test_training_needs_the_whole(refusals, options):
    engine, name, brings = ENGINES[options]
    message, hint = refusal(refusals[("train", *options)])
    assert message == f"the engine '{engine}' needs {name}, which {LIGHT} leaves out"
    assert hint == INSTEAD + brings


@pytest.mark.parametrize("format", FORMATS)
def test_formats_that_build_the_network_need_the_whole(refusals, format):
    message, hint = refusal(refusals["export", format])
    assert message == f"the format {format} needs TensorFlow, which {LIGHT} leaves out"
    assert hint == INSTEAD + WHOLE


def test_checking_plugins_says_what_each_needs(light):
    rows = json.loads(light("plugins", "losses", "--check", "--json").stdout)["plugins"]
    assert {row["problem"] for row in rows} == {
        f"the loss '{row['name']}' of {row['distribution']} {row['version']} needs Keras, "
        f"which {LIGHT} leaves out"
        for row in rows
    }


def test_python_callers_are_told_the_same(site):
    done = python(site, "-c", "import toonify; toonify.prepare")
    assert "toonify.prepare needs OpenCV, which is not installed" in done.stderr
    assert PAINTING in done.stderr


def test_films_need_an_extra_of_the_light_distribution(site):
    done = python(site, "-c", "from toonify.media import Film; Film.need_decoders()")
    assert f'Install it: pip install "{LIGHT}[video]"' in done.stderr


def test_films_among_pictures_are_left_aside_with_the_extra_of_the_light_distribution(light, picture_file):
    (picture_file("photos/a.jpg").parent / "b.mp4").touch()
    done = light("convert", "photos")
    assert done.returncode == 0, done.stderr
    assert f'1 .mp4\nInstall it: pip install "{LIGHT}[video]"' in done.stdout


def test_both_at_once_are_noticed_in_a_line_and_work(site, tmp_path):
    info = tmp_path / f"toonify_gan-{project(ROOT)['project']['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {WHOLE}\nVersion: 9.9\n")
    (info / "entry_points.txt").write_bytes(next(site.glob("*.dist-info/entry_points.txt")).read_bytes())
    whole_too = f"import sys; sys.path.append({str(tmp_path)!r}); from toonify.cli import main; main()"
    done = python(site, "-c", whole_too, "styles", "comic")
    assert done.returncode == 0
    assert "ink" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"warning: {WHOLE} and {LIGHT} are both installed")
    assert f"pip uninstall {LIGHT}" in line


@pytest.mark.skipif(not (ROOT / "Dockerfile").exists(), reason="not a checkout")
def test_the_image_is_light_locked_and_without_privileges():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert "--require-hashes --requirement /checkout/requirements/light.txt" in text
    assert re.findall(r"/checkout/(\w+)(?: |$)", text, re.MULTILINE) == ["packaging"]
    copied = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    needed = ["LICENSE", "packaging", "pyproject.toml", "requirements/light.txt", "src"]
    assert copied[0] == "*"
    assert [line[1:] for line in copied if line.startswith("!")] == needed


def test_the_light_lock_is_part_of_the_whole_one():
    light, whole = (pins(ROOT / "requirements" / name) for name in ("light.txt", "ci.txt"))
    wanted = [line for line in project(ROOT)["project"]["dependencies"] if name_of(line) not in without()]
    assert {name_of(line) for line in wanted} <= {name for name, _ in light}, "Run `make lock`."
    assert light <= whole, "Run `make lock`."


def pins(lock: Path) -> set[tuple[str, str]]:
    """Names and versions."""
    return set(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
