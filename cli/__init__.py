"""The command line: a file a command; only here is anything printed, or the environment read."""
