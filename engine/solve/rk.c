// rk.c - explicit Runge-Kutta of order 5 with an embedded error estimate of order 4 and a free continuous extension of
// order 4, each lane with its own step. The last stage of a step is the first of the next. Must not know what an event
// is: lanes are only begun anew.
//
// The pair: Tsitouras 2011, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying assumption,
// Comput. Math. Appl. 62:770, table 1, and the extension of section 5.
#include "base/memory.h"
#include "solve/pace.h"
#include <string.h>

enum { N_STAGE = 7 };

static const double C[N_STAGE] = {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1};

static const double A[N_STAGE][N_STAGE - 1] = {
    {0},
    {0.161},
    {-0.008480655492356989, 0.335480655492357},
    {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
    {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
    {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
    {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774},
};

// the fifth order's weights without the fourth's
static const double ERROR[N_STAGE] = {-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995,
                                      -0.1447110071732629,     0.5823571654525552,     -0.45808210592918697,
                                      0.015151515151515152};

// weights of the stages at theta: D[k][0] + D[k][1] theta + ... + D[k][4] theta^4
static const double D[N_STAGE][5] = {
    {0, 1, -2.763706197274826, 2.9132554618219126, -1.0530884977290216},
    {0, 0, 0.13169999999999998, -0.2234, 0.1017},
    {0, 0, 3.9302962368947516, -5.941033872131505, 2.490627285651253},
    {0, 0, -12.411077166933676, 30.33818863028232, -16.548102889244902},
    {0, 0, 37.50931341651104, -88.1789048947664, 47.37952196281928},
    {0, 0, -27.896526289197286, 65.09189467479366, -34.87065786149661},
    {0, 0, 1.5, -4, 2.5},
};

// Derivatives at the stages: those of the first are the pace's slope, until the next attempt.
static double *stage(const wn_pace *p, int k) { return k ? wn_pace_block(p, k - 1) : p->slope; }

static wn_terms terms_of(const wn_pace *p, const double *weight, int n) {
  wn_terms terms = {.n = n};
  for (int k = 0; k < n; k++) terms.c[k] = weight[k], terms.x[k] = stage(p, k);
  return terms;
}

// what is summed: the place of each stage, the error, dense output
void wn_rk_prepare(wn_pace *p) {
  for (int k = 1; k < N_STAGE; k++) p->term[k] = terms_of(p, A[k], k);
  p->error = terms_of(p, ERROR, N_STAGE);
  p->curve.n = N_STAGE;
  memcpy(p->curve.c, D, sizeof D);
  for (int k = 0; k < N_STAGE; k++) p->curve.x[k] = stage(p, k), p->curve.is_scaled[k] = true;
}

void wn_rk_attempt(wn_pace *p) {
  for (int k = 1; k < N_STAGE; k++) {
    p->ops->add_scaled(p->n_state, p->width, p->y, p->at.step, &p->term[k], p->next);
    wn_pace_rhs(p, C[k], p->next, stage(p, k));
  }
  p->ops->judge(p->n_state, p->width, p->at.step, &p->error, &p->judge, p->at.err);
}

static void attempt(wn_pace *p) {
  // lanes that moved in the last call go on from its last stage
  p->ops->choose(p->n_state, p->width, p->at.take, stage(p, N_STAGE - 1), p->slope);
  wn_rk_attempt(p);
}

static const wn_method METHOD = {.name = "rk",
                                 .order = 5,
                                 .safety = 0.3,
                                 .most_grow = 5,
                                 .prepare = wn_rk_prepare,
                                 .attempt = attempt,
                                 .n_rhs = N_STAGE - 1,
                                 .n_block = WN_RK_BLOCKS};

static wn_status create(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  return wn_pace_create(&METHOD, system, def, 0, self, err);
}

const wn_integrator wn_rk = WN_PACED(create);
