"""A painter that knows what it paints: faces by their landmarks, a person by its outline, the rest calmly.

`paint` takes a whole photograph. A face goes through a window of its own, in which its pupils are 60 to
128 pixels apart: landmarks and outline (`finding`) become regions (`regions`), each painted in its own way
(`skin`, `hair`, `features`, `glasses`), over the calm picture of everything else (`scene`).

Pictures are float32 RGB in [0, 1] or CIELAB, masks float32 in [0, 1], lengths pixels of the array at hand;
`u` is the distance of a face's pupils.
"""

from toonify.datasets.painting.painter import LABELS, Painting, paint

__all__ = ["LABELS", "Painting", "paint"]
