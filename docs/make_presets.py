"""Writes docs/presets.md from the files of the presets.

python docs/make_presets.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toonify.training.presets import load_preset, preset_names, preset_text
from toonify.training.settings import DiscriminatorSettings, PhaseSettings, Settings

PAGE = Path(__file__).with_name("presets.md")

INTRODUCTION = """\
# Presets

A preset is a small file that sets everything about a training: networks, losses, learning rates, crops.
[Train](train.md#presets) says which one to choose. Use it with `toonify train --preset NAME`; options of
`train` change single values.

To make your own, copy a preset, change it, and name your file:

```sh
toonify presets cartoongan > mine.toml
toonify train dataset --preset mine.toml
```

Each section below shows a preset's commands, its main settings and its whole file. In the tables, the
number before a term of the loss is its weight. `make docs` writes this page from the presets' files.
"""

PAPERS = {
    "Chen, Lai and Liu: CartoonGAN (CVPR 2018)": "https://openaccess.thecvf.com/content_cvpr_2018/html/"
    "Chen_CartoonGAN_Generative_Adversarial_CVPR_2018_paper.html",
    "Chen, Liu and Chen: AnimeGAN (ISICA 2019)": "https://doi.org/10.1007/978-981-15-5577-0_18",
    "Wang and Yu: Learning to Cartoonize Using White-box Cartoon Representations (CVPR 2020)": "https://"
    "openaccess.thecvf.com/content_CVPR_2020/html/"
    "Wang_Learning_to_Cartoonize_Using_White-Box_Cartoon_Representations_CVPR_2020_paper.html",
}
"""Where what the presets name as their source can be read."""

NEEDS = {
    "comic": "photos/ --source comic",
    "drawn": "photos/ --source portrait",
    "pairs": "photos/ --source comic",
    "whitebox": "photos/ cartoons/ --superpixels",
}
"""What `prepare` is told for presets that learn from more than photographs and cartoons."""


def page() -> str:
    sections = [INTRODUCTION, *(section(name) for name in preset_names())]
    return "\n\n".join(part.strip() for part in sections) + "\n"


def section(name: str) -> str:
    """What a preset is for, where it is from, the commands, its settings and its file."""
    preset = load_preset(name)
    parts = [
        f"## {name}",
        f"{preset.description}.",
        f"Source: {linked(preset.source)}.",
        f"```sh\n{commands(name)}\n```",
        table(preset),
        f"<details markdown>\n<summary>{name}.toml, with the source of every value</summary>\n\n"
        f"```toml\n{preset_text(name).strip()}\n```\n\n</details>",
    ]
    return "\n\n".join(parts)


def commands(name: str) -> str:
    return f"toonify prepare {NEEDS.get(name, 'photos/ cartoons/')}\ntoonify train --preset {name}"


def linked(source: str) -> str:
    """What a preset names as its source, with links to papers and repositories."""
    for paper, address in PAPERS.items():
        source = source.replace(paper, f"[{paper}]({address})")
    return re.sub(r"([\w-]+/[\w-]+) \(GitHub\)", r"[\1](https://github.com/\1)", source)


def table(preset: Settings) -> str:
    rows = [f"| {what} | {said} |" for what, said in facts(preset)]
    return "\n".join(["| | |", "| --- | --- |", *rows])


def facts(preset: Settings) -> Iterator[tuple[str, str]]:
    """Rows of a preset's table."""
    yield "generator", named(preset.generator.name, preset.generator.options)
    if preset.backbone:
        backbone = preset.backbone
        yield "backbone", f"`{backbone.name}`, weights `{backbone.weights}`, layer `{backbone.layer}`"
    yield "batch", f"{preset.batch_size} pictures, {crop(preset.data.crop)}"
    if preset.adversarial:
        yield "discriminator", discriminator(preset.discriminator)
        yield "adversarial loss", named(preset.adversarial.loss, preset.adversarial.options)
    yield "optimizer", f"Adam, β₁ {preset.optimizer.beta_1:g}, β₂ {preset.optimizer.beta_2:g}"
    for name, phase in preset.phases.items():
        yield f"{name} phase", f"{phase.epochs} epochs, learning rate {rate(phase)}; minimises {terms(phase)}"


def named(name: str, options: Mapping[str, Any]) -> str:
    return ", ".join([f"`{name}`", *(f"{key} {value}" for key, value in options.items())])


def discriminator(settings: DiscriminatorSettings) -> str:
    norms = {"instance norm": settings.norm, "spectral norm": settings.spectral}
    return ", ".join([f"width {settings.width}", *(norm for norm, there in norms.items() if there)])


def crop(side: int) -> str:
    return f"random crops of {side} pixels" if side else "not cropped"


def rate(phase: PhaseSettings) -> str:
    return f"{phase.learning_rate:g}" + (f", {phase.schedule}" if phase.schedule != "constant" else "")


def terms(phase: PhaseSettings) -> str:
    """What a phase minimises, such as `10 content + 1 adversarial`."""
    return " + ".join(f"{term.weight:g} `{term.term or name}`" for name, term in phase.terms.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
