"""`--loss smoothgan`: the GAN loss with a discriminator that may doubt."""

from keras import ops

from toonify.plugins import AdversarialLoss, Share


class SmoothGAN(AdversarialLoss):
    """Binary cross-entropy with one-sided label smoothing (Salimans et al., 2016, section 3.4).

    Args:
        smoothing: How far the label of real pictures lies below 1.
    """

    def __init__(self, smoothing: Share = 0.1) -> None:
        self.smoothing = smoothing

    def discriminator(self, real, *fakes):
        # softplus(-x) is -log(sigmoid(x)), and softplus(x) is -log(1 - sigmoid(x)).
        believed = (1 - self.smoothing) * ops.softplus(-real) + self.smoothing * ops.softplus(real)
        return ops.mean(believed) + sum(ops.mean(ops.softplus(fake)) for fake in fakes)

    def generator(self, fake):
        return ops.mean(ops.softplus(-fake))
