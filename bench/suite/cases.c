// cases.c - the four cases and their population. Invariant: a subject's parameters depend on its number only.
#include "cases.h"
#include "base/rng.h"
#include "equations.h"
#include <math.h>
#include <string.h>

#define LN2 0.693147180559945309417

static const wn_bench_param w1_param[] = {
    {"KA", 1, false}, {"CL", 1, true}, {"V2", 20, true}, {"Q", 2, false}, {"V3", 10, false},
};
static const char *const w1_state[] = {"D", "C", "P"};

static const wn_bench_param w2_param[] = {
    {"KA", 0.01, false},  {"F", 0.7, false},    {"V", 3, true},      {"KEL", 0.003, true},
    {"KPT", 0.01, false}, {"KTP", 0.02, false}, {"KON", 0.1, false}, {"KOFF", 0.01, false},
    {"KINT", 0.05, true}, {"KDEG", 0.1, false}, {"KSYN", 1, true},
};
static const char *const w2_state[] = {"D", "L", "R", "RC", "P"};

static const wn_bench_param w3_param[] = {
    {"KA", 1.5, true},    {"CL", 210, true},     {"V", 1350, true},    {"K12", 0.10, false}, {"K21", 0.05, false},
    {"FB", 0.40, false},  {"FM", 0.5, false},    {"CLM", 40, true},    {"VM", 750, false},   {"KE0", 0.5, false},
    {"KE0M", 0.4, false}, {"KI", 1, true},       {"KIM", 4, false},    {"KE", 2, false},     {"E0", 1, false},
    {"KOE", 1.386, true}, {"AMP", 0.4, false},   {"TPK", 8, false},    {"GAM", 1.5, false},  {"KOR", 0.02, false},
    {"UPMAX", 1, false},  {"KOI", 0.005, false}, {"IMAX", 0.8, false}, {"S50", 0.2, false},
};
static const char *const w3_state[] = {"GUT", "NTX", "PER", "MET", "CE", "CM", "END", "REC", "INF"};

// in the order of the enum in equations_naltrexone.c
static const wn_bench_param naltrexone_param[] = {{"ka", 1.5, true},
                                                  {"F", 0.085, false},
                                                  {"CL", 140, true},
                                                  {"V1", 130, true},
                                                  {"Q", 115, false},
                                                  {"V2", 570, false},
                                                  {"fm_fp", 0.64, false},
                                                  {"fm_sys", 0.70, false},
                                                  {"CLm", 45.6, true},
                                                  {"V1m", 185, false},
                                                  {"Qm", 31.5, false},
                                                  {"V2m", 330, false},
                                                  {"xr_mean1", 3.2, false},
                                                  {"xr_mean2", 77, false},
                                                  {"xr_mean3", 400, false},
                                                  {"CLx", 110, false},
                                                  {"V1x", 40, false},
                                                  {"Qx", 150, false},
                                                  {"V2x", 75, false},
                                                  {"ka_in", 2.6, false},
                                                  {"ka_im", 5, false},
                                                  {"fu_n", 0.79, false},
                                                  {"fu_m", 0.80, false},
                                                  {"fu_x", 0.60, false},
                                                  {"Kp_n", 1.0, false},
                                                  {"Kp_m", 0.030, false},
                                                  {"Kp_x", 1.0, false},
                                                  {"ke0_n", LN2 / 0.60, true},
                                                  {"ke0_m", LN2 / 1.5, false},
                                                  {"ke0_x", LN2 / 0.12, false},
                                                  {"Kd_n", 0.36, true},
                                                  {"koff_n", 6, false},
                                                  {"Kd_m", 1.4, false},
                                                  {"koff_m", 10, false},
                                                  {"Kd_x", 0.9, false},
                                                  {"koff_x", 142, false},
                                                  {"e0", 0.30, false},
                                                  {"koff_E", 60, false},
                                                  {"klock", 0.65, false},
                                                  {"kun", LN2 / 110, false},
                                                  {"Klock", 4.0, false},
                                                  {"dRmax", 1.20, false},
                                                  {"th50", 0.60, false},
                                                  {"kR", LN2 / 60, false},
                                                  {"kE", LN2 / 0.62, false},
                                                  {"kP", 1.0 / 12, false},
                                                  {"kX", LN2 / 0.5, false},
                                                  {"g", 1.7, false},
                                                  {"kZ", LN2 / 6, false},
                                                  {"Z50", 0.08, false},
                                                  {"hY", 0.75, false},
                                                  {"kY", LN2 / 8, false},
                                                  {"A_circ", 0.23, false},
                                                  {"acro", 9.0, false},
                                                  {"CLo", 50, false},
                                                  {"Vo", 190, false},
                                                  {"kao", 1.5, false},
                                                  {"Fo", 0.7, false},
                                                  {"fu_o", 0.55, false},
                                                  {"Kp_o", 1.0, false},
                                                  {"ke0_o", LN2 / 0.3, false},
                                                  {"Kd_o", 60, false},
                                                  {"koff_o", 40, false},
                                                  {"eps_o", 1.0, false},
                                                  {"f_dextro", 0, false},
                                                  {"Imax_T", 0.40, false},
                                                  {"IC50_T", 0.20, false},
                                                  {"beta_T", 0.50, false},
                                                  {"kI", LN2 / (14 * 24), false},
                                                  {"kS", LN2 / (21 * 24), false},
                                                  {"kD", LN2 / 60, false}};
static const char *const naltrexone_state[] = {
    "GUT",   "CENT",  "PERI",   "M1",     "M2", "Ce_n", "Ce_m", "XR_A1",  "XR_A2", "XR_B1", "XR_B2", "XR_B3", "XR_C1",
    "XR_C2", "XR_C3", "NLX_IN", "NLX_IM", "N1", "N2",   "Ce_x", "OPIOID", "O1",    "Ce_o",  "B_n",   "B_m",   "B_x",
    "L",     "B_E",   "B_o",    "R",      "X",  "P",    "E",    "Z",      "Y",     "I",     "Sy",    "Dp",
};

static const wn_bench_tolerance both[] = {{1e-8, 1e-8}, {1e-6, 1e-9}}, one[] = {{1e-6, 1e-9}};

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define LISTS(name)                                                                                             \
  .n_state = COUNT(name##_state), .state = name##_state, .n_param = COUNT(name##_param), .param = name##_param, \
  .prepare = wn_bench_##name##_prepare, .initial = wn_bench_##name##_initial, .rhs = wn_bench_##name##_rhs,     \
  .jacobian = wn_bench_##name##_jacobian

#define TOLERANCES(list) .n_tolerance = COUNT(list), .tolerance = list

const wn_bench_case wn_bench_cases[] = {
    {.name = "W1",
     .slack = 5e3,
     .title = "two compartments, oral, 7 doses, 241 outputs",
     .model = "bench/models/w1.lua",
     LISTS(w1),
     TOLERANCES(both),
     .n_dose = 7,
     .dose_amount = 100,
     .record_amount = 100,
     .dose_first = 0,
     .dose_every = 24,
     .every = 1,
     .n_time = 241},
    {.name = "W2",
     .slack = 5e3,
     .title = "full TMDD, 3 doses, 673 outputs",
     .model = "bench/models/w2.lua",
     LISTS(w2),
     TOLERANCES(both),
     .n_dose = 3,
     .dose_amount = 1000,
     .record_amount = 1000,
     .dose_first = 0,
     .dose_every = 168,
     .every = 1,
     .n_time = 673},
    {.name = "W3",
     .slack = 5e3,
     .title = "9-state blockade with feedback and clock, 30 doses, 2881 outputs",
     .model = "bench/models/w3.lua",
     LISTS(w3),
     TOLERANCES(both),
     .n_dose = 30,
     .dose_amount = 13181,
     .record_amount = 13181,
     .dose_first = 22,
     .record_first = 22,
     .dose_every = 24,
     .every = 0.25,
     .n_time = 2881},
    // 4.5 mg of hydrochloride in nmol, each entering after a lag of 0.15 h
    {.name = "naltrexone",
     // deficits that are counted from a kink on make small errors of tone large ones of Z
     .slack = 1e5,
     .title = "models/naltrexone.lua, 4.5 mg nightly, 28 days, 2689 outputs",
     .model = "models/naltrexone.lua",
     LISTS(naltrexone),
     TOLERANCES(one),
     .n_dose = 28,
     .dose_amount = 4.5e6 / 377.86,
     .record_amount = 4.5,
     .dose_first = 22.15,
     .record_first = 22,
     .dose_every = 24,
     .every = 0.25,
     .n_time = 2689},
    {.name = NULL},
};

const wn_bench_case *wn_bench_case_find(const char *name) {
  for (const wn_bench_case *c = wn_bench_cases; c->name; c++)
    if (strcmp(c->name, name) == 0) return c;
  return NULL;
}

void wn_bench_subject(const wn_bench_case *c, int subject, double *param) {
  for (int i = 0; i < c->n_param; i++) {
    param[i] = c->param[i].typical;
    if (!c->param[i].varies) continue;
    const wn_rng_key key = {.seed = 4, .subject = (uint32_t)subject + 1, .name = wn_rng_name(c->param[i].name)};
    param[i] *= exp(0.3 * wn_rng_normal(key));
  }
}

double wn_bench_time(const wn_bench_case *c, int k) { return k * c->every; }

double wn_bench_dose_time(const wn_bench_case *c, int dose) { return c->dose_first + dose * c->dose_every; }

size_t wn_bench_size(const wn_bench_case *c, int n_subject, int width) {
  const size_t n_batch = ((size_t)n_subject + (size_t)width - 1) / (size_t)width;
  return n_batch * (size_t)width * (size_t)c->n_time * (size_t)c->n_state;
}

static double value_at(const wn_bench_case *c, const double *block, int width, int subject, int k, int state) {
  const size_t batch = (size_t)(subject / width), row = batch * (size_t)c->n_time + (size_t)k;
  return block[(row * (size_t)c->n_state + (size_t)state) * (size_t)width + (size_t)(subject % width)];
}

double wn_bench_error(const wn_bench_case *c, int n, const double *block, int width, const double *reference,
                      int *worst_state, double *worst_time) {
  double worst = 0;
  for (int subject = 0; subject < n; subject++) {
    for (int state = 0; state < c->n_state; state++) {
      double peak = 0;
      for (int k = 0; k < c->n_time; k++) peak = fmax(peak, fabs(value_at(c, reference, 1, subject, k, state)));
      for (int k = 0; k < c->n_time; k++) {
        const double right = value_at(c, reference, 1, subject, k, state);
        const double off = fabs(value_at(c, block, width, subject, k, state) - right);
        // a state that stays 0 must stay so
        double error = off == 0 ? 0 : off / fmax(fabs(right), 1e-3 * peak);
        if (isnan(error)) error = HUGE_VAL;
        if (error <= worst) continue;
        worst = error;
        *worst_state = state;
        *worst_time = wn_bench_time(c, k);
      }
    }
  }
  return worst;
}
