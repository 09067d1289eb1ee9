"""Tests of the Docker image, with what they need: `make docker-test`."""
