"""Reads a picture from standard input and prints what the QR code in it says.

The picture: its width and its height in decimal on one line, then a byte for each dot.
"""

import sys

import zxingcpp

width, height = map(int, sys.stdin.buffer.readline().split())
dots = memoryview(sys.stdin.buffer.read()).cast("B", (height, width))
(found,) = zxingcpp.read_barcodes(dots)
print(found.text)
