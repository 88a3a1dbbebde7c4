"""VCC Live, in and out."""
