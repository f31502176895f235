"""The part that talks to Numba: types, and what can be done with them. Imported only to compile, never to run."""
