"""What has happened: the catalogue of facts, telling them onward, the live feed."""
