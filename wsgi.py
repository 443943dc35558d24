"""What any WSGI server loads, as `waitress-serve wsgi:app`.

Following the changes begins with the first request, in the process that answers it; `kb serve`
begins at once.
"""

from kb.app import create_app

app = create_app()
