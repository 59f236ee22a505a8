"""Gathers the pages of the documentation site in build/pages, for MkDocs.

python docs/make_pages.py

Pages are written for GitHub: they link to any file of the repository, and indent lists by two. The site
shows the same text. This makes of it what MkDocs wants, and is no plugin of MkDocs, so that another
generator can take its place:

- A linked file outside of docs/ is gathered, too: a page as a page, code as a page that shows it, a folder
  as its README or a list.
- Links lead to where the gathered file lies.
- `<!-- include: FILE#HEADING -->` … `<!-- end -->` becomes that section; GitHub shows what stands between,
  a link to it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = ROOT / "build" / "pages"
ICON = ROOT / "src/toonify/exporting/web/page/icon.svg"  # of the page that draws in the browser
ALSO = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages of the site's navigation that lie elsewhere."""

INSTEAD = {"README.md": "quick-start.md"}
"""What the site shows in place of a file: the page that holds its parts."""

SHOWN = {".py": "python", ".toml": "toml", ".sh": "sh", ".json": "json", "": "text"}
"""Suffixes of files that become a page, and the language that colours them."""

FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)([^)\s]*)(?=\))")
INCLUDED = re.compile(r"<!-- include: (\S+)#(\S+) -->\n.*?<!-- end -->\n", re.DOTALL)


def gather(folder: Path) -> None:
    """Every page of docs/, and whatever they lead to, in a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    waiting = [*sorted(DOCS.glob("*.md")), *(ROOT / name for name in ALSO), ICON]
    known = set(waiting)
    while waiting:
        source = waiting.pop()
        text, linked = page(source)
        target = folder / place(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            shutil.copyfile(source, target)
        else:
            target.write_text(text, encoding="utf-8")
        waiting += [path for path in linked if path not in known]
        known |= set(linked)


def place(source: Path) -> str:
    """Where a file or folder of the repository lies on the site."""
    name = source.relative_to(ROOT).as_posix()
    if name in INSTEAD:
        return INSTEAD[name]
    if source.is_dir():
        name += "/README.md"
    elif source.suffix in SHOWN:
        name += ".md"
    return name.removeprefix("docs/")


def page(source: Path) -> tuple[str | None, list[Path]]:
    """A page's Markdown, and the files that it leads to; no text for what is copied as it is."""
    if source.is_dir():
        return listing(source)
    if source.suffix in SHOWN:
        return code(source), []
    return written(source) if source.suffix == ".md" else (None, [])


def written(source: Path) -> tuple[str, list[Path]]:
    """A page that somebody wrote, and what it leads to."""
    words, *included = INCLUDED.split(read(source))
    pieces = [(source, words)]
    for name, heading, words in zip(included[::3], included[1::3], included[2::3], strict=True):
        origin = (source.parent / name).resolve()
        pieces += [(origin, section(origin, heading)), (source, words)]
    linked: list[Path] = []
    return indented("".join(relinked(text, origin, source, linked) for origin, text in pieces)), linked


def listing(source: Path) -> tuple[str, list[Path]]:
    """A folder: its README, or else a list of its files."""
    if (source / "README.md").exists():
        return written(source / "README.md")
    files = [path for path in sorted(source.iterdir()) if path.suffix in SHOWN and path.is_file()]
    lines = [f"- [`{path.name}`]({towards(path, source / 'README.md')})" for path in files]
    return "\n".join([f"# {source.relative_to(ROOT).as_posix()}", "", *lines, ""]), files


def code(source: Path) -> str:
    """A file of code as a page, which search leaves out."""
    text = source.read_text(encoding="utf-8").rstrip()
    aside = "---\nsearch:\n  exclude: true\n---\n"
    return f"{aside}# {source.relative_to(ROOT).as_posix()}\n\n````{SHOWN[source.suffix]}\n{text}\n````\n"


def relinked(text: str, origin: Path, source: Path, linked: list[Path]) -> str:
    """Text of `origin` for the page of `source`: links lead to pages of the site, which `linked` collects."""

    def lead(match: re.Match[str]) -> str:
        target = (origin.parent / match[1]).resolve()
        if not target.exists():
            return match[0]  # the generator complains of it
        if target.relative_to(ROOT).as_posix() not in INSTEAD:
            linked.append(target)
        return towards(target, source) + match[2]

    return prose(text, lambda words: LINK.sub(lead, CODE.sub(unescaped, words)))


def unescaped(code: re.Match[str]) -> str:
    """Code in a table: GitHub wants its bars escaped, and MkDocs would show the backslashes."""
    return code[0].replace(r"\|", "|")


def towards(target: Path, source: Path) -> str:
    return os.path.relpath(place(target), Path(place(source)).parent)


def section(source: Path, anchor: str) -> str:
    """What stands below a heading, up to the next of its level."""
    text = read(source)
    uncoded = FENCED.sub(lambda code: "\0" * len(code[0]), text)  # whose comments look like headings
    headings = [*re.finditer(r"^(#+) (.+)\n", uncoded, re.MULTILINE)]
    for number, heading in enumerate(headings):
        if slug(heading[2]) == anchor:
            later = (other.start() for other in headings[number + 1 :] if len(other[1]) <= len(heading[1]))
            return text[heading.end() : next(later, None)].strip() + "\n"
    sys.exit(f"{source} has no section {anchor}")


def slug(heading: str) -> str:
    """A heading as GitHub spells it in addresses."""
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


def indented(text: str) -> str:
    """Lists that are indented by two or three, indented by four or six: MkDocs wants four at least."""
    indents = re.findall(r"^( +)\S", "".join(FENCED.split(text)[::2]), re.MULTILINE)
    if not indents or len(min(indents)) >= 4:
        return text

    def further(code: re.Match[str]) -> str:
        return re.sub("^(?=.)", re.match(" *", code[0])[0], code[0], flags=re.MULTILINE)

    wider = prose(text, lambda words: re.sub(r"^( +)(?=\S)", r"\1\1", words, flags=re.MULTILINE))
    return FENCED.sub(further, wider)


def prose(text: str, change: Callable[[str], str]) -> str:
    """Text with all but its code changed."""
    parts = FENCED.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    gather(PAGES)
