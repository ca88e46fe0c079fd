// csv.h - the two ways a field gets into a CSV file, shared by the writers of this room.
#ifndef WN_IO_CSV_H
#define WN_IO_CSV_H

#include <stdio.h>

// Text, quoted when it has to be.
void wn_csv_text(FILE *out, const char *text);

// 15 significant digits; empty when not finite.
void wn_csv_number(FILE *out, double value);

#endif
