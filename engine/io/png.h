// png.h - pixels to a PNG file. cairo's own way takes longer for a picture of lines than drawing it: it tries every
// filter on every row, and a picture of lines compresses best without any.
#ifndef WN_IO_PNG_H
#define WN_IO_PNG_H

#include <stdbool.h>
#include <stdio.h>

// Pixels of 32 bits as cairo's RGB24 has them, rows `stride` bytes apart. False when memory or the file gave out.
bool wn_png_write(FILE *out, int width, int height, int stride, const unsigned char *pixels);

#endif
