// routes.c - see routes.h. Four points at a time, in the lanes of the program.

#include "sim/routes.h"

int wn_routes_n(const wn_model *model) { return model->routes ? wn_program_n_output(model->routes) : 0; }

wn_status wn_routes_eval(const wn_model *model, int n, const double *param, int param_stride, const double *covariate,
                         double *value, wn_error *err) {
  enum { W = WN_LANES };
  int n_param = model->n_param, n_covariate = model->n_covariate_all, n_out = wn_routes_n(model);
  if (n_out == 0) return WN_OK;
  size_t n_row = (size_t)(n_param + n_covariate + n_out + model->n_state + 1);
  double *slab = wn_alloc_doubles(n_row * W + wn_program_workspace(model->routes, W));
  if (!slab) return wn_fail_memory(err);
  double *p = slab, *c = p + n_param * W, *out = c + n_covariate * W, *state = out + n_out * W;
  double *time = state + model->n_state * W, *work = time + W;
  for (int at = 0; at < n; at += W) {
    for (int lane = 0; lane < W; lane++) {
      int i = at + lane < n ? at + lane : n - 1;
      for (int k = 0; k < n_param; k++) p[k * W + lane] = param[(size_t)i * (size_t)param_stride + (size_t)k];
      for (int k = 0; k < n_covariate; k++) {
        double usual = k < model->n_covariate ? model->covariate[k].value : 0;
        c[k * W + lane] = covariate ? covariate[(size_t)i * (size_t)n_covariate + (size_t)k] : usual;
      }
    }
    wn_program_bind(model->routes, W, p, c, work);
    wn_program_eval(model->routes, W, time, state, work, out);
    for (int lane = 0; lane < W && at + lane < n; lane++)
      for (int k = 0; k < n_out; k++) value[(size_t)(at + lane) * (size_t)n_out + (size_t)k] = out[k * W + lane];
  }
  wn_free(slab);
  return WN_OK;
}
