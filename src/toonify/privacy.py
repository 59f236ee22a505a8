"""Nothing leaves this machine: what libraries would report of their own accord is switched off.

docs/privacy.md tells people what is written where.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

_OF_ONNXRUNTIME = "ORT_DISABLE_TELEMETRY"

SWITCHES: Mapping[str, str] = {
    _OF_ONNXRUNTIME: "1",  # a device id and events below the home folder, sent after half a minute
    "HF_HUB_DISABLE_TELEMETRY": "1",  # these two come with plugins, which run in the same process
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Variables of the environment, and what they are set to unless the user has set them."""


def stay_private() -> None:
    """Switch off the telemetry of libraries, for this process and those that it starts.

    Libraries look at the environment when they are imported: it must come before that, and before a
    plugin's module is. What the user has set stays.
    """
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)


def import_onnxruntime() -> Any:
    """ONNX Runtime, silent: the one way in which toonify imports it."""
    stay_private()
    import onnxruntime

    if os.environ[_OF_ONNXRUNTIME] not in ("", "0"):
        # Windows' build hands events to the system, and knows no variable (onnxruntime, docs/Privacy.md).
        onnxruntime.disable_telemetry_events()
    return onnxruntime
