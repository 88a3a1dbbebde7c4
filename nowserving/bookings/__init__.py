"""Calendars, slots, capacity and arrival: a room whose first noun is still to come."""
