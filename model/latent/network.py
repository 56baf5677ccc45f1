"""What the networks of the latent parts have in common, for the loop that trains them."""

from abc import abstractmethod

from torch import nn

from partimento.model.blocks import HiddenMatrix


class LatentNetwork(nn.Module):
    """A network that knows which of its weights Muon may train."""

    @abstractmethod
    def hidden_matrices(self) -> list[HiddenMatrix]:
        """The weight matrices inside, in a fixed order."""
