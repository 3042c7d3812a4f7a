"""The pure flow engine: graph, state, step."""
