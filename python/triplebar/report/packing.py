"""Arrays of numbers inside a page: differences as whole numbers, byte by byte, deflated, as one base64 text.

A browser inflates them in one go and has typed arrays again; `web/data.js` is the other half of this file.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LIMIT: Final = 2**31 - 1
DECIMALS_MAX: Final = 6
DEFLATE_LEVEL: Final = 6


@dataclass(slots=True)
class Pack:
    """Collects arrays; `index` says where each one lies, `text` is all of them.

    >>> pack = Pack()
    >>> pack.add("price", np.array([100.25, 100.5]))
    >>> pack.index["price"]
    {'offset': 0, 'length': 2, 'steps': 1, 'scale': 100}
    """

    index: dict[str, dict[str, Any]] = field(default_factory=dict)
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def add(self, name: str, values: npt.NDArray[Any], *, steps: int = 1, decimals: int | None = None) -> None:
        """Add an array; `steps` 0 keeps the values, 1 their differences, 2 the differences of these.

        Numbers are rounded to `decimals`, or to as many (six at most) as leave room for the largest.
        """
        scale = 10 ** (_decimals(values, steps) if decimals is None else decimals)
        whole = np.rint(np.asarray(values, dtype=np.float64) * scale).astype(np.int64)
        self._add(name, whole, steps, scale)

    def add_whole(self, name: str, values: npt.NDArray[Any], *, steps: int = 1, scale: float = 1) -> None:
        """Add whole numbers, which are counted in parts of `scale`; they stay exact up to 2**53."""
        self._add(name, np.asarray(values).astype(np.int64), steps, scale)

    def _add(self, name: str, whole: npt.NDArray[np.int64], steps: int, scale: float) -> None:
        differences = _differences(whole, steps)
        most = int(np.abs(differences).max(initial=0))
        if most > LIMIT:  # fewer digits than it has: good enough for a picture
            coarse = 10 ** (len(str(most)) - 9)
            differences, scale = _differences(whole // coarse, steps), scale / coarse
        zigzag = ((differences << 1) ^ (differences >> 63)).astype("<u4")
        planes = zigzag.view(np.uint8).reshape(-1, 4).T.tobytes()  # equal bytes side by side deflate better
        self.index[name] = {"offset": self._size, "length": int(whole.size), "steps": steps, "scale": scale}
        self._parts.append(planes)
        self._size += len(planes)

    def text(self) -> str:
        """Return all arrays as one text."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), DEFLATE_LEVEL)).decode()


def _differences(whole: npt.NDArray[np.int64], steps: int) -> npt.NDArray[np.int64]:
    for _ in range(steps):
        whole = np.diff(whole, prepend=np.int64(0))
    return whole


def _decimals(values: npt.NDArray[Any], steps: int) -> int:
    """As many decimals as leave room for the largest difference, and no more than the values have."""
    floats = np.asarray(values, dtype=np.float64)
    if not floats.size:
        return 0
    largest = max(float(np.abs(floats).max()) * 2 ** max(0, steps), 1e-9)
    room = int(np.floor(np.log10(LIMIT / largest)))
    most = max(0, min(DECIMALS_MAX, room))
    return next((each for each in range(most) if np.array_equal(np.round(floats, each), floats)), most)
