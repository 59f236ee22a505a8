"""Films: reading them frame by frame, and drawing them anew. Needs PyAV, which brings FFmpeg."""
