"""From a dataset to a style: shards → step → loop → checkpoints, metrics, samples → style."""

from toonify.training.request import TrainReport, TrainRequest
from toonify.training.trainer import train

__all__ = ["TrainReport", "TrainRequest", "train"]
