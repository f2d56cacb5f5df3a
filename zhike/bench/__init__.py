"""Big made-up data and the measurements over it. Nothing here is imported by the product.

`make bench` runs `python -m zhike.bench`; `zhike bench load` and `zhike bench run` do one half each.
"""
