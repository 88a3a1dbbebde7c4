"""Our own API: everything Nowserving can do, in our own words."""
