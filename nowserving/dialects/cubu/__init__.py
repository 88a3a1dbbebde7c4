"""Cubu: its Server-to-Server API inward, its webhooks outward."""
