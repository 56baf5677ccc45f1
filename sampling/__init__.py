"""From logits to a token, and from a request to a piece."""
