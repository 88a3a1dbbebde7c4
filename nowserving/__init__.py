"""Nowserving: an open, self-hosted server for customer flow."""

__version__ = "0.1.0"
