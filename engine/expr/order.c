// order.c - the order in which unknowns are eliminated: at each step the diagonal pivot that can cause least fill-in
// (H. M. Markowitz, Management Sci. 3:255, 1957), the first of equals.
// Invariant: `filled` holds the pattern of L+U of everything eliminated so far. Knows no numbers.

#include "expr/order.h"
#include "base/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

// (entries of the row - 1) x (entries of the column - 1) among what is not yet eliminated
static long markowitz_cost(int n, const unsigned char *filled, const bool *is_done, int pivot) {
  long in_row = 0, in_column = 0;
  for (int k = 0; k < n; k++) {
    if (is_done[k] || k == pivot) continue;
    in_row += filled[(size_t)pivot * (size_t)n + (size_t)k];
    in_column += filled[(size_t)k * (size_t)n + (size_t)pivot];
  }
  return in_row * in_column;
}

static int cheapest(int n, const unsigned char *filled, const bool *is_done) {
  int best = -1;
  long best_cost = 0;
  for (int pivot = 0; pivot < n; pivot++) {
    if (is_done[pivot]) continue;
    long cost = markowitz_cost(n, filled, is_done, pivot);
    if (best < 0 || cost < best_cost) best = pivot, best_cost = cost;
  }
  assert(best >= 0);
  return best;
}

static void eliminate(int n, unsigned char *filled, const bool *is_done, int pivot) {
  const unsigned char *from = filled + (size_t)pivot * (size_t)n;
  for (int i = 0; i < n; i++) {
    unsigned char *row = filled + (size_t)i * (size_t)n;
    if (is_done[i] || !row[pivot]) continue;
    for (int j = 0; j < n; j++)
      if (!is_done[j] && from[j]) row[j] = 1;
  }
}

wn_status wn_order_choose(int n, unsigned char *filled, int *order, wn_error *err) {
  bool *is_done = wn_alloc((size_t)n * sizeof *is_done);
  if (!is_done) return wn_fail_memory(err);
  for (int step = 0; step < n; step++) {
    int pivot = cheapest(n, filled, is_done);
    order[step] = pivot;
    is_done[pivot] = true;
    eliminate(n, filled, is_done, pivot);
  }
  wn_free(is_done);
  return WN_OK;
}
