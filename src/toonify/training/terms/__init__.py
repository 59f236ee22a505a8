"""Built-in plugins: the terms of a generator's loss. Presets compose them by name.

None imports Keras before it computes: what they need of a dataset is asked before a framework is started.
"""

from __future__ import annotations

from typing import Any


class _Operations:
    def __getattr__(self, name: str) -> Any:
        from keras import ops

        return getattr(ops, name)


ops = _Operations()
"""`keras.ops`, imported when one of them is first called."""
