"""Finds what a shopper asks for."""
