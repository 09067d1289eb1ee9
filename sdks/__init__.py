"""What the AWS SDKs do when DynamoDB fails, measured: a work list, a small program an SDK, and the data that came of them.

`python -m sdks` measures, `docs/sdks.md` shows. README.md tells how to add an SDK or a step."""
