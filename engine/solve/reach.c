// reach.c - see reach.h. Invariant: a pattern depends on the equations only, never on numbers, so that one pattern
// serves every lane. Must not know what the entries are.
#include "solve/reach.h"
#include "base/memory.h"
#include <stddef.h>

// steps of the shortest way from column to row, -1 where there is none (Floyd and Warshall)
static int *make_distances(int n, int n_nz, const int *row, const int *col) {
  int *way = wn_alloc((size_t)n * (size_t)n * sizeof *way);
  if (!way) return NULL;
  for (int i = 0; i < n * n; i++) way[i] = i % (n + 1) == 0 ? 0 : -1;
  for (int k = 0; k < n_nz; k++) {
    if (row[k] != col[k]) way[row[k] * n + col[k]] = 1;
  }
  for (int over = 0; over < n; over++) {
    for (int i = 0; i < n; i++) {
      const int first = way[i * n + over];
      for (int j = 0; j < n && first >= 0; j++) {
        const int second = way[over * n + j];
        if (second >= 0 && (way[i * n + j] < 0 || way[i * n + j] > first + second)) way[i * n + j] = first + second;
      }
    }
  }
  return way;
}

static int count_products(int n, const int *way) {
  int n_product = 0;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n && way[i * n + k] >= 0; j++) n_product += way[k * n + j] >= 0;
    }
  }
  return n_product;
}

int wn_reach_n_product(int n, int n_nz, const int *row, const int *col) {
  int *way = make_distances(n, n_nz, row, col);
  const int n_product = way ? count_products(n, way) : -1;
  wn_free(way);
  return n_product;
}

static bool pattern_init(wn_pattern *pattern, int n, int most) {
  *pattern = (wn_pattern){.n = n};
  pattern->start = wn_alloc(((size_t)n + 1) * sizeof *pattern->start);
  pattern->col = wn_alloc((size_t)most * sizeof *pattern->col);
  return pattern->start && pattern->col;
}

// the entries that can be reached, row by row; `entry` [n][n] says where each stands, or -1
static void list_entries(wn_reach *reach, const int *way, int *entry) {
  wn_pattern *to = &reach->to;
  for (int i = 0; i < to->n; i++) {
    to->start[i] = to->n_entry;
    for (int j = 0; j < to->n; j++) {
      const int steps = way[i * to->n + j];
      entry[i * to->n + j] = steps < 0 ? -1 : to->n_entry;
      if (steps < 0) continue;
      if (steps > reach->longest) reach->longest = steps;
      reach->is_diagonal[to->n_entry] = i == j;
      to->col[to->n_entry++] = j;
    }
  }
  to->start[to->n] = to->n_entry;
}

// the caller's entries in order of rows and columns
static void list_given(wn_reach *reach, int n_nz, const int *row, const int *col, const int *entry) {
  wn_pattern *from = &reach->from;
  const int n = from->n;
  from->n_entry = n_nz;
  for (int k = 0; k < n_nz; k++) {
    int at = 0;
    for (int other = 0; other < n_nz; other++) at += row[other] * n + col[other] < row[k] * n + col[k];
    reach->order[k] = at;
    reach->place[at] = entry[row[k] * n + col[k]];
    from->col[at] = col[k];
    from->start[row[k] + 1]++;
  }
  for (int i = 0; i < n; i++) from->start[i + 1] += from->start[i];
}

static void list_products(wn_reach *reach, const int *entry) {
  const wn_pattern *to = &reach->to;
  int n_product = 0;
  for (int i = 0; i < to->n; i++) {
    for (int e = to->start[i]; e < to->start[i + 1]; e++) {
      reach->product_start[e] = n_product;
      for (int left = to->start[i]; left < to->start[i + 1]; left++) {
        const int right = entry[to->col[left] * to->n + to->col[e]];
        if (right < 0) continue;
        reach->product[n_product][0] = left;
        reach->product[n_product++][1] = right;
      }
    }
  }
  reach->product_start[to->n_entry] = n_product;
}

bool wn_reach_init(wn_reach *reach, int n, int n_nz, const int *row, const int *col) {
  *reach = (wn_reach){0};
  const size_t n_cell = (size_t)n * (size_t)n, n_given = (size_t)n_nz + 1;
  int *way = make_distances(n, n_nz, row, col), *entry = wn_alloc(n_cell * sizeof *entry);
  reach->n_product = way ? count_products(n, way) : 0;
  reach->order = wn_alloc(n_given * sizeof *reach->order);
  reach->place = wn_alloc(n_given * sizeof *reach->place);
  reach->is_diagonal = wn_alloc(n_cell * sizeof *reach->is_diagonal);
  reach->product_start = wn_alloc((n_cell + 1) * sizeof *reach->product_start);
  reach->product = wn_alloc((size_t)reach->n_product * sizeof *reach->product);
  bool ok = pattern_init(&reach->from, n, n_nz + 1);
  ok = pattern_init(&reach->to, n, n * n) && ok;
  ok = ok && way && entry && reach->order && reach->place && reach->is_diagonal && reach->product_start &&
       reach->product;
  if (ok) {
    list_entries(reach, way, entry);
    list_given(reach, n_nz, row, col, entry);
    list_products(reach, entry);
  }
  wn_free(way);
  wn_free(entry);
  if (!ok) wn_reach_free(reach);
  return ok;
}

void wn_reach_free(wn_reach *reach) {
  wn_free(reach->from.start);
  wn_free(reach->from.col);
  wn_free(reach->to.start);
  wn_free(reach->to.col);
  wn_free(reach->order);
  wn_free(reach->place);
  wn_free(reach->is_diagonal);
  wn_free(reach->product_start);
  wn_free(reach->product);
  *reach = (wn_reach){0};
}
