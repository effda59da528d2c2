"""What is measured of peers that run side by side: A B A B, medians, spread and ratios."""
