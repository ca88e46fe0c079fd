// study.c - what is asked of a study becomes a scenario: settings, doses of a bare model, how far and how finely.
// Invariant: what cannot be simulated is refused here, before any work. Must not know the command line.

#include "study.h"

#include "sim/lanes.h"
#include "sim/simulate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// rows of the grid of one arm, and numbers of a whole result (2 GB): more would fill the memory before the disk
static const double MAX_ROWS = 1e6, MAX_VALUES = 2.5e8;

enum { MAX_INDIVIDUALS = 1000000 };

// below this a relative tolerance asks for more digits than a double has
static const double MIN_RTOL = 1e-14;

// rows that a bare model's grid has at most by default, as a scenario's
static const double MANY_ROWS = 2688;

wn_study_def wn_study_default(void) {
  wn_solver_def solver = wn_solver_default();
  return (wn_study_def){
      .solver = "auto", .rtol = solver.rtol, .atol = solver.atol, .n = 1, .seed = 1, .keep = WN_KEEP_ALL};
}

// "NAME=VALUE" cut in two; the copies live as long as the arena
static wn_status read_setting(wn_arena *arena, const char *text, wn_setting *setting, wn_error *err) {
  const char *sign = strchr(text, '=');
  if (!sign || sign == text || !sign[1])
    return wn_fail(err, WN_ERR_USER, "setting: expected NAME=VALUE, got \"%.80s\"", text);
  setting->name = wn_arena_printf(arena, "%.*s", (int)(sign - text), text);
  setting->value = wn_arena_strdup(arena, sign + 1);
  return setting->name && setting->value ? WN_OK : wn_fail_memory(err);
}

static wn_status read_settings(wn_arena *arena, const wn_study_def *def, wn_setting **settings, wn_error *err) {
  wn_setting *list = wn_arena_alloc(arena, ((size_t)def->n_set + 1) * sizeof *list);
  if (!list) return wn_fail_memory(err);
  for (int i = 0; i < def->n_set; i++) WN_TRY(read_setting(arena, def->set[i], &list[i], err));
  *settings = list;
  return WN_OK;
}

static wn_status make_planner(wn_study *study, const wn_study_def *def, wn_error *err) {
  wn_arena *arena = wn_arena_create();
  if (!arena) return wn_fail_memory(err);
  wn_setting *settings = NULL;
  wn_status status = read_settings(arena, def, &settings, err);
  if (!status) status = wn_planner_create(study->script, settings, def->n_set, def->hypothesis, &study->planner, err);
  wn_arena_destroy(arena);
  return status;
}

static double last_dose(const wn_doses *doses) {
  double last = -INFINITY;
  for (int i = 0; i < doses->n; i++) {
    const wn_dose *d = &doses->data[i];
    double infusing = d->rate > 0 ? d->amount / d->rate : d->duration;
    last = fmax(last, d->time + d->addl * d->ii + infusing);
  }
  return last;
}

// the regimens of a bare model: they go into its one arm, which then runs a day beyond the last dose
static wn_status add_doses(wn_study *study, const wn_study_def *def, wn_error *err) {
  wn_scenario *s = study->scenario;
  if (def->n_dose == 0) return WN_OK;
  if (wn_script_is_scenario(study->script))
    return wn_fail(err, WN_ERR_USER,
                   "%s is a scenario, and its arms have doses of their own; leave --dose out or name "
                   "its model, %s",
                   s->name, s->model->name);
  for (int i = 0; i < def->n_dose; i++) {
    const char *text = wn_arena_strdup(s->arena, def->dose[i]);
    if (!text) return wn_fail_memory(err);
    WN_TRY(wn_dose_parse(s->model, text, &s->arm[0].doses, err));
  }
  s->t_end = last_dose(&s->arm[0].doses) + 24;
  while (s->t_end / s->every > MANY_ROWS) s->every *= 2;
  return WN_OK;
}

// a plot that showed the end still does; one that showed something else stays inside the run
static void move_plot(wn_scenario *s, double old_from, double old_to, double old_end) {
  bool whole = old_from <= s->t_start && old_to >= old_end;
  double shown = old_to - old_from;
  s->plot_to = old_to >= old_end ? s->t_end : fmin(old_to, s->t_end);
  s->plot_from = whole ? s->t_start : old_to >= old_end ? s->t_end - shown : old_from;
  if (!(s->plot_from >= s->t_start && s->plot_from < s->plot_to)) s->plot_from = s->t_start;
}

static wn_status set_span(wn_scenario *s, const wn_study_def *def, double old_end, wn_error *err) {
  if (!(isfinite(def->until) && isfinite(def->every) && def->every >= 0))
    return wn_fail(err, WN_ERR_USER, "until and every: expected finite hours, got %g and %g", def->until, def->every);
  if (def->until != 0) s->t_end = def->until;
  if (def->every > 0) s->every = def->every;
  if (!(s->t_end > s->t_start))
    return wn_fail(err, WN_ERR_USER, "until: expected a time after the start of the run (%g h), got %g h", s->t_start,
                   s->t_end);
  if (s->t_end > WN_MAX_HOURS)
    return wn_fail(err, WN_ERR_USER, "until: expected at most 1000 years (%d h), got %g h; a bare number is hours",
                   WN_MAX_HOURS, s->t_end);
  double rows = (s->t_end - s->t_start) / s->every;
  int n = wn_scenario_n_subject(s);
  int n_column = def->keep == WN_KEEP_NONE      ? 0
                 : def->keep == WN_KEEP_WATCHED ? s->n_watch
                                                : s->model->n_state + s->model->n_output;
  if (rows > MAX_ROWS || rows * s->n_arm * n * n_column > MAX_VALUES)
    return wn_fail(
        err, WN_ERR_USER, "%g h in steps of %g h are %.0f rows for each %s, too many; try a coarser --every%s",
        s->t_end - s->t_start, s->every, rows, n > 1 ? "individual" : "arm", n > 1 ? " or a smaller --n" : "");
  if (s->t_end != old_end) move_plot(s, s->plot_from, s->plot_to, old_end);
  return WN_OK;
}

static wn_status set_individuals(wn_study *study, const wn_study_def *def, wn_error *err) {
  wn_scenario *s = study->scenario;
  if (def->n < 1 || def->n > MAX_INDIVIDUALS)
    return wn_fail(err, WN_ERR_USER, "n: expected 1 to %d individuals, got %d", MAX_INDIVIDUALS, def->n);
  if (def->n > 1 && s->model->n_random == 0 && !wn_scenario_has_habits(s))
    return wn_fail(err, WN_ERR_USER,
                   "n: model %s does not say how individuals differ; expected individual = { ... } in %s",
                   s->model->name, s->model->path);
  if (def->keep < WN_KEEP_NONE || def->keep > WN_KEEP_WATCHED)
    return wn_fail(err, WN_ERR_USER, "keep: expected WN_KEEP_ALL, WN_KEEP_WATCHED or WN_KEEP_NONE, got %d", def->keep);
  s->n_subject = def->n;
  s->seed = def->seed;
  study->run.keep_trajectories = (wn_keep)def->keep;
  study->run.brief = def->brief != 0;
  return WN_OK;
}

static wn_status set_solver(wn_study *study, const wn_study_def *def, wn_error *err) {
  const char *names[16] = {"auto"};
  int n = 1, chosen = -1;
  for (int i = 0; wn_solver_types[i].name && n < 16; i++) names[n++] = wn_solver_types[i].name;
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], def->solver) == 0) chosen = i;
  if (chosen < 0) {
    char known[160] = "";
    for (int i = 0; i < n; i++) {
      if (i) strncat(known, ", ", sizeof known - strlen(known) - 1);
      strncat(known, names[i], sizeof known - strlen(known) - 1);
    }
    return wn_fail(err, WN_ERR_USER, "solver: expected one of %s, got \"%.40s\"", known, def->solver);
  }
  if (!(def->rtol >= MIN_RTOL && def->rtol < 1))
    return wn_fail(err, WN_ERR_USER, "rtol: expected a number between %g and 1, like 1e-6, got %g", MIN_RTOL,
                   def->rtol);
  if (!(def->atol > 0 && isfinite(def->atol)))
    return wn_fail(err, WN_ERR_USER, "atol: expected a number above 0, like 1e-9, got %g", def->atol);
  if (def->n_thread < 0 || def->n_thread > 4096)
    return wn_fail(err, WN_ERR_USER, "threads: expected 1 to 4096, or 0 for all cores, got %d", def->n_thread);
  study->run.solver.name = names[chosen];
  study->run.solver.rtol = def->rtol;
  study->run.solver.atol = def->atol;
  study->run.n_thread = def->n_thread;
  return WN_OK;
}

static void forget_plan(wn_study *study) {
  wn_result_destroy(study->result);
  wn_scenario_destroy(study->scenario);
  wn_planner_destroy(study->planner);
  study->result = NULL, study->scenario = NULL, study->planner = NULL;
}

wn_status wn_study_prepare(wn_study *study, const wn_study_def *def, wn_error *err) {
  forget_plan(study);
  study->is_grid_chosen = def->every > 0;
  WN_TRY(set_solver(study, def, err));
  return make_planner(study, def, err);
}

static wn_status plan(wn_study *study, const wn_study_def *def, bool goal, wn_error *err) {
  WN_TRY(wn_planner_plan(study->planner, goal, &study->scenario, err));
  WN_TRY(set_individuals(study, def, err));
  double old_end = study->scenario->t_end;
  WN_TRY(add_doses(study, def, err));
  return set_span(study->scenario, def, old_end, err);
}

wn_status wn_study_plan(wn_study *study, const wn_study_def *def, wn_error *err) {
  wn_status status = wn_study_prepare(study, def, err);
  if (!status) status = plan(study, def, true, err);
  wn_planner_destroy(study->planner);
  study->planner = NULL;
  // half a plan is none
  if (status) forget_plan(study);
  return status;
}

wn_status wn_study_plan_at(wn_study *study, const wn_study_def *def, const int *option, const double *value, int n,
                           wn_scenario **scenario, wn_error *err) {
  *scenario = NULL;
  for (int i = 0; i < n; i++) WN_TRY(wn_planner_set(study->planner, option[i], value[i], err));
  wn_status status = plan(study, def, false, err);
  if (!status)
    *scenario = study->scenario;
  else
    wn_scenario_destroy(study->scenario);
  study->scenario = NULL;
  return status;
}

// -- no doses -------------------------------------------------------------------------------------------------------

static bool outputs_read_time(const wn_model *m) {
  for (int i = 0; i < m->n_output; i++)
    if (wn_graph_depends(m->graph, m->output[i].value) & (1u << WN_OP_TIME)) return true;
  return false;
}

// what a model does by itself: nothing, every state is 0 and stays so; it rests where it begins; it moves
typedef enum own_life { NOTHING, RESTS, MOVES } own_life;

// A day's drift below a millionth of a state is rounding (R0 = KIN / KOUT).
static own_life find_in_lanes(const wn_model *m, const wn_lanes *lanes) {
  own_life life = NOTHING;
  for (int i = 0; i < m->n_state; i++) {
    const double value = lanes->state[i * WN_LANES], drift = 24 * lanes->slope[i * WN_LANES];
    if (!(fabs(drift) <= 1e-6 * fabs(value))) return MOVES;
    if (value != 0) life = RESTS;
  }
  return life;
}

static wn_status find_life(const wn_scenario *s, const double *param, own_life *life, wn_error *err) {
  const wn_model *m = s->model;
  wn_lanes lanes;
  *life = MOVES;
  if (wn_model_reads_time(m) || outputs_read_time(m)) return WN_OK;
  WN_TRY(wn_lanes_init(&lanes, m, WN_LANES, err));
  for (int i = 0; i < m->n_param * WN_LANES; i++) lanes.param[i] = param[i / WN_LANES];
  wn_lanes_bind(&lanes);
  wn_lanes_start(&lanes, s->t_start);
  // (what is not finite the run will say)
  if (wn_lanes_slope(&lanes, wn_lanes_at(&lanes, s->t_start)) == 0) *life = find_in_lanes(m, &lanes);
  wn_lanes_free(&lanes);
  return WN_OK;
}

wn_status wn_study_check_doses(const wn_scenario *s, const double *param, char words[320], wn_error *err) {
  const wn_model *m = s->model;
  own_life life;
  words[0] = '\0';
  if (m->n_route == 0 || s->arm[0].doses.n > 0) return WN_OK;
  WN_TRY(find_life(s, param, &life, err));
  const wn_route *r = &m->route[m->default_route];
  char how[120];
  snprintf(how, sizeof how, "--dose \"10 %.20s into %.40s at 08:00 every 24h for 7d\"", r->unit, r->name);
  if (life == NOTHING)
    return wn_fail(err, WN_ERR_USER, "%s: without a dose nothing happens; give one, like %s", s->name, how);
  snprintf(words, 320, "%.60s: no doses, so %s; give some with %s", s->name,
           life == RESTS ? "it stays where it begins" : "this is what it does by itself", how);
  return WN_OK;
}

// -- the picture ----------------------------------------------------------------------------------------------------

// points of a curve in the span that is shown, in the whole run, and days of a span that is drawn point by point
enum { POINTS_SHOWN = 500, MOST_POINTS = 40000, FEW_DAYS = 7 };

// into how many parts the grid's step is cut for the picture
static int count_parts(const wn_study *study) {
  const wn_scenario *s = study->scenario;
  const double shown = s->plot_to - s->plot_from, rows = (s->t_end - s->t_start) / s->every;
  if (study->is_grid_chosen || wn_scenario_n_subject(s) > 1 || shown > FEW_DAYS * 24) return 1;
  return (int)fmax(1, fmin(ceil(s->every * POINTS_SHOWN / shown), floor(MOST_POINTS / rows)));
}

wn_status wn_study_plot(const wn_study *study, const char *path, wn_error *err) {
  const int n_part = count_parts(study);
  if (n_part == 1) return wn_plot(study->result, path, err);
  wn_scenario fine = *study->scenario;
  wn_run_def def = study->run;
  wn_result *result = NULL;
  fine.every /= n_part;
  def.keep_trajectories = WN_KEEP_WATCHED;
  WN_TRY(wn_simulate(&fine, &def, &result, err));
  const wn_status status = wn_plot(result, path, err);
  wn_result_destroy(result);
  return status;
}
