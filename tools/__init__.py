"""What `make docs` runs: programs that write files of this repository, and no part of what runs."""
