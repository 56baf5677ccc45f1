"""Above the tokens: a bar as one vector, a piece as a series of them, what the decoder hears."""
