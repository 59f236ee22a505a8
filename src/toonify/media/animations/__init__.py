"""Animations: GIF, APNG and animated WebP, frame by frame, in and out."""

from toonify.media.animations.reading import Animation, AnimationFrame, is_animation
from toonify.media.animations.writing import ANIMATED, encode_animation, save_animation

__all__ = [
    "ANIMATED",
    "Animation",
    "AnimationFrame",
    "encode_animation",
    "is_animation",
    "save_animation",
]
