"""Two engines, one strategy: do they agree, where do they part first, and what is the difference due to."""
