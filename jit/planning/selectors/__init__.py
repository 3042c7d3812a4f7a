"""Reading for planning: the snapshot a run works on, the grid, pegs and cover."""
