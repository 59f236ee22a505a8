"""Animations: GIF, APNG and animated WebP, frame by frame, in and out."""

from toonify.media.animations.reading import Animation, AnimationFrame, is_animation
from toonify.media.animations.writing import ANIMATED, AnimationWriter, save_animation

__all__ = [
    "ANIMATED",
    "Animation",
    "AnimationFrame",
    "AnimationWriter",
    "is_animation",
    "save_animation",
]
