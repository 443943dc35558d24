"""Programs that write files of this repository: what `make docs` runs, and the map of the pages."""
