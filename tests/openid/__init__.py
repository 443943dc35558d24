"""Signing in at an organisation, against a real identity provider (npm: oidc-provider)."""
