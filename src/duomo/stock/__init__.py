"""Puts goods on the shelf and keeps it fresh."""
