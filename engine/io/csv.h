// csv.h - the two ways a field gets into a CSV file, shared by the writers of this room.
#ifndef WN_IO_CSV_H
#define WN_IO_CSV_H

#include "base/buffer.h"
#include "dose/dataset.h"

// Text, quoted when it has to be.
void wn_csv_text(wn_buffer *out, const char *text);

// The shortest text that reads back as the same bits; empty when not finite.
void wn_csv_number(wn_buffer *out, double value);

// Numbers, each after a comma: `step` apart from the first on.
void wn_csv_numbers(wn_buffer *out, const double *value, int n, size_t step);

// The name of a predicted column: `name`, with wane_ before it where the file has a column of that name in any letter
// case. From the arena; NULL out of memory.
const char *wn_records_column_name(const wn_dataset *data, wn_arena *arena, const char *name);

#endif
