"""From a dataset to a style: shards → step → loop → checkpoints, metrics, samples → style."""

from toonify.training.reporting import TrainReport
from toonify.training.request import TrainRequest
from toonify.training.trainer import train

__all__ = ["TrainReport", "TrainRequest", "train"]
