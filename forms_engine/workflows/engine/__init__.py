"""The pure flow engine: a graph, a state, a signal in; a state and orders out."""
