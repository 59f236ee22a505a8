"""Three plugins for toonify: a backbone, a loss and a dataset source."""
