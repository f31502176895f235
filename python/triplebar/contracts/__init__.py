"""The language everyone speaks: orders, fills, instruments, money, time, configuration, errors, ports.

Nothing in here knows an engine, a file or a data frame. Import what you need from the module that is
named after it; importing this package alone loads nothing.
"""
