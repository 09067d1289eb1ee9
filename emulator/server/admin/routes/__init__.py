"""The routes of the admin API. Each file has a function `register`, which is given a table to put routes in and what they are about; files
are found by looking into this folder, so no other file names them."""
