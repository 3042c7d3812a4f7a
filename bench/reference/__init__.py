"""What the benchmarks are measured against, served by the same server in the same run."""
