"""VCC Live: its Ticket Status webhook outward, its Database API inward."""
