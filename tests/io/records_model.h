// records_model.h - a model that data sets can be read for: two absorption routes, a vein with a modelled rate and
// duration, two covariates; and data sets read for it.
#ifndef WN_TESTS_IO_RECORDS_MODEL_H
#define WN_TESTS_IO_RECORDS_MODEL_H

#include "io/files.h"
#include "io/io.h"

enum { GUT, CENT, PERI, N_STATE };       // states
enum { R_GUT, R_VEIN, R_BOTH, R_CENT };  // routes: the last is the plain one into CENT
enum { WT, AGE, N_COVARIATE };

static inline wn_node leaf_(wn_model *m, wn_op op, int i) { return wn_graph_leaf(m->graph, op, i); }
static inline wn_node mul_(wn_model *m, wn_node a, wn_node b) {
  return wn_graph_apply(m->graph, WN_OP_MUL, a, b, WN_NO_NODE);
}
static inline wn_node neg_(wn_model *m, wn_node a) {
  return wn_graph_apply(m->graph, WN_OP_NEG, a, WN_NO_NODE, WN_NO_NODE);
}

static inline void declare_routes(wn_model *m) {
  wn_node one = wn_graph_const(m->graph, 1), half = wn_graph_const(m->graph, 0.5);
  m->route = wn_arena_alloc(m->arena, 3 * sizeof *m->route);
  m->n_route = 3;
  wn_route route = {
      .unit = "mg", .meaning = "", .n_target = 1, .scale = {one}, .F = one, .lag = wn_graph_const(m->graph, 0)};
  m->route[R_GUT] = m->route[R_VEIN] = m->route[R_BOTH] = route;
  m->route[R_GUT].name = "GUT";
  m->route[R_VEIN].name = "vein", m->route[R_VEIN].target[0] = CENT;
  m->route[R_VEIN].has_rate = m->route[R_VEIN].has_duration = true;
  m->route[R_VEIN].rate = m->route[R_VEIN].duration = one;
  m->route[R_BOTH].name = "both", m->route[R_BOTH].n_target = 2, m->route[R_BOTH].target[1] = CENT;
  m->route[R_BOTH].scale[0] = m->route[R_BOTH].scale[1] = half;
}

// y' = -k y
static inline wn_node first_order(wn_model *m, int state) {
  return neg_(m, mul_(m, leaf_(m, WN_OP_PARAM, 0), leaf_(m, WN_OP_STATE, state)));
}

// y' as given for each state; outputs CP = CENT and Ce = PERI
static inline wn_model *make_model_with(wn_node (*derivative)(wn_model *m, int state)) {
  static const char *const states[] = {"GUT", "CENT", "PERI"}, *const outputs[] = {"CP", "Ce"};
  wn_model *m = wn_model_create();
  assert_non_null(m);
  m->name = m->title = m->caption = m->path = "small";
  m->param = wn_arena_alloc(m->arena, sizeof *m->param);
  m->state = wn_arena_alloc(m->arena, N_STATE * sizeof *m->state);
  m->output = wn_arena_alloc(m->arena, 2 * sizeof *m->output);
  m->covariate = wn_arena_alloc(m->arena, N_COVARIATE * sizeof *m->covariate);
  m->n_param = 1, m->n_state = N_STATE, m->n_output = 2, m->n_covariate = N_COVARIATE;
  m->param[0] = (wn_parameter){.name = "k", .unit = "1/h", .meaning = "", .source = "", .value = 0.1};
  m->covariate[WT] = (wn_covariate){.name = "WT", .unit = "kg", .meaning = "", .value = 70};
  m->covariate[AGE] = (wn_covariate){.name = "Age", .unit = "1", .meaning = "", .value = 40};
  for (int i = 0; i < N_STATE; i++)
    m->state[i] = (wn_state){
        .name = states[i], .unit = "mg", .meaning = "", .initial = WN_NO_NODE, .derivative = derivative(m, i)};
  for (int i = 0; i < 2; i++)
    m->output[i] =
        (wn_output){.name = outputs[i], .unit = "mg/L", .meaning = "", .value = leaf_(m, WN_OP_STATE, CENT + i)};
  declare_routes(m);
  wn_error err = {0};
  if (wn_model_compile(m, &err)) fail_msg("%s", err.message);
  assert_string_equal(m->route[R_CENT].name, "CENT");
  return m;
}

static inline wn_model *make_records_model(void) { return make_model_with(first_order); }

static wn_model *model;

static inline int make_model(void **state) {
  (void)state;
  model = make_records_model();
  return 0;
}

static inline int drop_model(void **state) {
  (void)state;
  wn_model_destroy(model);
  return 0;
}

static inline wn_dataset *read_file(const char *path) {
  wn_error err = {0};
  wn_dataset *data;
  if (wn_dataset_read(path, model, &data, &err)) fail_msg("%s", err.message);
  return data;
}

static inline wn_dataset *read_text(const char *text) {
  put_file("records.csv", text);
  return read_file("records.csv");
}

// the words for a file, without "records.csv:"
static inline const char *words(const char *text) {
  static wn_error err;
  wn_dataset *data;
  put_file("records.csv", text);
  wn_status status = wn_dataset_read("records.csv", model, &data, &err);
  if (status != WN_ERR_USER) fail_msg("read without complaint: %s", text);
  assert_null(data);
  assert_memory_equal(err.message, "records.csv:", 12);
  return err.message + 12;
}

#endif
