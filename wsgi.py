"""What any WSGI server loads, as `waitress-serve wsgi:app`.

`kb serve` starts following the changes before it answers. Other servers say nothing of when their
processes begin, so here it starts with the first request, in the process that answers it.
"""

from kb.app import create_app
from kb.services import services_of

app = create_app()
app.before_request(services_of(app).background.start)
