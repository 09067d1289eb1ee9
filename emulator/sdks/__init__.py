"""What the AWS SDKs do: how each is told by its User-Agent, which retry profile each version and mode has, what was measured of them."""
