"""The parts of scale.py: catalogs of any size, and how a shop of any size is asked."""
