"""What every other package may use: errors and the SQL builder."""
