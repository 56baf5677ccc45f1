"""Sheet music as pages: SVG and PDF."""
