"""Trust: certificate profiles, the authority, chain and revocation facts, signatures, encryption, TLS contexts.

The only door to `cryptography`, `OpenSSL` and `joserfc`: everybody else uses the names exported here.
"""
