"""Weights that training starts from or learns from, read from the packages that carry them."""
