"""What all guest engines share: the trading floor, the treatment of settings, runs in another process."""
