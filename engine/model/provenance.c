// provenance.c - follows a model's equations backwards from its outputs to the parameters they rest on. Invariant: a
// parameter is counted once, however many ways lead to it. Must not know values: only what is connected to what.

#include "model/provenance.h"

// leaves seen so far, and states whose equations are still to be followed
typedef struct walk {
  const wn_model *model;
  unsigned char *param, *state;
  unsigned char *followed;  // [n_state]
} walk;

static void see(walk *w, wn_node node) {
  if (node == WN_NO_NODE) return;
  wn_graph_leaves(w->model->graph, node, WN_OP_PARAM, w->param, w->model->n_param);
  wn_graph_leaves(w->model->graph, node, WN_OP_STATE, w->state, w->model->n_state);
}

// what decides how much of a dose arrives in this state, and when
static void see_doses_into(walk *w, int state) {
  for (int i = 0; i < w->model->n_route; i++) {
    const wn_route *route = &w->model->route[i];
    for (int k = 0; k < route->n_target; k++) {
      if (route->target[k] != state) continue;
      see(w, route->scale[k]);
      see(w, route->F);
      see(w, route->lag);
      if (route->has_rate) see(w, route->rate);
      if (route->has_duration) see(w, route->duration);
    }
  }
}

// follow states until none is new; each is followed once
static void follow(walk *w) {
  for (bool again = true; again;) {
    again = false;
    for (int i = 0; i < w->model->n_state; i++) {
      if (!w->state[i] || w->followed[i]) continue;
      w->followed[i] = 1;
      again = true;
      see(w, w->model->state[i].derivative);
      see(w, w->model->state[i].initial);
      see_doses_into(w, i);
    }
  }
}

wn_status wn_model_reached(const wn_model *model, const int *outputs, int n, unsigned char *used, wn_error *err) {
  for (int i = 0; i < model->n_param; i++) used[i] = 0;
  size_t n_state = (size_t)model->n_state;
  walk w = {model, used, wn_alloc(n_state + 1), wn_alloc(n_state + 1)};
  if (w.state && w.followed) {
    for (int i = 0; i < n; i++) see(&w, model->output[outputs[i]].value);
    follow(&w);
  }
  bool ok = w.state && w.followed;
  wn_free(w.state);
  wn_free(w.followed);
  return ok ? WN_OK : wn_fail_memory(err);
}

void wn_model_badges(const wn_model *model, const int *outputs, int n, int counts[3]) {
  counts[WN_MEASURED] = counts[WN_FITTED] = counts[WN_ASSUMED] = 0;
  unsigned char *used = wn_alloc((size_t)model->n_param + 1);
  if (used && !wn_model_reached(model, outputs, n, used, NULL))
    for (int i = 0; i < model->n_param; i++)
      if (used[i]) counts[model->param[i].badge]++;
  wn_free(used);
}
