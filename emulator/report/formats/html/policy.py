"""What a browser may do with the page of a report (Content-Security-Policy)."""

# A report is a page to look at: whatever a client's requests bring into it, nothing runs, and nothing is fetched
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
