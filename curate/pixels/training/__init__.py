"""Makes the glance's network anew from drawn scenes; neither the product nor its tests need it (docs/pixels.md)."""
