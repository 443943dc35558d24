"""What crosses the border, in and out: marshmallow schemas, a module per noun."""
