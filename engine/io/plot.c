// plot.c - a result as a picture: title, strips over a clock axis, caption, and the line every picture carries.

#include "io/io.h"
#include "io/plot_page.h"

#include <math.h>

enum { MARGIN = PAGE_MARGIN };

// what the lines are, where it needs saying
static void write_key(const wn_picture *p, char text[160]) {
  const char *of = p->daily ? "daily means of " : "";
  snprintf(text, 160, "%s",
           p->daily ? "Lines: daily means, in bands from the day's lowest to its highest value. " : "");
  if (p->n_subject > PLOT_PEOPLE)
    snprintf(text, 160, "Median, 5 and 95 %% of %s%d people; bars: the share inside. ", of, p->n_subject);
  else if (p->n_subject > 1)
    snprintf(text, 160, "Lines: %s%d people; bars: the share inside. ", of, p->n_subject);
}

static void draw_title(const wn_picture *p) {
  const wn_scenario *s = p->r->scenario;
  wn_grey(p->cr, 0);
  cairo_select_font_face(p->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  wn_text(p->cr, MARGIN, 30, 17, WN_ALIGN_LEFT, "%s", s->title);
  cairo_select_font_face(p->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  wn_grey(p->cr, 0.25);
  int first = (int)floor(p->from / 24) + 1, last = (int)ceil(p->to / 24 - 1e-9), all = (int)ceil(s->t_end / 24 - 1e-9);
  char days[64];
  if (first == last)
    snprintf(days, sizeof days, "day %d of %d", first, all);
  else
    snprintf(days, sizeof days, "days %d to %d of %d", first, last, all);
  char lines[160];
  write_key(p, lines);
  wn_text(p->cr, MARGIN, 49, 11, WN_ALIGN_LEFT, "Model %s, %s. %s%s %s. Dotted: the threshold of a window.",
          s->model->name, days, lines, p->daily ? "Ticks:" : "Triangles:",
          wn_scenario_n_subject(s) > 1 && wn_scenario_has_habits(s) ? "planned doses" : "doses");
}

// caption and the standing line; returns the height of the page
static double draw_caption(const wn_picture *p, bool draw) {
  const wn_scenario *s = p->r->scenario;
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  double y = p->bottom + 42;
  wn_grey(p->cr, 0.1);
  y = wn_text_wrap(p->cr, MARGIN, y, PLOT_WIDTH - 2 * MARGIN, 11, caption, draw);
  y += 18;
  wn_grey(p->cr, 0.35);
  if (draw) {
    wn_text(p->cr, MARGIN, y, 10, WN_ALIGN_LEFT, "%s", WN_NOT_MEDICAL_ADVICE);
    wn_text(p->cr, PLOT_WIDTH - MARGIN, y, 10, WN_ALIGN_RIGHT, "wane %s, %s", WANE_VERSION, s->name);
  }
  return y + 14;
}

static void draw(const wn_picture *p) {
  draw_title(p);
  wn_picture_axes(p);
  wn_picture_curves(p);
  wn_picture_windows(p);
  draw_caption(p, true);
}

// the page's height depends on the wrapped caption, which needs a surface to measure text on
static wn_status measure(wn_picture *p, wn_error *err) {
  cairo_surface_t *scratch = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 8, 8);
  p->cr = cairo_create(scratch);
  wn_status status = wn_picture_layout(p, err);
  if (!status) p->height = ceil(draw_caption(p, false));
  cairo_destroy(p->cr);
  cairo_surface_destroy(scratch);
  return status;
}

static void draw_page(const void *context, cairo_t *cr) {
  wn_picture p = *(const wn_picture *)context;
  p.cr = cr;
  draw(&p);
}

static wn_status make_picture(wn_picture *p, const char *path, wn_error *err) {
  WN_TRY(measure(p, err));
  return wn_page_write(path, PLOT_WIDTH, p->height, draw_page, p, err);
}

wn_status wn_plot(const wn_result *result, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  wn_picture p = {.r = result, .n_arm = result->scenario->n_arm, .arena = wn_arena_create()};
  p.n_subject = wn_scenario_n_subject(result->scenario);
  if (p.arena) p.scratch = wn_arena_alloc(p.arena, (size_t)p.n_subject * sizeof(double));
  wn_status status = p.scratch ? make_picture(&p, path, err) : wn_fail_memory(err);
  wn_arena_destroy(p.arena);
  return status;
}
