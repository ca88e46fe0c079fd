// plot_text.c - text, colours and line styles of the picture.

#include "io/plot_internal.h"

#include <stdio.h>
#include <string.h>

double wn_text_width(cairo_t *cr, double size, const char *text) {
  cairo_text_extents_t box;
  cairo_set_font_size(cr, size);
  cairo_text_extents(cr, text, &box);
  return box.x_advance;
}

void wn_text(cairo_t *cr, double x, double y, double size, wn_align align, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  double width = wn_text_width(cr, size, text);
  cairo_move_to(cr, align == WN_ALIGN_LEFT ? x : align == WN_ALIGN_RIGHT ? x - width : x - width / 2, y);
  cairo_show_text(cr, text);
  // the point where the text ended would be the start of the next path
  cairo_new_path(cr);
}

double wn_text_wrap(cairo_t *cr, double x, double y, double width, double size, const char *text, bool draw) {
  char line[512] = "";
  while (text && *text) {
    // take words while they fit
    size_t word = strcspn(text, " ");
    char longer[512];
    int length = snprintf(longer, sizeof longer, "%s%s", line, *line ? " " : "");
    snprintf(longer + length, sizeof longer - (size_t)length, "%.*s", (int)word, text);
    if (*line && wn_text_width(cr, size, longer) > width) {
      y += size * 1.35;
      if (draw) wn_text(cr, x, y, size, WN_ALIGN_LEFT, "%s", line);
      *line = '\0';
      continue;
    }
    memcpy(line, longer, sizeof line);
    text += word;
    text += strspn(text, " ");
  }
  if (*line) {
    y += size * 1.35;
    if (draw) wn_text(cr, x, y, size, WN_ALIGN_LEFT, "%s", line);
  }
  return y;
}

// Okabe & Ito 2008, without yellow (too light on white); neighbours differ in lightness too
static void set_colour(cairo_t *cr, int arm, double alpha) {
  static const unsigned colours[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0x56b4e9, 0x000000, 0xe69f00};
  unsigned c = colours[arm % (int)(sizeof colours / sizeof *colours)];
  cairo_set_source_rgba(cr, (c >> 16) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0, alpha);
}

void wn_colour(cairo_t *cr, int arm) { set_colour(cr, arm, 1); }

void wn_colour_light(cairo_t *cr, int arm) { set_colour(cr, arm, 0.22); }

void wn_grey(cairo_t *cr, double lightness) { cairo_set_source_rgb(cr, lightness, lightness, lightness); }

void wn_dash(cairo_t *cr, int arm) {
  static const double styles[][4] = {{0}, {7, 3, 7, 3}, {2, 2.5, 2, 2.5}, {9, 3, 2, 3}};
  const double *style = styles[arm % 4];
  cairo_set_dash(cr, style, style[0] > 0 ? 4 : 0, 0);
}
