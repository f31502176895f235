"""Market data: load, check, align, resample, make up.

The main thing is `triplebar.data.market.Market`; everything else here leads to one or comes from one.
"""
