"""Reads goods, reviews, feedback and ads: what they are, what they say, and how sure that is."""
