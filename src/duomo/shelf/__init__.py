"""Keeps goods and vectors, finds the nearest."""
