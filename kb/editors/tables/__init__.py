"""Tables of cases (CSV, .xlsx): their columns and cells, read for an import and written."""
