"""The network as compiled CPU code: what runs by default."""
