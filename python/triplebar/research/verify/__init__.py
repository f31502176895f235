"""Two engines, one strategy: do they agree, where do they part first, and what is every cent of the difference due to."""
