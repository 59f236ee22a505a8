"""Where pictures lie: folders of this machine, buckets and addresses of others, behind one small interface.

    place.find()                 what lies there, as it is listed: never all of it in memory
    place.read("a/b.jpg", most)  a whole file, or an error if it is larger than `most`
    place.begins("a/b.jpg", n)   its first bytes; `None` where there is nothing
    place.write("a/b.jpg", data) whole or not at all, and over nothing unless told

Names are given from the place on, with `/` between their parts.
"""

from toonify.places.addresses import Address, Location, is_within
from toonify.places.opening import locate, open_parent, open_place
from toonify.places.place import Found, Place

__all__ = [
    "Address",
    "Found",
    "Location",
    "Place",
    "is_within",
    "locate",
    "open_parent",
    "open_place",
]
