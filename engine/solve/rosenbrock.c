// rosenbrock.c - Rosenbrock-Wanner of order 5 with an embedded error estimate of order 4 and a continuous extension of
// order 4, stiffly accurate and L-stable, each lane with its own step. One Jacobian and one factorisation a step, eight
// stages, no iteration. Must not know what an event is: lanes are only begun anew.
//
// Stages (Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd ed., section IV.7, form without products with
// the Jacobian): (I - h gamma J) u_i = h gamma (f(t + c_i h, y + sum a_ij u_j) + h d_i df/dt) + gamma sum C_ij u_j.
// Coefficients: Rodas5P, Steinebach 2023, Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks
// within the Julia Differential Equations package, BIT Numer. Math. 63:27.
#include "base/memory.h"
#include "solve/pace.h"
#include <math.h>
#include <string.h>

enum { N_STAGE = 8, N_DENSE = 3 };

static const double GAMMA = 0.21193756319429014;

static const double TIME[N_STAGE] = {
    0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1, 1, 1};

static const double DRIFT[N_STAGE] = {
    0.21193756319429014, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0, 0, 0};

// stages 7 and 8 and the solution each add the stage before to the place of the one before
static const double A[N_STAGE - 2][N_STAGE - 3] = {
    {0},
    {3.0},
    {2.849394379747939, 0.45842242204463923},
    {-6.954028509809101, 2.489845061869568, -10.358996098473584},
    {2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641},
    {-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946},
};

static const double C[N_STAGE][N_STAGE - 1] = {
    {0},
    {-14.155112264123755},
    {-17.97296035885952, -2.859693295451294},
    {147.12150275711716, -1.41221402718213, 71.68940251302358},
    {165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306},
    {24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471},
    {30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623,
     -28.087943162872662},
    {37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002,
     -54.66780262877968, -9.48861652309627},
};

static const double DENSE[N_DENSE][N_STAGE] = {
    {25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073,
     1.1241088310450404, 0.4272876194431874, -0.17202221070155493},
    {-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044,
     15.98066361424651, -6.789040303419874, -6.710236069923372},
    {11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654,
     -59.78993625266729, -0.15582684282751913, 4.883087185713722},
};

// the method's blocks: stages, the place of one, its derivatives, how they change with time, dense output
enum { PLACE = N_STAGE, SLOPE, CHANGE, DENSE_AT, N_BLOCK = DENSE_AT + N_DENSE };

// its sums: places, couplings, dense output
enum { COUPLED = N_STAGE, DENSE_SUM = 2 * N_STAGE };

static double *factors_of(const wn_pace *p) { return p->extra; }
static double *jacobian_of(const wn_pace *p) {
  return p->extra + (wn_lu_workspace(p->system.lu, p->width) + 7) / 8 * 8;
}

static wn_terms terms_of(const wn_pace *p, const double *weight, int n, double factor) {
  wn_terms terms = {.n = n};
  for (int k = 0; k < n; k++) terms.c[k] = factor * weight[k], terms.x[k] = wn_pace_block(p, k);
  return terms;
}

static bool has_drift(const wn_pace *p) { return p->system.drift != NULL; }

// u_k from the derivatives at its place
static void solve_stage(wn_pace *p, int k, const double *slope) {
  const int width = p->width;
  double *gain = p->row[0], *shift = p->row[1], *u = wn_pace_block(p, k);
  const bool drifts = has_drift(p) && DRIFT[k] != 0;
  for (int lane = 0; drifts && lane < width; lane++) shift[lane] = p->at.step[lane] * DRIFT[k];
  p->ops->stage(p->n_state, width, gain, slope, shift, drifts ? wn_pace_block(p, CHANGE) : NULL, &p->term[COUPLED + k],
                u);
  wn_lu_solve(p->system.lu, width, factors_of(p), u);
}

// returns 0, or 1 + a lane whose matrix cannot be factorised
static int factorise(wn_pace *p) {
  double *gain = p->row[0];
  for (int lane = 0; lane < p->width; lane++) gain[lane] = GAMMA * p->at.step[lane];
  p->system.jacobian(p->system.context, p->at.time, p->y, jacobian_of(p));
  p->stats.n_jacobian++;
  p->stats.n_factor++;
  return wn_lu_factor(p->system.lu, p->width, gain, jacobian_of(p), factors_of(p));
}

static void attempt(wn_pace *p) {
  const int n = p->n_state, width = p->width;
  double *place = wn_pace_block(p, PLACE), *slope = wn_pace_block(p, SLOPE);
  const int bad = factorise(p);
  if (has_drift(p)) p->system.drift(p->system.context, p->at.time, p->y, wn_pace_block(p, CHANGE));
  solve_stage(p, 0, p->slope);
  for (int k = 1; k < N_STAGE; k++) {
    p->ops->add(n, width, k < N_STAGE - 2 ? p->y : place, &p->term[k], place);
    wn_pace_rhs(p, TIME[k], place, slope);
    solve_stage(p, k, slope);
  }
  p->ops->add(n, width, place, &p->error, p->next);
  p->ops->judge(n, width, NULL, &p->error, &p->judge, p->at.err);
  // a matrix that is singular may not be at a shorter step
  if (bad) p->at.err[bad - 1] = 1e10;
}

// (1 - t) old + t (y + (1 - t) (x0 + t (x1 + t x2))), sorted by block
static const double CURVE[2 + N_DENSE][5] = {
    {0, -1}, {0, 1}, {0, 1, -1}, {0, 0, 1, -1}, {0, 0, 0, 1, -1},
};

static void ready(wn_pace *p) {
  for (int k = 0; k < N_DENSE; k++)
    p->ops->sum(p->n_state, p->width, &p->term[DENSE_SUM + k], wn_pace_block(p, DENSE_AT + k));
}

// what is summed: the place of each stage, its coupling to those before, dense output; and the error
static void prepare(wn_pace *p) {
  for (int k = 1; k < N_STAGE - 2; k++) p->term[k] = terms_of(p, A[k], k, 1);
  for (int k = N_STAGE - 2; k < N_STAGE; k++) p->term[k] = (wn_terms){.n = 1, .c = {1}, .x = {wn_pace_block(p, k - 1)}};
  for (int k = 0; k < N_STAGE; k++) p->term[COUPLED + k] = terms_of(p, C[k], k, GAMMA);
  for (int k = 0; k < N_DENSE; k++) p->term[DENSE_SUM + k] = terms_of(p, DENSE[k], N_STAGE, 1);
  p->error = (wn_terms){.n = 1, .c = {1}, .x = {wn_pace_block(p, N_STAGE - 1)}};
  p->curve = (wn_curve){.n = 2 + N_DENSE, .x = {p->old, p->y}};
  memcpy(p->curve.c, CURVE, sizeof CURVE);
  for (int k = 0; k < N_DENSE; k++) p->curve.x[2 + k] = wn_pace_block(p, DENSE_AT + k);
}

static const wn_method METHOD = {.name = "rosenbrock",
                                 .order = 5,
                                 .safety = 1,
                                 .most_grow = 6,
                                 .prepare = prepare,
                                 .attempt = attempt,
                                 .ready = ready,
                                 .is_forgetful = true,
                                 .n_rhs = N_STAGE - 1,
                                 .is_implicit = true,
                                 .n_block = N_BLOCK};

static wn_status create(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  if (!system->jacobian || !system->lu)
    return wn_fail(err, WN_ERR_USER, "solver: rosenbrock needs the Jacobian of the equations; try rk");
  const size_t n_extra =
      (wn_lu_workspace(system->lu, system->width) + 7) / 8 * 8 + (size_t)(system->n_nz + 1) * (size_t)system->width;
  return wn_pace_create(&METHOD, system, def, n_extra, self, err);
}

const wn_integrator wn_rosenbrock = WN_PACED(create);
