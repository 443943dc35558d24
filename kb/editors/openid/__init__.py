"""Signing in with OpenID Connect, at the identity provider of an organisation."""
