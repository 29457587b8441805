"""Which UDM fields rules read, and whether records fill them."""
