"""Options that several commands share, spelt once."""

from __future__ import annotations

from typing import Annotated

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what already exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON, for scripts.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Same seed, same result.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Pictures worked on at once; 0 means one per core.")
]
