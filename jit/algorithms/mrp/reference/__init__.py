"""The slow, obviously right pull run: exact fractions, plain lists, no kernels. Only tests run it."""
