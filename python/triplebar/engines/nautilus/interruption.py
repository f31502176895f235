"""How a run leaves the guest's loop before the end of its data."""


class Interrupted(Exception):  # noqa: N818 - not an error
    """The caller has asked to stop."""
