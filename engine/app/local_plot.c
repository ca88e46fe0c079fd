// local_plot.c - the tornado of local sensitivities: what 10 % less and more of every parameter do to one metric, by
// its derivative. Invariant: what has no derivative, or a parameter of 0, has no bar.

#include "app.h"

#include "base/text.h"
#include "io/grid.h"
#include "io/io.h"
#include "io/plot_sweep.h"
#include "local.h"

#include <math.h>
#include <string.h>

static const double SHARE = 0.1;

// ---- which metric: [ARM/]QUANTITY.OF of the last whole dosing day

static bool is_named(const wn_local_metric *m, const char *name, size_t length) {
  size_t quantity = strlen(m->metric.quantity), of = strlen(m->metric.of);
  return length == quantity + 1 + of && strncmp(name, m->metric.quantity, quantity) == 0 && name[quantity] == '.' &&
         strncmp(name + quantity + 1, m->metric.of, of) == 0;
}

// the last of them: windows occur several times, and days come in order
static const wn_local_metric *find(const wn_local *l, int arm, const char *name) {
  const wn_local_metric *found = NULL;
  for (int i = 0; i < l->metrics.n; i++) {
    const wn_local_metric *m = &l->metrics.data[i];
    if (m->arm == arm && is_named(m, name, strlen(name))) found = m;
  }
  return found;
}

// without a choice: the first window's hours where there are some, else the first metric
static const wn_local_metric *choose(const wn_local *l) {
  const wn_local_metric *found = NULL;
  for (int i = 0; i < l->metrics.n; i++) {
    const wn_local_metric *m = &l->metrics.data[i];
    bool is_hours = strcmp(m->metric.quantity, "hours_per_day") == 0 && m->metric.value > 0 && m->metric.value < 24;
    if (!is_hours) continue;
    if (found && (m->arm != found->arm || strcmp(m->metric.of, found->metric.of) != 0)) break;
    found = m;
  }
  return found || l->metrics.n == 0 ? found : &l->metrics.data[0];
}

static wn_status find_asked(const wn_local *l, const char *text, const wn_local_metric **found, wn_error *err) {
  const char *slash = text ? strchr(text, '/') : NULL;
  int arm = slash ? -1 : 0;
  for (int i = 0; slash && i < l->scenario->n_arm; i++) {
    const char *name = l->scenario->arm[i].name;
    if (strlen(name) == (size_t)(slash - text) && strncmp(name, text, strlen(name)) == 0) arm = i;
  }
  if (arm < 0)
    return wn_fail(err, WN_ERR_USER, "--show: unknown arm \"%.*s\"; try %s", (int)(slash - text), text,
                   l->scenario->arm[0].name);
  *found = text ? find(l, arm, slash ? slash + 1 : text) : choose(l);
  if (*found) return WN_OK;
  return wn_fail(err, WN_ERR_USER,
                 "--show: no metric \"%.60s\" to draw; try one like hours_per_day.NAME of a window, or "
                 "mean.NAME of a watched output",
                 text ? text : "");
}

// ---- the picture

typedef struct bars {
  wn_arena *arena;
  int n;
  const char **name;
  double *low, *high;
} bars;

static wn_status fill(bars *b, const wn_local *l, const wn_local_metric *m, wn_error *err) {
  size_t n = (size_t)l->n_sens;
  b->name = wn_arena_alloc(b->arena, n * sizeof *b->name);
  b->low = wn_arena_alloc(b->arena, n * sizeof(double));
  b->high = wn_arena_alloc(b->arena, n * sizeof(double));
  if (!b->name || !b->low || !b->high) return wn_fail_memory(err);
  for (int k = 0; k < l->n_sens; k++) {
    bool is_param = k < l->motion->n_param;
    const wn_parameter *p = is_param ? &l->scenario->model->param[l->motion->param[k]] : NULL;
    double value = wn_local_value(l, m->arm, k);
    char number[16];
    if (value == 0 || !isfinite(m->by[k]) || m->by[k] == 0) continue;
    wn_format_short(value, number);
    b->low[b->n] = m->metric.value - SHARE * m->by[k];
    b->high[b->n] = m->metric.value + SHARE * m->by[k];
    b->name[b->n] = p ? wn_arena_printf(b->arena, "%s %s%s%s, %s", p->name, number, strcmp(p->unit, "1") ? " " : "",
                                        strcmp(p->unit, "1") ? p->unit : "", wn_badge_name(p->badge))
                      : wn_local_name(l, k);
    if (!b->name[b->n++]) return wn_fail_memory(err);
  }
  return WN_OK;
}

static wn_status draw(bars *b, const wn_local *l, const wn_local_metric *m, const char *path, wn_error *err) {
  const wn_scenario *s = l->scenario;
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  bool is_edge = strcmp(m->metric.quantity, "window_start") == 0 || strcmp(m->metric.quantity, "window_end") == 0;
  WN_TRY(fill(b, l, m, err));
  if (b->n == 0)
    return wn_fail(err, WN_ERR_USER, "--show: nothing moves %s of %s; choose another", m->metric.quantity,
                   m->metric.of);
  const char *metric = wn_arena_printf(b->arena, "%s of %s%s", m->metric.quantity, m->metric.of,
                                       m->metric.day ? ", last dosing day" : "");
  const char *title =
      wn_arena_printf(b->arena, "%s: what moves %s of %s", s->arm[m->arm].label, m->metric.quantity, m->metric.of);
  const char *words = wn_arena_printf(
      b->arena,
      "From 10 %% less to 10 %% more of each number, by derivatives; nothing is said about how uncertain it is. %s",
      caption);
  const char *source = wn_arena_printf(b->arena, "wane %s, %s", wn_version(), s->name);
  if (!metric || !title || !words || !source) return wn_fail_memory(err);
  wn_plot_tornado plot = {.words = {title, words, source},
                          .metric = {metric, m->metric.unit, is_edge ? WN_SCALE_CLOCK : WN_SCALE_LINEAR, NULL},
                          .base = m->metric.value,
                          .n_bar = b->n,
                          .name = b->name,
                          .low = b->low,
                          .high = b->high};
  return wn_plot_tornado_write(&plot, path, err);
}

wn_status wn_app_local_plot(const wn_local *local, const char *show, const char *path, wn_error *err) {
  const wn_local_metric *metric;
  WN_TRY(find_asked(local, show, &metric, err));
  bars b = {.arena = wn_arena_create()};
  if (!b.arena) return wn_fail_memory(err);
  wn_status status = draw(&b, local, metric, path, err);
  wn_arena_destroy(b.arena);
  return status;
}
