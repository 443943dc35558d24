"""What measures, measured: the same cases every time, and a page that tells about them."""
