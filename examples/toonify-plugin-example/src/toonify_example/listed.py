"""`--source listed`: the pictures that a text file names, one a line."""

from toonify.plugins import DatasetSource, SourceItem, usage_error


class Listed(DatasetSource):
    """Photos and cartoons from folders that hold more than should be trained on.

    Args:
        file: The list's name inside the folder; pictures are given relative to it.
    """

    domains = frozenset({"photo", "cartoon"})

    def __init__(self, file: str = "pictures.txt") -> None:
        self.file = file

    def items(self, domain, root):
        if not (root / self.file).is_file():
            raise usage_error(f"{root} has no list {self.file}", "Name it with `source_options`: file=NAME.")
        for line in (root / self.file).read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield SourceItem(identity=line.strip(), path=root / line.strip())
