"""The executable specification in plain Python: slow, obvious, close to the text of `docs/semantics.md`."""

from triplebar.engines.reference.engine import ReferenceEngine

__all__ = ["ReferenceEngine"]
