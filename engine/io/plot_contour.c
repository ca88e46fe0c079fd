// plot_contour.c - lines of equal value over a map, by marching squares between the centres of cells. Must not know the
// colours below.

#include "io/plot_heat.h"

#include <math.h>

// A piece of a line, in page coordinates.
typedef struct piece {
  double x0, y0, x1, y1;
} piece;

// One square between four centres: where the level crosses its edges. Returns 0 to 2 pieces.
typedef struct square {
  double x[2], y[2], v[2][2];  // v[upper][right]
} square;

static double cross(double a, double b, double va, double vb, double level) {
  return a + (b - a) * (level - va) / (vb - va);
}

// points where the level crosses the square's edges in the order bottom, right, top, left; a saddle has four
static int crossings(const square *s, double level, double at[4][2]) {
  int n = 0;
  if ((s->v[0][0] < level) != (s->v[0][1] < level))
    at[n][0] = cross(s->x[0], s->x[1], s->v[0][0], s->v[0][1], level), at[n++][1] = s->y[0];
  if ((s->v[0][1] < level) != (s->v[1][1] < level))
    at[n][0] = s->x[1], at[n++][1] = cross(s->y[0], s->y[1], s->v[0][1], s->v[1][1], level);
  if ((s->v[1][0] < level) != (s->v[1][1] < level))
    at[n][0] = cross(s->x[0], s->x[1], s->v[1][0], s->v[1][1], level), at[n++][1] = s->y[1];
  if ((s->v[0][0] < level) != (s->v[1][0] < level))
    at[n][0] = s->x[0], at[n++][1] = cross(s->y[0], s->y[1], s->v[0][0], s->v[1][0], level);
  return n;
}

static int pieces_of(const square *s, double level, piece out[2]) {
  double at[4][2];
  int n = crossings(s, level, at);
  // a saddle: its middle says which corners belong together
  if (n == 4) {
    double middle = (s->v[0][0] + s->v[0][1] + s->v[1][0] + s->v[1][1]) / 4;
    bool joined = (middle < level) == (s->v[0][0] < level);
    // bottom with right and top with left, or left with bottom and right with top
    int first[2] = {joined ? 0 : 3, joined ? 2 : 1}, second[2] = {joined ? 1 : 0, joined ? 3 : 2};
    for (int i = 0; i < 2; i++) out[i] = (piece){at[first[i]][0], at[first[i]][1], at[second[i]][0], at[second[i]][1]};
    return 2;
  }
  if (n < 2) return 0;
  out[0] = (piece){at[0][0], at[0][1], at[1][0], at[1][1]};
  return 1;
}

static bool square_at(const wn_heat *h, int arm, int j, int i, const wn_axis *x, const wn_axis *y, square *s) {
  bool whole = true;
  for (int k = 0; k < 2; k++) {
    s->x[k] = wn_axis_at(x, h->x.value[i + k]), s->y[k] = wn_axis_at(y, h->y.value[j + k]);
    for (int l = 0; l < 2; l++) {
      s->v[k][l] = h->contour[wn_heat_cell(h, arm, j + k, i + l)];
      whole &= isfinite(s->v[k][l]);
    }
  }
  return whole;
}

enum { MAX_LABEL = 3, LABEL_GAP = 60 };

// Where a line's numbers stand: at the pieces nearest to `want` across the panel, apart from each other.
typedef struct labels {
  int n;
  double want, at[MAX_LABEL][2];
} labels;

static bool is_apart(const labels *l, double y) {
  for (int i = 0; i < l->n; i++)
    if (fabs(l->at[i][1] - y) < LABEL_GAP) return false;
  return true;
}

// trace one line; the piece that the next number belongs on becomes at[n]. Returns whether there is one.
static bool trace(const wn_heat *h, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y, double level, labels *l) {
  // all pieces of a line that reach that place count as near: the second arm of a ridge gets its number, too
  double best = l->n ? 40 : INFINITY;
  bool found = false;
  for (int j = 0; j + 1 < h->y.n; j++)
    for (int i = 0; i + 1 < h->x.n; i++) {
      square s;
      piece out[2];
      if (!square_at(h, arm, j, i, x, y, &s)) continue;
      int n = pieces_of(&s, level, out);
      for (int k = 0; k < n; k++) {
        cairo_move_to(cr, out[k].x0, out[k].y0);
        cairo_line_to(cr, out[k].x1, out[k].y1);
        double mx = (out[k].x0 + out[k].x1) / 2, my = (out[k].y0 + out[k].y1) / 2;
        if (fabs(mx - l->want) >= best || !is_apart(l, my)) continue;
        best = fabs(mx - l->want), found = true;
        l->at[l->n][0] = mx, l->at[l->n][1] = my;
      }
    }
  return found;
}

static void write_label(cairo_t *cr, const wn_axis *levels, double level, const double at[2]) {
  char text[24];
  wn_axis_text(levels, level, text);
  double width = wn_text_width(cr, 9.5, text);
  cairo_set_source_rgba(cr, 1, 1, 1, 0.85);
  cairo_rectangle(cr, at[0] - width / 2 - 2, at[1] - 6.5, width + 4, 12);
  cairo_fill(cr);
  wn_grey(cr, 0);
  wn_text(cr, at[0], at[1] + 3.4, 9.5, WN_ALIGN_CENTRE, "%s", text);
}

void wn_heat_contours(const wn_heat *h, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y) {
  wn_axis levels = wn_axis_fit(&h->plot->contour, h->contour_low, h->contour_high, 5, false);
  double level[WN_MAX_TICK];
  labels label[WN_MAX_TICK] = {0};
  int n = wn_axis_ticks(&levels, level);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < n; k++) {
      labels unused = {.want = x->from};
      trace(h, cr, arm, x, y, level[k], &unused);
      // a dark line in a white one is seen on every colour
      wn_grey(cr, pass ? 0 : 1);
      cairo_set_line_width(cr, pass ? 1.1 : 3);
      cairo_stroke(cr);
    }
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
  for (int k = 0; k < n; k++) {
    label[k].want = x->from + (x->to - x->from) * (k + 1.0) / (n + 1.0);
    while (label[k].n < MAX_LABEL && trace(h, cr, arm, x, y, level[k], &label[k])) label[k].n++;
    cairo_new_path(cr);
    for (int i = 0; i < label[k].n; i++) write_label(cr, &levels, level[k], label[k].at[i]);
  }
}
