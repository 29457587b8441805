"""The engine: plans made from checked rules, the two stages sift and settle, and the scan that drives them."""
