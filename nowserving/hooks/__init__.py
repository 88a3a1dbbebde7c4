"""Telling the world: webhooks, mail, SMS, files in and out."""
