"""Programs that write files of this repository: for `make docs`, and maps and letters for pages."""
