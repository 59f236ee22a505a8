"""What happens beside the training steps, each thing a callback; `standard` has the list of them.

Only `standard`, `measuring` and `samples` need Keras.
"""

from toonify.training.callbacks.base import (
    Callback,
    Callbacks,
    MeasureEvent,
    Pause,
    SampleEvent,
    StepEvent,
)

__all__ = ["Callback", "Callbacks", "MeasureEvent", "Pause", "SampleEvent", "StepEvent"]
