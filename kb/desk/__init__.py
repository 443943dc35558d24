"""What editors do in a browser, at /redactie: every reading and writing goes through the API."""
