"""The live page, `/_emulator/`: what happens, as it happens, and the switches that change it. Its files are in `static`; what it shows
comes from the routes of the admin API, and from those of its own below `/_emulator/page/`."""
