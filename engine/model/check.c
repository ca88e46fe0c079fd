// check.c - a declaration must be complete and consistent before anything is derived from it; what is wrong is said
// with file and line.
// Invariant: looks only, changes nothing. Knows no units (checked where the text is read).

#include "model/check.h"
#include "model/random.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STATE_BIT = 1 << WN_OP_STATE, TIME_BIT = 1 << WN_OP_TIME };

// "path:line: words"
__attribute__((format(printf, 4, 5))) static wn_status complain(const wn_model *model, int line, wn_error *err,
                                                                const char *format, ...) {
  char words[800];
  va_list args;
  va_start(args, format);
  vsnprintf(words, sizeof words, format, args);
  va_end(args);
  const char *path = model->path ? model->path : model->name ? model->name : "model";
  if (line > 0) return wn_fail(err, WN_ERR_USER, "%s:%d: %s", path, line, words);
  return wn_fail(err, WN_ERR_USER, "%s: %s", path, words);
}

static bool is_node(const wn_model *model, wn_node node) { return node >= 0 && node < wn_graph_size(model->graph); }

// Does a node read a leaf that it may not? Says which, or NULL.
static const char *forbidden(const wn_model *model, wn_node node, uint32_t bits) {
  uint32_t found = wn_graph_depends(model->graph, node) & bits;
  if (found & STATE_BIT) return "a state";
  return found ? "the time t" : NULL;
}

// A name given twice within a list. `lines` is the offset of the line in an item or -1.
static wn_status check_unique(const wn_model *model, const char *kind, const void *items, int n, size_t stride,
                              long line_at, wn_error *err) {
  for (int i = 0; i < n; i++) {
    const char *item = (const char *)items + (size_t)i * stride, *name = *(const char *const *)item;
    int line = line_at < 0 ? 0 : *(const int *)(item + line_at);
    if (!name || !*name) return complain(model, line, err, "%s %d has no name", kind, i + 1);
    for (int k = 0; k < i; k++)
      if (strcmp(*(const char *const *)((const char *)items + (size_t)k * stride), name) == 0)
        return complain(model, line, err, "%s %s is declared twice; rename one", kind, name);
  }
  return WN_OK;
}

#define CHECK_UNIQUE(kind, items, n, line_at) \
  WN_TRY(check_unique(model, kind, model->items, model->n, sizeof *model->items, (line_at), err))

static wn_status check_names(const wn_model *model, wn_error *err) {
  CHECK_UNIQUE("parameter", param, n_param, (long)offsetof(wn_parameter, line));
  CHECK_UNIQUE("state", state, n_state, (long)offsetof(wn_state, line));
  CHECK_UNIQUE("output", output, n_output, (long)offsetof(wn_output, line));
  CHECK_UNIQUE("dose compartment", route, n_route, (long)offsetof(wn_route, line));
  CHECK_UNIQUE("window", window, n_window, -1);
  CHECK_UNIQUE("hypothesis", hypothesis, n_hypothesis, -1);
  CHECK_UNIQUE("covariate", covariate, n_covariate, (long)offsetof(wn_covariate, line));
  for (int i = 0; i < model->n_covariate; i++) {
    const wn_covariate *covariate = &model->covariate[i];
    bool taken = wn_model_find_param(model, covariate->name) >= 0 || wn_model_find_state(model, covariate->name) >= 0;
    if (taken)
      return complain(model, covariate->line, err, "covariate %s has the name of a parameter or state; rename one",
                      covariate->name);
    if (!isfinite(covariate->value))
      return complain(model, covariate->line, err, "covariate %s: expected a finite number, got %g", covariate->name,
                      covariate->value);
  }
  for (int i = 0; i < model->n_state; i++)
    if (wn_model_find_param(model, model->state[i].name) >= 0)
      return complain(model, model->state[i].line, err, "state %s has the name of a parameter; rename one",
                      model->state[i].name);
  return WN_OK;
}

// a declared value within the limits that stand beside it
static wn_status check_limits(const wn_model *model, const wn_parameter *param, const char *kind, const char *name,
                              double value, wn_error *err) {
  char words[120];
  if (wn_limits_hold(&param->limits, value)) return WN_OK;
  wn_limits_words(&param->limits, param->unit, words, sizeof words);
  return complain(model, param->line, err, "%s %s: %s: expected %s, got %g", kind, name, param->name, words, value);
}

static wn_status check_parameters(const wn_model *model, wn_error *err) {
  for (int i = 0; i < model->n_param; i++) {
    const wn_parameter *param = &model->param[i];
    if (!isfinite(param->value))
      return complain(model, param->line, err, "parameter %s: expected a finite number, got %g", param->name,
                      param->value);
    WN_TRY(check_limits(model, param, "parameter", param->name, param->value, err));
  }
  for (int i = 0; i < model->n_hypothesis; i++) {
    const wn_hypothesis *hypothesis = &model->hypothesis[i];
    for (int k = 0; k < hypothesis->n_set; k++) {
      int param = hypothesis->param[k];
      if (param < 0 || param >= model->n_param)
        return complain(model, 0, err, "hypothesis %s sets a parameter that is not there", hypothesis->name);
      if (!isfinite(hypothesis->value[k]))
        return complain(model, 0, err, "hypothesis %s: %s: expected a finite number, got %g", hypothesis->name,
                        model->param[param].name, hypothesis->value[k]);
      WN_TRY(check_limits(model, &model->param[param], "hypothesis", hypothesis->name, hypothesis->value[k], err));
    }
  }
  return WN_OK;
}

static wn_status check_states(const wn_model *model, wn_error *err) {
  if (model->n_state == 0) return complain(model, 0, err, "the model has no states; declare at least one in states");
  for (int i = 0; i < model->n_state; i++) {
    const wn_state *state = &model->state[i];
    if (!is_node(model, state->derivative))
      return complain(model, state->line, err, "state %s has no equation; add d.%s = ...", state->name, state->name);
    if (state->initial == WN_NO_NODE) continue;
    if (!is_node(model, state->initial))
      return complain(model, state->line, err, "initial of %s is not a value of this model", state->name);
    if (forbidden(model, state->initial, STATE_BIT))
      return complain(model, state->line, err, "initial of %s: expected parameters, covariates and t only, got a state",
                      state->name);
  }
  return WN_OK;
}

// An output of the name of a state (or parameter) must be that quantity, perhaps in another unit.
static wn_status check_namesake(const wn_model *model, const wn_output *output, wn_op op, int index, int n,
                                const char *kind, wn_error *err) {
  if (index < 0) return WN_OK;
  unsigned char *used = wn_alloc((size_t)n);
  if (!used) return wn_fail_memory(err);
  wn_graph_leaves(model->graph, output->value, op, used, n);
  bool is_it = used[index];
  wn_free(used);
  if (is_it) return WN_OK;
  return complain(model, output->line, err, "output %s is another quantity than the %s of that name; rename it",
                  output->name, kind);
}

static wn_status check_outputs(const wn_model *model, wn_error *err) {
  for (int i = 0; i < model->n_output; i++) {
    const wn_output *output = &model->output[i];
    if (!is_node(model, output->value))
      return complain(model, output->line, err, "output %s has no value; set %s in equations", output->name,
                      output->name);
    int state = wn_model_find_state(model, output->name), param = wn_model_find_param(model, output->name);
    WN_TRY(check_namesake(model, output, WN_OP_STATE, state, model->n_state, "state", err));
    WN_TRY(check_namesake(model, output, WN_OP_PARAM, param, model->n_param, "parameter", err));
  }
  for (int i = 0; i < model->n_window; i++) {
    const wn_window_def *window = &model->window[i];
    if (window->output < 0 || window->output >= model->n_output)
      return complain(model, 0, err, "window %s is of an output that is not there", window->name);
    if (!isfinite(window->threshold))
      return complain(model, 0, err, "window %s: threshold: expected a finite number, got %g", window->name,
                      window->threshold);
    if (window->baseline < 0 || window->baseline > 2)
      return complain(model, 0, err, "window %s: baseline: expected 0, 1 or 2, got %d", window->name, window->baseline);
  }
  return WN_OK;
}

// A quantity of a dose compartment: of parameters and covariates only.
static wn_status check_route_node(const wn_model *model, const wn_route *route, const char *what, wn_node node,
                                  wn_error *err) {
  if (!is_node(model, node))
    return complain(model, route->line, err, "%s of %s is not a value of this model", what, route->name);
  const char *got = forbidden(model, node, STATE_BIT | TIME_BIT);
  if (!got) return WN_OK;
  return complain(model, route->line, err, "%s of %s: expected parameters and covariates only, got %s", what,
                  route->name, got);
}

static wn_status check_routes(const wn_model *model, wn_error *err) {
  const int most = (int)(sizeof model->route->target / sizeof *model->route->target);
  for (int i = 0; i < model->n_route; i++) {
    const wn_route *route = &model->route[i];
    if (route->n_target < 1 || route->n_target > most)
      return complain(model, route->line, err, "dose compartment %s: expected 1 to %d states to enter, got %d",
                      route->name, most, route->n_target);
    for (int k = 0; k < route->n_target; k++) {
      if (route->target[k] < 0 || route->target[k] >= model->n_state)
        return complain(model, route->line, err, "dose compartment %s enters a state that is not there", route->name);
      WN_TRY(check_route_node(model, route, "amount", route->scale[k], err));
    }
    if (route->F != WN_NO_NODE) WN_TRY(check_route_node(model, route, "F", route->F, err));
    if (route->lag != WN_NO_NODE) WN_TRY(check_route_node(model, route, "lag", route->lag, err));
    if (route->has_rate) WN_TRY(check_route_node(model, route, "rate", route->rate, err));
    if (route->has_duration) WN_TRY(check_route_node(model, route, "duration", route->duration, err));
  }
  return WN_OK;
}

// on the logit scale a value, also that of any hypothesis, is a share
static wn_status check_share(const wn_model *model, const wn_random *block, int param, wn_error *err) {
  for (int h = -1; h < model->n_hypothesis; h++) {
    double value = model->param[param].value;
    for (int k = 0; h >= 0 && k < model->hypothesis[h].n_set; k++)
      if (model->hypothesis[h].param[k] == param) value = model->hypothesis[h].value[k];
    if (!(value > 0 && value < 1))
      return complain(model, block->line, err, "random effect on %s: a logit needs a value between 0 and 1, got %g",
                      model->param[param].name, value);
  }
  return WN_OK;
}

static wn_status check_block(const wn_model *model, const wn_random *block, unsigned char *seen, wn_error *err) {
  double lower[WN_MAX_BLOCK * WN_MAX_BLOCK];
  if (block->n < 1 || block->n > WN_MAX_BLOCK)
    return complain(model, block->line, err, "random effects: expected 1 to %d parameters in a block, got %d",
                    WN_MAX_BLOCK, block->n);
  for (int i = 0; i < block->n; i++) {
    int param = block->param[i];
    if (param < 0 || param >= model->n_param)
      return complain(model, block->line, err, "random effect on a parameter that is not there");
    const char *name = model->param[param].name;
    unsigned char bit = block->occasion ? 2 : 1;
    if (seen[param] & bit)
      return complain(model, block->line, err, "%s varies twice in %s; once is enough", name,
                      block->occasion ? "occasion" : "individual");
    seen[param] |= bit;
    if (block->distribution == WN_LOGIT) WN_TRY(check_share(model, block, param, err));
  }
  if (wn_random_factor(block->n, block->omega, lower)) return WN_OK;
  return complain(
      model, block->line, err,
      "random effects of %s: omega is no variance matrix: expected it symmetric, without negative variances, "
      "correlations from -1 to 1 that fit together",
      model->param[block->param[0]].name);
}

static wn_status check_random(const wn_model *model, wn_error *err) {
  unsigned char *seen = wn_alloc((size_t)model->n_param + 1);
  wn_status status = seen ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i < model->n_random && !status; i++) status = check_block(model, &model->random[i], seen, err);
  wn_free(seen);
  return status;
}

static wn_status check_residuals(const wn_model *model, wn_error *err) {
  for (int i = 0; i < model->n_residual; i++) {
    const wn_residual *r = &model->residual[i];
    if (r->output < 0 || r->output >= model->n_output)
      return complain(model, r->line, err, "residual error of an output that is not there");
    const char *name = model->output[r->output].name;
    if (!(r->proportional >= 0 && r->additive >= 0 && isfinite(r->proportional) && isfinite(r->additive)))
      return complain(model, r->line, err, "residual error of %s: expected 0 or more, got proportional %g, additive %g",
                      name, r->proportional, r->additive);
    for (int k = 0; k < i; k++)
      if (model->residual[k].output == r->output)
        return complain(model, r->line, err, "residual error of %s is declared twice", name);
  }
  return WN_OK;
}

wn_status wn_model_check(const wn_model *model, wn_error *err) {
  WN_TRY(check_names(model, err));
  WN_TRY(check_parameters(model, err));
  WN_TRY(check_states(model, err));
  WN_TRY(check_outputs(model, err));
  WN_TRY(check_routes(model, err));
  WN_TRY(check_random(model, err));
  return check_residuals(model, err);
}
