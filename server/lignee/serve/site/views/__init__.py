"""What an answer looks like beside its table: as a chart, on a line of time, as a graph."""
