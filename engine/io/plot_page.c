// plot_page.c - pages of pictures: surfaces, words around, labels. Must not know what is drawn.

#include "io/plot_page.h"

#include "io/io.h"
#include "io/png.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <string.h>

enum { PNG_SCALE = 2, MAX_HEIGHT = 16000, MAX_LABEL = 64 };

static cairo_status_t to_stream(void *closure, const unsigned char *data, unsigned length) {
  FILE *out = closure;
  return fwrite(data, 1, length, out) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

// Where a picture is drawn. The pixels of a PNG are ours: cairo's own come page by page from the system.
typedef struct canvas {
  cairo_surface_t *surface;
  unsigned char *pixels;  // NULL: not a PNG
  int width, height, stride;
} canvas;

static bool open_canvas(canvas *c, double width, double height, const char *ending, FILE *out) {
  *c = (canvas){0};
  if (strcmp(ending, ".svg") == 0) {
    c->surface = cairo_svg_surface_create_for_stream(to_stream, out, width, height);
  } else if (strcmp(ending, ".pdf") == 0) {
    c->surface = cairo_pdf_surface_create_for_stream(to_stream, out, width, height);
  } else {
    c->width = (int)width * PNG_SCALE, c->height = (int)height * PNG_SCALE;
    c->stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, c->width);
    c->pixels = wn_alloc((size_t)c->stride * (size_t)c->height);
    if (!c->pixels) return false;
    c->surface = cairo_image_surface_create_for_data(c->pixels, CAIRO_FORMAT_RGB24, c->width, c->height, c->stride);
  }
  return true;
}

static bool close_canvas(canvas *c, bool ok, FILE *out) {
  cairo_surface_flush(c->surface);
  if (c->pixels && ok) ok = wn_png_write(out, c->width, c->height, c->stride, c->pixels);
  cairo_surface_finish(c->surface);
  ok = ok && cairo_surface_status(c->surface) == CAIRO_STATUS_SUCCESS;
  cairo_surface_destroy(c->surface);
  wn_free(c->pixels);
  return ok;
}

static bool render(double width, double height, wn_page_draw *draw, const void *context, const char *ending,
                   FILE *out) {
  canvas c;
  if (!open_canvas(&c, width, height, ending, out)) return false;
  cairo_t *cr = cairo_create(c.surface);
  if (c.pixels) cairo_scale(cr, PNG_SCALE, PNG_SCALE);
  wn_grey(cr, 1);
  cairo_paint(cr);
  draw(context, cr);
  bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
  cairo_destroy(cr);
  return close_canvas(&c, ok, out);
}

wn_status wn_page_check(const char *path, wn_error *err) {
  const char *ending = strrchr(path, '.');
  if (ending && (strcmp(ending, ".svg") == 0 || strcmp(ending, ".png") == 0 || strcmp(ending, ".pdf") == 0))
    return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--plot: expected a file ending in .svg, .png or .pdf, got \"%s\"", path);
}

wn_status wn_page_write(const char *path, double width, double height, wn_page_draw *draw, const void *context,
                        wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  if (height > MAX_HEIGHT)
    return wn_fail(err, WN_ERR_USER, "--plot: too much for one picture; try fewer arms, metrics or windows");
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  if (render(width, ceil(height), draw, context, strrchr(path, '.'), file.stream) || ferror(file.stream))
    return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return wn_fail_memory(err);
}

void wn_page_title(cairo_t *cr, const wn_plot_words *words, const char *under) {
  wn_grey(cr, 0);
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  wn_text(cr, PAGE_MARGIN, 30, 17, WN_ALIGN_LEFT, "%s", words->title);
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  wn_grey(cr, 0.25);
  if (under) wn_text_wrap(cr, PAGE_MARGIN, 35, PLOT_WIDTH - 2 * PAGE_MARGIN, 11, under, true);
}

double wn_page_caption(cairo_t *cr, const wn_plot_words *words, double y, bool draw) {
  wn_grey(cr, 0.1);
  if (words->caption && *words->caption)
    y = wn_text_wrap(cr, PAGE_MARGIN, y, PLOT_WIDTH - 2 * PAGE_MARGIN, 11, words->caption, draw);
  y += 18;
  wn_grey(cr, 0.35);
  if (draw) {
    wn_text(cr, PAGE_MARGIN, y, 10, WN_ALIGN_LEFT, "%s", WN_NOT_MEDICAL_ADVICE);
    if (words->source) wn_text(cr, PLOT_WIDTH - PAGE_MARGIN, y, 10, WN_ALIGN_RIGHT, "%s", words->source);
  }
  return y + 14;
}

double wn_page_height(const wn_plot_words *words, double y) {
  // wrapped text needs a surface to be measured on
  cairo_surface_t *scratch = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 8, 8);
  cairo_t *cr = cairo_create(scratch);
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  double height = ceil(wn_page_caption(cr, words, y, false));
  cairo_destroy(cr);
  cairo_surface_destroy(scratch);
  return height;
}

typedef struct label {
  int arm;
  double y;
} label;

// sort by height, then push apart so that no two labels overlap and all stay beside their picture
static void push_apart(label *labels, int n, double top, double bottom, double gap) {
  for (int i = 1; i < n; i++) {
    label moved = labels[i];
    int j = i;
    for (; j > 0 && labels[j - 1].y > moved.y; j--) labels[j] = labels[j - 1];
    labels[j] = moved;
  }
  for (int i = 1; i < n; i++) labels[i].y = fmax(labels[i].y, labels[i - 1].y + gap);
  if (n && labels[n - 1].y > bottom) labels[n - 1].y = bottom;
  for (int i = n - 1; i > 0; i--) labels[i - 1].y = fmin(labels[i - 1].y, labels[i].y - gap);
  for (int i = 0; i < n && labels[i].y < top; i++) labels[i].y = top + i * gap;
}

void wn_page_labels(cairo_t *cr, double x, const double *y, const char *const *label_text, int n, double top,
                    double bottom) {
  label labels[MAX_LABEL];
  if (n > MAX_LABEL) n = MAX_LABEL;
  for (int i = 0; i < n; i++) labels[i] = (label){i, isfinite(y[i]) ? y[i] : bottom};
  double gap = fmin(14, (bottom - top) / n);
  push_apart(labels, n, top, bottom, gap);
  for (int i = 0; i < n; i++) {
    int arm = labels[i].arm;
    wn_colour(cr, arm);
    wn_dash(cr, arm);
    cairo_set_line_width(cr, 1.5);
    cairo_move_to(cr, x + 2, isfinite(y[arm]) ? y[arm] : labels[i].y);
    cairo_line_to(cr, x + 12, labels[i].y);
    cairo_line_to(cr, x + 26, labels[i].y);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    // (an arm without a curve is named all the same)
    wn_text(cr, x + 30, labels[i].y + 3.5, fmin(10.5, gap * 0.85), WN_ALIGN_LEFT, "%s%s", label_text[arm],
            isfinite(y[arm]) ? "" : ": no value");
  }
}
