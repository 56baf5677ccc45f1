"""Training of what stands above the tokens: the autoencoder of bars and the flow over them."""
