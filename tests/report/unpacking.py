"""Reads what a page carries, the way its script does, but in Python."""

import base64
import json
import re
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from triplebar.contracts.result import RunResult
from triplebar.report.page import html_report


def decoded(packed: bytes, about: dict[str, Any]) -> npt.NDArray[np.float64]:
    """One array out of the inflated block."""
    length, offset = about["length"], about["offset"]
    planes = np.frombuffer(packed, np.uint8, 4 * length, offset).reshape(4, length)
    zigzag = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
    values = (zigzag >> 1) ^ -(zigzag & 1)
    for _ in range(about["steps"]):
        values = np.cumsum(values)
    return np.asarray(values / about["scale"])


class Carried:
    """The description and the arrays of a page."""

    def __init__(self, result: RunResult) -> None:
        page = html_report(result)
        self.facts = json.loads(self._between(page, '<script type="application/json" id="facts">'))
        text = self._between(page, '<script type="text/plain" id="arrays">')
        self.packed = zlib.decompress(base64.b64decode(text))

    @staticmethod
    def _between(page: str, tag: str) -> str:
        found = re.search(f"{re.escape(tag)}(.*?)</script>", page, re.DOTALL)
        assert found is not None
        return found[1]

    def array(self, name: str) -> npt.NDArray[np.float64]:
        return decoded(self.packed, self.facts["arrays"][name])

    def times_ns(self, name: str, about: dict[str, int]) -> npt.NDArray[np.int64]:
        return ((about["origin"] + self.array(name) * about["unit"]) * 1e6).round().astype(np.int64)
