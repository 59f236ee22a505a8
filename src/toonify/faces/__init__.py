"""Faces in pictures: found by a small network that comes with toonify."""

from toonify.faces.detector import Face, find_faces, read_detector

__all__ = ["Face", "find_faces", "read_detector"]
