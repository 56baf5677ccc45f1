"""Configurations as YAML: model sizes and training runs."""
