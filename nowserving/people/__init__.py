"""Customers and staff, groups, roles, and what each may do where."""
