"""One module per log type, each with its declaration `PARSER`."""
