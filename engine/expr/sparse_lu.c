// sparse_lu.c - lay out the factorisation of I - gamma J once per model: order, fill-in, where every entry lies, and
// which entries each elimination touches.
// Invariant: rows of `code` are in elimination order and the targets in the order the kernels read them. The
// arithmetic is in lu_body.h.

#include "expr/sparse_lu.h"
#include "base/memory.h"
#include "expr/kernels.h"
#include "expr/native_slot.h"
#include "expr/order.h"
#include "expr/program.h"

#include <assert.h>
#include <stdbool.h>

struct wn_lu {
  wn_lu_code code;
  int n_instruction;
  wn_native_slot native;
};

// What is needed only while laying out.
typedef struct layout {
  unsigned char *filled;  // [n][n] pattern of L+U, original numbering
  int *rank;              // [n] step at which an unknown is eliminated
  int *at;                // [n][n] entry of (row, column) in elimination order, where there is one
} layout;

static bool has_entry(const wn_lu_code *code, const layout *plan, int i, int j) {
  return plan->filled[(size_t)code->original[i] * (size_t)code->n + (size_t)code->original[j]];
}

static int *at(const wn_lu_code *code, const layout *plan, int i, int j) {
  return &plan->at[(size_t)i * (size_t)code->n + (size_t)j];
}

static wn_status choose_order(wn_lu_code *code, layout *plan, const int *row, const int *col, wn_error *err) {
  size_t n = (size_t)code->n;
  plan->filled = wn_alloc(n * n);
  plan->rank = wn_alloc(n * sizeof *plan->rank);
  plan->at = wn_alloc(n * n * sizeof *plan->at);
  code->original = wn_alloc(n * sizeof *code->original);
  if (!plan->filled || !plan->rank || !plan->at || !code->original) return wn_fail_memory(err);
  for (size_t i = 0; i < n; i++) plan->filled[i * n + i] = 1;
  for (int k = 0; k < code->n_nz; k++) {
    assert(row[k] >= 0 && row[k] < code->n && col[k] >= 0 && col[k] < code->n);
    plan->filled[(size_t)row[k] * n + (size_t)col[k]] = 1;
  }
  WN_TRY(wn_order_choose(code->n, plan->filled, code->original, err));
  for (int i = 0; i < code->n; i++) plan->rank[code->original[i]] = i;
  return WN_OK;
}

// Number the entries row by row.
static wn_status place_entries(wn_lu_code *code, layout *plan, const int *row, const int *col, wn_error *err) {
  size_t n = (size_t)code->n, n_fill = 0;
  for (size_t k = 0; k < n * n; k++) n_fill += plan->filled[k];
  code->row_start = wn_alloc((n + 1) * sizeof *code->row_start);
  code->pivot = wn_alloc(n * sizeof *code->pivot);
  code->column = wn_alloc(n_fill * sizeof *code->column);
  code->across = wn_alloc(n_fill * sizeof *code->across);
  code->entry = wn_alloc((size_t)code->n_nz * sizeof *code->entry);
  if (!code->row_start || !code->pivot || !code->column || !code->across || !code->entry) return wn_fail_memory(err);
  for (int i = 0; i < code->n; i++) {
    code->row_start[i] = code->n_fill;
    for (int j = 0; j < code->n; j++) {
      if (!has_entry(code, plan, i, j)) continue;
      if (i == j) code->pivot[i] = code->n_fill;
      code->column[code->n_fill] = j;
      *at(code, plan, i, j) = code->n_fill++;
    }
  }
  code->row_start[code->n] = code->n_fill;
  for (int i = 0; i < code->n; i++)
    for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
      int k = code->column[e];
      code->across[e] = has_entry(code, plan, k, i) ? *at(code, plan, k, i) : -1;
    }
  for (int k = 0; k < code->n_nz; k++) code->entry[k] = *at(code, plan, plan->rank[row[k]], plan->rank[col[k]]);
  return WN_OK;
}

// List the entries that eliminations subtract from; with target NULL only count them.
static int list_targets(const wn_lu_code *code, const layout *plan, int *target) {
  int count = 0;
  for (int i = 0; i < code->n; i++)
    for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
      int k = code->column[e];
      for (int u = code->pivot[k] + 1; u < code->row_start[k + 1]; u++, count++)
        if (target) target[count] = *at(code, plan, i, code->column[u]);
    }
  return count;
}

static wn_status lay_out(wn_lu *lu, layout *plan, const int *row, const int *col, wn_error *err) {
  wn_lu_code *code = &lu->code;
  WN_TRY(choose_order(code, plan, row, col, err));
  WN_TRY(place_entries(code, plan, row, col, err));
  code->n_target = list_targets(code, plan, NULL);
  code->target = wn_alloc((size_t)code->n_target * sizeof *code->target);
  if (!code->target) return wn_fail_memory(err);
  list_targets(code, plan, code->target);
  // one multiplication per entry of L, one multiply-subtract per target, one division per pivot
  lu->n_instruction = code->n_target + code->n;
  for (int i = 0; i < code->n; i++) lu->n_instruction += code->pivot[i] - code->row_start[i];
  return WN_OK;
}

wn_lu *wn_lu_create(int n, int n_nz, const int *row, const int *col, wn_error *err) {
  wn_lu *lu = wn_alloc(sizeof *lu);
  if (!lu) {
    wn_fail_memory(err);
    return NULL;
  }
  lu->code.n = n;
  lu->code.n_nz = n_nz;
  layout plan = {0};
  wn_status status = lay_out(lu, &plan, row, col, err);
  wn_free(plan.filled);
  wn_free(plan.rank);
  wn_free(plan.at);
  if (!status) return lu;
  wn_lu_destroy(lu);
  return NULL;
}

void wn_lu_destroy(wn_lu *lu) {
  if (!lu) return;
  wn_free(lu->code.row_start);
  wn_free(lu->code.pivot);
  wn_free(lu->code.column);
  wn_free(lu->code.across);
  wn_free(lu->code.original);
  wn_free(lu->code.entry);
  wn_free(lu->code.target);
  wn_free(lu);
}

int wn_lu_n_fill(const wn_lu *lu) { return lu->code.n_fill; }

int wn_lu_n_instruction(const wn_lu *lu) { return lu->n_instruction; }

size_t wn_lu_workspace(const wn_lu *lu, int width) { return (size_t)lu->code.n_fill * (size_t)width; }

int wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work) {
  assert(width > 0 && width % WN_LANES == 0);
  const wn_native_code *native = wn_native_slot_find(&lu->native, width);
  if (native) return native->factor(gamma, jac, work);
  return wn_kernels_get()->lu_factor(&lu->code, width, gamma, jac, work);
}

void wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b) {
  assert(width > 0 && width % WN_LANES == 0);
  const wn_native_code *native = wn_native_slot_find(&lu->native, width);
  if (native)
    native->solve(work, b);
  else
    wn_kernels_get()->lu_solve(&lu->code, width, work, b);
}

wn_native_slot *wn_lu_slot(wn_lu *lu) { return &lu->native; }

const wn_lu_code *wn_lu_code_of(const wn_lu *lu) { return &lu->code; }
