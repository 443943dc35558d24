"""The first cases (a file each), studies, questions and the terms; CC BY 4.0."""
