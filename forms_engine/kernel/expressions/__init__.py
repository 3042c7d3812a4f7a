"""One formula language: source, AST, type check, Python and SQL back ends."""
