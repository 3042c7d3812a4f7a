"""Writing plans: production plans, runs and what they leave behind."""
