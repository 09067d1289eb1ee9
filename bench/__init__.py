"""Side-by-side measurements. `make bench` runs them all, `python -m bench NAME ...` some; none of them is a test."""
