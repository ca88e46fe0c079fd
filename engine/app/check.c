// check.c - wane check: everything that can be found out about a file without writing results. Loading already traces,
// checks units, replays and compiles; here the size of what came out is shown, and the scenario is run once.

#include "app.h"

#include "model/provenance.h"

static const wn_flag flags[] = {
    {"set", "NAME=VALUE", "a model parameter or scenario option", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model", true},
    {"until", "TIME", "how far", false},
    {0},
};

static void add_model(wn_columns *c, const wn_model *m) {
  int count[3] = {0}, n_limited = 0;
  for (int i = 0; i < m->n_param; i++) {
    count[m->param[i].badge]++;
    n_limited += m->param[i].limits.has_low || m->param[i].limits.has_high;
  }
  wn_columns_add(c, "parameters",
                 wn_columns_text(c, "%d: %d measured, %d fitted, %d assumed; %d with limits", m->n_param,
                                 count[WN_MEASURED], count[WN_FITTED], count[WN_ASSUMED], n_limited));
  wn_columns_add(c, "states",
                 wn_columns_text(c, "%d, with %d instructions for their derivatives", m->n_state,
                                 wn_program_n_instruction(m->rhs)));
  wn_columns_add(c, "Jacobian",
                 wn_columns_text(c, "%d of %d entries not zero, %d instructions", m->n_nz, m->n_state * m->n_state,
                                 wn_program_n_instruction(m->jacobian)));
  wn_columns_add(
      c, "LU factors",
      wn_columns_text(c, "%d entries after fill-in, %d instructions", wn_lu_n_fill(m->lu), wn_lu_n_instruction(m->lu)));
  wn_columns_add(c, "outputs",
                 wn_columns_text(c, "%d; dose compartments %d; windows %d; hypotheses %d", m->n_output, m->n_route,
                                 m->n_window, m->n_hypothesis));
}

static void add_linear(wn_columns *c, const wn_model *m) {
  char text[1024] = "";
  int length = 0;
  for (int i = 0; i < m->n_state && length < (int)sizeof text; i++)
    if (m->linear_state[i])
      length += snprintf(text + length, sizeof text - (size_t)length, "%s%s", length ? ", " : "", m->state[i].name);
  if (m->is_linear)
    wn_columns_add(c, "linear", "all states: known in closed form");
  else if (m->n_linear > 0)
    wn_columns_add(c, "linear sub-system", wn_columns_text(c, "%s: known in closed form", text));
  else
    wn_columns_add(c, "linear sub-system", "none");
}

static void add_run(wn_columns *c, const wn_study *study) {
  const wn_scenario *s = study->scenario;
  const wn_result *r = study->result;
  long doses = 0, steps = 0;
  for (int i = 0; i < s->n_arm; i++)
    for (int k = 0; k < s->arm[i].doses.n; k++) doses += 1 + s->arm[i].doses.data[k].addl;
  for (int i = 0; i < r->n_series; i++) steps += r->series[i].stats.n_step;
  wn_columns_add(c, "run",
                 wn_columns_text(c, "%d arm%s, %ld doses, %.4g h, %ld steps", s->n_arm, s->n_arm == 1 ? "" : "s", doses,
                                 s->t_end - s->t_start, steps));
  wn_columns_add(c, "stiffness", r->reason);
  wn_columns_add(c, "solver", wn_columns_text(c, "auto takes %s", r->solver));
}

static int report(const wn_study *study) {
  const wn_scenario *s = study->scenario;
  wn_columns c;
  if (wn_study_is_scenario(study))
    fprintf(stdout, "%s: a scenario of model %s\n", s->name, s->model->name);
  else
    fprintf(stdout, "%s: a model\n", s->name);
  wn_columns_init(&c, 2, 2, NULL);
  add_model(&c, s->model);
  add_linear(&c, s->model);
  add_run(&c, study);
  wn_columns_print(&c, stdout, wn_app_columns());
  int status = WN_EXIT_OK;
  for (int i = 0; i < wn_study_n_arm(study); i++) {
    wn_error err = {0};
    if (!wn_study_arm_status(study, i, &err)) continue;
    wn_app_say("arm %s: %s", wn_study_arm_name(study, i), err.message);
    status = WN_EXIT_RUN;
  }
  if (!status) fprintf(stdout, "ok: units fit, the equations replay, every arm runs\n");
  return status;
}

static int run(const wn_args *args) {
  wn_error err = {0};
  wn_study *study = NULL;
  wn_request *request = wn_alloc(sizeof *request);
  wn_status status = request ? wn_request_read(args, request, &err) : wn_fail_memory(&err);
  if (!status) status = wn_app_plan(args, request, &study, &err);
  if (!status) {
    study->run.keep_trajectories = WN_KEEP_NONE;
    status = wn_study_run(study, &err);
  }
  wn_free(request);
  int exit_status = status ? wn_app_fail(&err) : report(study);
  wn_study_close(study);
  return exit_status;
}

const wn_command wn_command_check = {
    .name = "check",
    .operand = "FILE",
    .summary = "load a file, check its units, replay its equations, run it once; which solver auto takes and why",
    .text =
        "Load a model or scenario as run does: trace its equations, check their units, replay them on plain numbers,\n"
        "compile them; then run it once. Shows the sizes, how stiff it is and which solver auto takes.",
    .flags = flags,
    .run = run,
};
