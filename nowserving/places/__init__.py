"""Organizations, units, desks, services, queues: what an office is made of."""
