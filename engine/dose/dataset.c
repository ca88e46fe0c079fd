// dataset.c - a data set's life. Invariant: fields and lines are blocks of their own (the reader hands over what it
// cut), everything else lives in the arena. Knows no file format.

#include "dose/dataset.h"

wn_dataset *wn_dataset_create(const wn_model *model) {
  wn_arena *arena = wn_arena_create();
  wn_dataset *data = arena ? wn_arena_alloc(arena, sizeof *data) : NULL;
  if (!data) {
    wn_arena_destroy(arena);
    return NULL;
  }
  *data = (wn_dataset){.arena = arena, .model = model};
  return data;
}

void wn_dataset_destroy(wn_dataset *data) {
  if (!data) return;
  wn_free(data->field);
  wn_free(data->line);
  wn_free(data->length);
  wn_free(data->text);
  wn_arena_destroy(data->arena);
}
