"""A DynamoDB on the far side of a network as a backend: requests go on to it, and its answers come back byte for byte."""

from emulator.backends.upstream.backend import UpstreamBackend

__all__ = ["UpstreamBackend"]
