"""Animations: GIF, APNG and animated WebP, frame by frame, in and out."""
