// find.c - wane sweep of a scenario with a goal: try every point of its grid, say which meets the goal best, how much
// is to spare, and what is not known. Invariant: an answer never stands alone: what it rests on is said with it.

#include "app.h"

#include "base/pool.h"
#include "base/text.h"
#include "io/grid.h"
#include "io/io.h"
#include "io/plot_sweep.h"
#include "model/provenance.h"
#include "progress.h"
#include "sweep/file.h"
#include "sweep/find.h"
#include "sweeping.h"

#include <math.h>
#include <string.h>

enum { N_NEXT = 5, MAX_CELL = 1000000 };

typedef struct finding {
  const wn_args *args;
  wn_study *study;  // planned once, for the goal and the words
  const wn_goal *goal;
  wn_sweeping_def def;
  wn_sweeping *sweeping;
  wn_found *found;
  wn_ranks
      *ranks;  // NULL: alone. Ranks share the work where they can meet, in a file's folder; rank 0 finds and speaks
  wn_progress_line progress;
} finding;

static bool leads(const finding *f) { return !f->ranks || f->ranks->rank == 0; }
static bool is_quiet(const finding *f) { return wn_args_has(f->args, "quiet") || !leads(f); }

// ---- words

static const wn_design_input *input_at(const finding *f, int i) {
  return wn_design_input_at(wn_sweeping_design(f->sweeping), i);
}

// "dose 3.5 mg, at 21:30"
static void point_text(const finding *f, const wn_find_cell *cell, char text[256]) {
  size_t at = 0;
  text[0] = '\0';
  for (int i = 0; i < f->goal->n_over && at < 200; i++) {
    const wn_design_input *input = input_at(f, i);
    char number[32];
    if (input->is_clock)
      wn_format_clock(cell->input[i], number);
    else
      snprintf(number, sizeof number, "%.4g", cell->input[i]);
    bool has_unit = !input->is_clock && *input->unit && strcmp(input->unit, "1") != 0;
    at += (size_t)snprintf(text + at, 256 - at, "%s%.40s %s%s%.20s", i ? ", " : "", input->name, number,
                           has_unit ? " " : "", has_unit ? input->unit : "");
  }
}

static void value_text(double value, bool is_clock, const char *unit, char text[48]) {
  char number[16], clock[6];
  wn_format_short(value, number);
  if (is_clock && isfinite(value)) wn_format_clock(value, clock);
  bool has_unit = *unit && strcmp(unit, "1") != 0 && isfinite(value) && !is_clock;
  snprintf(text, 48, "%s%s%.24s", is_clock && isfinite(value) ? clock : number, has_unit ? " " : "",
           has_unit ? unit : "");
}

// how a bound is kept: "3.40 h, 2.60 h to spare"
static void bound_text(const finding *f, const wn_find_cell *cell, int b, char text[160]) {
  const wn_goal_bound *bound = &f->goal->bound[b];
  const char *unit = f->found->bound_unit[b];
  char value[48], spare[48];
  double by = cell->spare[b];
  value_text(cell->value[b], bound->is_clock, unit, value);
  value_text(fabs(by), false, unit, spare);
  if (isinf(by) && by > 0)
    snprintf(text, 160, "no window");
  else if (isinf(by))
    snprintf(text, 160, "%s, not kept: no edge, or a run failed", value);
  else
    snprintf(text, 160, "%s, %s %s", value, spare, by > 0 ? "to spare" : "beyond");
}

static void print_cell(const finding *f, const wn_find_cell *cell) {
  char point[256], objective[48], how[160];
  point_text(f, cell, point);
  value_text(cell->objective, false, f->found->unit, objective);
  fprintf(stdout, "%s: %s of %s %s\n", point, f->goal->quantity, f->goal->of, objective);
  for (int b = 0; b < f->goal->n_bound; b++) {
    bound_text(f, cell, b, how);
    fprintf(stdout, "  %s: %s", f->goal->bound[b].words, how);
    if (cell->n > 1) fprintf(stdout, " (kept in %.0f %% of %d runs)", 100 * cell->share[b], cell->n);
    fputc('\n', stdout);
  }
}

static void print_next(const finding *f) {
  const wn_found *found = f->found;
  int last = found->n_met < N_NEXT + 1 ? found->n_met : N_NEXT + 1;
  if (last < 2) return;
  wn_columns c;
  wn_columns_init(&c, 3 + f->goal->n_bound <= WN_MAX_COLUMN ? 2 + f->goal->n_bound : 2, 2, NULL);
  fprintf(stdout, "\nnext best\n");
  for (int i = 1; i < last; i++) {
    char point[256], objective[48], how[4][160] = {"", "", "", ""};
    const wn_find_cell *cell = &found->cell[i];
    point_text(f, cell, point);
    value_text(cell->objective, false, found->unit, objective);
    for (int b = 0; b < f->goal->n_bound && b < 4; b++) bound_text(f, cell, b, how[b]);
    wn_columns_add(&c, point, objective, how[0], how[1], how[2], how[3]);
  }
  if (c.n > 6) c.n = 6;
  wn_columns_print(&c, stdout, wn_app_columns());
}

// an answer at the border of what was tried may lie beyond it
static void print_border(const finding *f, const wn_find_cell *cell) {
  for (int i = 0; i < f->goal->n_over; i++) {
    const wn_design_input *input = input_at(f, i);
    if (input->n_level < 2) continue;
    if (cell->input[i] == input->level[0] || cell->input[i] == input->level[input->n_level - 1])
      fprintf(stdout, "the answer is at an end of what was tried for %s: look beyond\n", input->name);
  }
}

static void print_known(const finding *f) {
  const wn_scenario *s = f->study->scenario;
  int counts[3], outputs[64], n = 0, width = wn_app_columns();
  for (int i = 0; i < s->n_watch && n < 32; i++) outputs[n++] = s->watch[i];
  for (int w = 0; w < s->n_window && n < 64; w++) outputs[n++] = s->window[w].output;
  wn_model_badges(s->model, outputs, n, counts);
  fprintf(stdout, "\nwhat is not known: this rests on %d measured, %d fitted and %d assumed numbers\n", counts[0],
          counts[1], counts[2]);
  wn_print_wrapped(stdout, s->caption && *s->caption ? s->caption : s->model->caption, width, 0, 0);
  fprintf(stdout, "%s\n", WN_NOT_MEDICAL_ADVICE);
}

static void print_answer(const finding *f) {
  const wn_found *found = f->found;
  wn_print_wrapped(stdout, f->study->scenario->title, wn_app_columns(), 0, 0);
  fprintf(stdout, "the %s", f->goal->words);
  for (int b = 0; b < f->goal->n_bound; b++) fprintf(stdout, "%s%s", b ? ", " : ", with ", f->goal->bound[b].words);
  if (found->cell[0].n > 1) fprintf(stdout, ", in at least %.0f %% of the runs", 100 * f->goal->sure);
  fprintf(stdout, "\n%d of %d points meet it\n\n", found->n_met, found->n_cell);
  fputs(found->n_met ? "best: " : "none does; nearest: ", stdout);
  print_cell(f, &found->cell[0]);
  if (found->n_met > 1) fprintf(stdout, "%d of the points that meet it come within 1 %% of this\n", found->n_close);
  if (found->n_met) print_border(f, &found->cell[0]);
  print_next(f);
  print_known(f);
}

// ---- the map

// clock times that go past midnight, in one stretch
static double along(const wn_design_input *input, double value) {
  return input->is_clock && input->n_level > 0 && value < input->level[0] ? value + 24 : value;
}

// columns of the map: cells in the order of the grid
typedef struct map {
  double *slab, *x, *y, *colour, *contour;
  int *arm;
  unsigned char *feasible;
} map;

static wn_status map_init(map *m, const wn_found *found, wn_error *err) {
  size_t n = (size_t)found->n_cell;
  *m = (map){.slab = wn_alloc_doubles(4 * n), .arm = wn_alloc(n * sizeof(int)), .feasible = wn_alloc(n)};
  m->x = m->slab, m->y = m->slab + n, m->colour = m->slab + 2 * n, m->contour = m->slab + 3 * n;
  return m->slab && m->arm && m->feasible ? WN_OK : wn_fail_memory(err);
}

static void map_free(map *m) {
  wn_free(m->slab);
  wn_free(m->arm);
  wn_free(m->feasible);
}

static wn_plot_axis axis_of(const finding *f, int i) {
  const wn_design_input *input = input_at(f, i);
  const char *meaning = wn_sweep_manifest(wn_sweeping_sweep(f->sweeping))->table->input[i].meaning;
  return (wn_plot_axis){meaning && *meaning ? meaning : input->name, input->unit,
                        input->is_clock ? WN_SCALE_CLOCK : WN_SCALE_LINEAR, NULL};
}

static void map_fill(map *m, const finding *f) {
  const wn_found *found = f->found;
  bool has_bound = f->goal->n_bound > 0;
  for (int i = 0; i < found->n_cell; i++) {
    const wn_find_cell *cell = &found->cell[i];
    m->y[i] = along(input_at(f, 0), cell->input[0]), m->x[i] = along(input_at(f, 1), cell->input[1]);
    m->contour[i] = cell->line;
    m->colour[i] = has_bound ? cell->value[0] : cell->objective;
    m->feasible[i] = cell->met >= f->goal->sure - 1e-12;
  }
}

static void conditions_text(const wn_goal *g, char text[512]) {
  size_t at = 0;
  text[0] = '\0';
  for (int b = 0; b < g->n_bound && at < 512; b++)
    at += (size_t)snprintf(text + at, 512 - at, "%s%s", b ? " and " : "", g->bound[b].words);
}

// first input up, second across; colour what is bounded first, lines of the goal's choice
static wn_status draw(const finding *f, const char *path, wn_error *err) {
  const wn_scenario *s = f->study->scenario;
  const wn_goal *g = f->goal;
  const wn_found *found = f->found;
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  const char *label = g->arm ? g->arm : s->arm[0].name;
  char lined[96], coloured[96], condition[512], source[128];
  bool has_bound = g->n_bound > 0;
  // a map of the objective alone needs no lines of the same
  bool has_lines = has_bound || strcmp(g->line_quantity, g->quantity) != 0 || strcmp(g->line_of, g->of) != 0;
  map m;
  wn_sweep_metric_words(g->line_quantity, g->line_of, lined);
  wn_sweep_metric_words(has_bound ? g->bound[0].quantity : g->quantity, has_bound ? g->bound[0].of : g->of, coloured);
  conditions_text(g, condition);
  snprintf(source, sizeof source, "wane %s, %s", wn_version(), s->name);
  wn_status status = map_init(&m, found, err);
  if (!status) map_fill(&m, f);
  wn_plot_heat plot = {
      .words = {s->title, caption, source},
      .x = axis_of(f, 1),
      .y = axis_of(f, 0),
      .metric = {coloured, has_bound ? found->bound_unit[0] : found->unit, WN_SCALE_LINEAR, NULL},
      .contour = {lined, found->line_unit, WN_SCALE_LINEAR, NULL},
      .n_row = found->n_cell,
      .n_arm = 1,
      .arm_label = &label,
      .arm = m.arm,
      .x_value = m.x,
      .y_value = m.y,
      .value = m.colour,
      .contour_value = has_lines ? m.contour : NULL,
      .feasible = has_bound ? m.feasible : NULL,
      .condition = condition,
      .has_best = found->n_met > 0,
      .best_x = along(input_at(f, 1), found->cell[0].input[1]),
      .best_y = along(input_at(f, 0), found->cell[0].input[0]),
  };
  if (!status) status = wn_plot_heat_write(&plot, path, err);
  map_free(&m);
  return status;
}

// ---- the command

static wn_status make_design(finding *f, const wn_request *request, wn_error *err) {
  const wn_args *args = f->args;
  double n = 0, seed = 1, people = 0;
  WN_TRY(wn_app_number(args, "n", "a whole number of draws from 1 to 1e6", &n, err));
  WN_TRY(wn_app_number(args, "seed", "a whole number from 0 on", &seed, err));
  WN_TRY(wn_app_number(args, "individuals", "a whole number from 1 to 1000000", &people, err));
  if (!(n >= 0 && n <= 1e6 && n == floor(n)) || !(people >= 0 && people <= 1e6 && people == floor(people)))
    return wn_fail(err, WN_ERR_USER, "sweep: --n and --individuals: expected whole numbers from 1 to 1000000");
  f->def = wn_sweeping_default();
  f->def.study = request->def;
  f->def.design.vary = f->goal->over, f->def.design.n_vary = f->goal->n_over;
  f->def.design.sample = wn_args_value(args, "sample");
  f->def.design.n = (int64_t)n, f->def.design.seed = (uint64_t)seed;
  f->def.n_person = (int)people;
  f->def.out = wn_args_value(args, "out");
  f->def.resume = wn_args_has(args, "resume");
  f->def.ranks = f->def.out ? f->ranks : NULL;
  f->def.progress = wn_progress_show, f->def.progress_context = &f->progress;
  return WN_OK;
}

static wn_status read_lists(finding *f, const char **draw_text, const char **correlate, wn_error *err) {
  const char *plot = wn_args_value(f->args, "plot");
  f->def.design.draw = draw_text, f->def.design.n_draw = wn_args_values(f->args, "draw", draw_text);
  f->def.design.correlate = correlate, f->def.design.n_correlate = wn_args_values(f->args, "correlate", correlate);
  if (f->def.out && wn_sweep_write_check(f->def.out, err)) return wn_fail_prefix(err, "--out");
  if (wn_args_has(f->args, "show"))
    return wn_fail(err, WN_ERR_USER,
                   "--show: the map of a goal shows its first bound and its lines; leave it out, or "
                   "ask with --vary");
  if (!plot) return WN_OK;
  if (wn_write_check(WN_WRITE_PLOT, plot, err)) return wn_fail_prefix(err, "--plot");
  if (f->goal->n_over != 2)
    return wn_fail(err, WN_ERR_USER, "--plot: a map is of two inputs, and the goal chooses over %d", f->goal->n_over);
  return wn_app_check_place(plot, err);
}

static wn_status keep_rows(finding *f, const wn_shards *shards, wn_error *err) {
  if (!f->def.out) return WN_OK;
  int n_thread = f->def.study.n_thread > 0 ? f->def.study.n_thread : wn_pool_cores();
  WN_TRY(wn_sweep_write(shards, f->def.out, n_thread, err));
  return wn_sweep_folder_remove(wn_sweeping_folder(f->sweeping), wn_shards_manifest(shards)->n_shard, err);
}

// the answer from the rows that are there
static wn_status answer(finding *f, wn_error *err) {
  wn_shards *shards;
  const char *plot = wn_args_value(f->args, "plot");
  WN_TRY(wn_shards_of(wn_sweeping_sweep(f->sweeping), &shards, err));
  wn_status status = wn_find(shards, f->goal, wn_design_n_draw(wn_sweeping_design(f->sweeping)), &f->found, err);
  if (!status) status = keep_rows(f, shards, err);
  wn_shards_close(shards);
  if (!status && plot) status = draw(f, plot, err);
  return status;
}

static wn_status find(finding *f, wn_error *err) {
  WN_TRY(wn_sweeping_open(NULL, f->args->operand, &f->def, &f->sweeping, err));
  const wn_design *design = wn_sweeping_design(f->sweeping);
  if (wn_design_n_cell(design) > MAX_CELL)
    return wn_fail(err, WN_ERR_USER, "goal: %lld points to choose from are too many; expected at most %d",
                   (long long)wn_design_n_cell(design), MAX_CELL);
  if (!is_quiet(f)) wn_app_advise(f->sweeping);
  wn_progress_begin(&f->progress, is_quiet(f), "points");
  wn_status status = wn_sweep_run(wn_sweeping_sweep(f->sweeping), err);
  wn_progress_clear(&f->progress);
  return status || !leads(f) ? status : answer(f, err);
}

static wn_status prepare(finding *f, wn_request *request, const char **draw_text, const char **correlate,
                         wn_error *err) {
  WN_TRY(make_design(f, request, err));
  return read_lists(f, draw_text, correlate, err);
}

// n and seed are the design's; the study that is read for its goal is of one person
static wn_status open_goal(finding *f, wn_request *request, wn_error *err) {
  WN_TRY(wn_request_read(f->args, request, err));
  request->def.n = 1;
  WN_TRY(wn_study_open(NULL, f->args->operand, &f->study, err));
  WN_TRY(wn_study_plan(f->study, &request->def, err));
  f->goal = f->study->scenario->goal;
  return WN_OK;
}

// by every rank, from where the goal is known; one that has no part in the work has only to wait
static wn_status run(finding *f, wn_request *request, const char **lists, wn_status status, wn_error *err) {
  if (!status) status = prepare(f, request, lists, lists + WN_MAX_GIVEN, err);
  WN_TRY(wn_ranks_agree(f->ranks, status, err));
  return leads(f) || f->def.ranks ? find(f, err) : WN_OK;
}

static int finish(const finding *f, wn_status status, const wn_error *err) {
  if (!status) {
    if (!is_quiet(f)) print_answer(f);
    return WN_EXIT_OK;
  }
  // what befell all of them rank 0 tells
  bool own = leads(f) || status == WN_ERR_IO || status == WN_ERR_MEMORY;
  if (!own || !*err->message) return status == WN_ERR_INTERRUPT ? WN_EXIT_INTERRUPT : WN_EXIT_OK;
  int exit_status = wn_app_fail(err);
  if (f->def.out && f->sweeping)
    wn_app_say("what is done is kept in %s; --resume goes on with it", wn_sweeping_folder(f->sweeping));
  return exit_status;
}

bool wn_app_find(const wn_args *args, int *exit_status) {
  wn_error err = {0};
  finding f = {.args = args};
  wn_request *request = wn_alloc(sizeof *request);
  const char **lists = wn_alloc(2 * WN_MAX_GIVEN * sizeof *lists);
  wn_status status = request && lists ? open_goal(&f, request, &err) : wn_fail_memory(&err);
  bool has_goal = status || f.goal;
  if (has_goal) {
    wn_status opened = wn_ranks_open(&f.ranks, status ? NULL : &err);
    status = opened ? (status ? status : opened) : run(&f, request, lists, status, &err);
    *exit_status = finish(&f, status, &err);
  }
  wn_found_destroy(f.found);
  wn_sweeping_close(f.sweeping);
  wn_ranks_close(f.ranks);
  wn_study_close(f.study);
  wn_free(request);
  wn_free(lists);
  return has_goal;
}
