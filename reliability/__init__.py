"""What is done to the emulator so that nothing gets lost in it: simulated worlds, long runs over sockets, kills."""
