"""Teaches the encoders and heads: needs the extra train, and nothing that serves imports it."""
