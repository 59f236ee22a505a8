"""Built-in plugins: the terms of a generator's loss. Presets compose them by name."""
