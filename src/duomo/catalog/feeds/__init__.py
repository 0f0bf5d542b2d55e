"""Writes products as feeds that other programs read."""
