// test_exact.c - the exact solver against an independent evaluation of the same linear systems: steps, dense output,
// restarts; what its bits depend on; and how it fails.
#include "solve/linear.h"

#include <stdio.h>

// ---- systems ----

// numbers in [0, 1) that are the same everywhere
static double next_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

typedef enum family {
  ORAL,      // depot and two compartments
  STIFF,     // norm x 24 h = 1e4, and an input
  EXCHANGE,  // two compartments that mix within seconds, so that slow modes hide behind fast ones
  UNITS,     // ORAL in units a million apart
  TRANSIT,   // twenty equal rates in a row: one defective eigenvalue
  NILPOTENT,
  NOTHING,  // A = 0 but for an entry of one lane
  DEATH,    // what is left after 24 h is 1e-208
  TANGLED,  // eight compartments, flows over four decades
  RANDOM,   // six states, signs mixed, stable
  N_KIND
} family;

static const int sizes[N_KIND] = {3, 3, 3, 3, 20, 10, 2, 2, 8, 6};

static void fill_small(linear *l, family kind, int lane, double v) {
  double(*A)[MOST_LINEAR] = l->A[lane];
  const double fast = kind == STIFF ? 400.0 : 1.0, unit = kind == UNITS ? 1e6 : 1.0;
  switch (kind) {
  case EXCHANGE:
    A[0][0] = -200.0 * v - 0.1, A[0][1] = 200.0, A[1][0] = 200.0 * v, A[1][1] = -200.5;
    A[2][0] = 0.1, A[2][1] = 0.5, A[2][2] = -0.02;
    break;
  case NOTHING:
    A[1][0] = lane == 0 ? 1e-30 : 0.0;
    l->b[lane][1] = 2.0;
    break;
  case DEATH: A[0][0] = -20.0 * v, A[1][0] = 3.0, A[1][1] = -15.0; break;
  default:
    A[0][0] = -fast * v, A[1][0] = fast * v * unit, A[1][1] = -0.05 * v - 0.1, A[1][2] = 0.1 / unit;
    A[2][1] = 0.1 * unit, A[2][2] = -0.1;
    l->b[lane][0] = kind == STIFF ? lane % 2 : 0.0;
    l->unit[1] = unit, l->unit[2] = unit * unit;
  }
}

static void fill_large(linear *l, family kind, int lane, double v, uint64_t *seed) {
  double(*A)[MOST_LINEAR] = l->A[lane];
  const int n = sizes[kind];
  for (int i = 0; i < n; i++) {
    if (kind == RANDOM) {
      for (int j = 0; j < n; j++) A[i][j] = next_random(seed) - 0.5 - (i == j ? 1.5 : 0.0);
    } else if (kind == TANGLED) {
      A[i][i] -= 0.1 * next_random(seed);
      for (int j = 0; j < n; j++) {
        const double flow = i != j && next_random(seed) < 0.4 ? pow(10.0, 4.0 * next_random(seed) - 3.0) : 0.0;
        A[j][i] += flow, A[i][i] -= flow;
      }
      l->b[lane][i] = lane % 3 == 0 ? next_random(seed) : 0.0;
    } else {
      A[i][i] = kind == TRANSIT ? -v : 0.0;
      if (i > 0) A[i][i - 1] = v;
    }
  }
}

// y0 [n][width]: all in the first state, or everywhere
static linear *make(family kind, int width, double *y0) {
  linear *l = linear_create();
  uint64_t seed = 7;
  for (int lane = 0; lane < width; lane++) {
    const double v = exp(0.6 * next_random(&seed) - 0.3);
    if (sizes[kind] <= 3)
      fill_small(l, kind, lane, v);
    else
      fill_large(l, kind, lane, v, &seed);
    for (int i = 0; i < sizes[kind]; i++)
      y0[i * width + lane] = kind == TANGLED || kind == RANDOM || kind == DEATH ? next_random(&seed) : i == 0;
  }
  linear_ready(l, sizes[kind], width);
  return l;
}

static wn_solver_def exact_def(void) { return test_def("exact", 1e-6, 1e-9); }

// ---- against the reference ----

// each state of the lane is right: relative to itself, or where signs are mixed to the largest
static void check_lane(const linear *l, int lane, double s, const double *y0, const double *y, bool is_mixed,
                       double most) {
  const int n = l->system.n_state, width = l->system.width;
  double want[MOST_LINEAR], largest = 0.0;
  for (int i = 0; i < n; i++) want[i] = y0[i * width + lane];
  linear_reference(l, lane, s, want);
  for (int i = 0; i < n; i++) largest = fmax(largest, fabs(want[i]));
  for (int i = 0; i < n; i++) {
    const double off = fabs(y[i * width + lane] - want[i]), scale = is_mixed ? largest : fabs(want[i]);
    // below the smallest normal number precision is lost
    if (off > most * scale + 1e-300)
      fail_msg("state %d, lane %d, t = %g: %.17g, expected %.17g", i, lane, s, y[i * width + lane], want[i]);
  }
}

static void run_against_reference(family kind, int width) {
  double y0[MOST_LINEAR * MOST_LANE], y[MOST_LINEAR * MOST_LANE], s = 0.0;
  linear *l = make(kind, width, y0);
  wn_solver *solver = shared_solver(&l->system, exact_def());
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  const double part[] = {0.17267316464601143, 0.999, 0.5, 0.0, 0.82732683535398857, 1e-9, 1.0};
  for (int k = 0; s < 24.0; k++) {
    assert_int_equal(shared_step(solver, 24.0, &s, NULL), WN_OK);
    const double begin = shared_previous(solver);
    assert_true(s == 24.0);
    // in no order, in lanes that change; the reference is slow
    for (int i = 0; i < 7; i++) {
      const double at = i == 6 ? s : begin + part[i] * (s - begin);
      shared_look(solver, at, y);
      if ((i + k) % 4 == 0 || s == 24.0) check_lane(l, (i + k) % width, at, y0, y, kind == RANDOM, 1e-12);
    }
  }
  for (int lane = 0; lane < width; lane++)
    check_lane(l, lane, 24.0, y0, wn_solver_state(solver), kind == RANDOM, 1e-12);
  wn_solver_destroy(solver);
  linear_destroy(l);
}

static void test_against_reference(void **state) {
  (void)state;
  for (family kind = 0; kind < N_KIND; kind++) {
    for (int width = 4; width <= MOST_LANE; width *= 2) run_against_reference(kind, width);
  }
}

// ---- pieces ----

static double value_at(const double *const *node, int at, double x) {
  double sum = 0.0;
  for (int k = 0; k < WN_N_NODES; k++) {
    double part = node[k][at];
    for (int j = 0; j < WN_N_NODES; j++)
      if (j != k) part *= (8.0 * x - j) / (k - j);
    sum += part;
  }
  return sum;
}

// the step of a day in pieces: they follow one another, their nodes are where the reference is and so is what lies
// between, and they add up to the integral, A times which is what a state has gained without its input
static int check_pieces(const linear *l, const double *y0, wn_solver *solver, bool is_mixed) {
  static const double cotes[] = {989, 5888, -928, 10496, -4540, 10496, -928, 5888, 989};
  const int n = l->system.n_state, width = l->system.width;
  double integral[MOST_LINEAR * MOST_LANE] = {0.0}, largest[MOST_LINEAR * MOST_LANE], reached[MOST_LANE] = {0.0};
  double want[MOST_LINEAR], between[MOST_LINEAR * MOST_LANE];
  const double *from, *to, *node[WN_N_NODES];
  int n_piece = 0;
  for (int i = 0; i < n * width; i++) largest[i] = fmax(fabs(y0[i]), fabs(wn_solver_state(solver)[i]));
  for (; wn_solver_nodes(solver, &from, &to, node); n_piece++) {
    for (int lane = 0; lane < width; lane++) {
      const double h = to[lane] - from[lane];
      assert_true(from[lane] == reached[lane] && h >= 0.0 && to[lane] <= 24.0);
      reached[lane] = to[lane];
      for (int i = lane; i < n * width; i += width) {
        for (int k = 0; k < WN_N_NODES; k++) {
          integral[i] += cotes[k] / 28350.0 * h * node[k][i];
          largest[i] = fmax(largest[i], fabs(node[k][i]));
        }
        between[i] = value_at((const double *const *)node, i, 0.04);
      }
      if ((n_piece + lane) % 3 || h == 0.0) continue;
      check_lane(l, lane, from[lane] + 0.75 * h, y0, node[6], is_mixed, 1e-11);
      for (int i = 0; i < n; i++) want[i] = y0[i * width + lane];
      linear_reference(l, lane, from[lane] + 0.04 * h, want);
      for (int i = 0; i < n; i++)
        assert_close(between[i * width + lane], want[i], 2e-8 * largest[i * width + lane] + 1e-300);
    }
  }
  for (int lane = 0; lane < width; lane++) {
    assert_true(reached[lane] == 24.0);
    for (int i = 0; i < n; i++) {
      double gain = 24.0 * l->b[lane][i], scale = fabs(gain);
      for (int j = 0; j < n; j++) {
        const double part = l->A[lane][i][j] * integral[j * width + lane];
        gain += part, scale += fabs(part);
      }
      const double *y = wn_solver_state(solver);
      assert_close(gain, y[i * width + lane] - y0[i * width + lane],
                   1e-10 * scale + 1e-13 * fabs(y0[i * width + lane]));
    }
  }
  return n_piece;
}

static void test_pieces(void **state) {
  (void)state;
  for (family kind = 0; kind < N_KIND; kind++) {
    double y0[MOST_LINEAR * MOST_LANE], s = 0.0;
    linear *l = make(kind, 4, y0);
    wn_solver *solver = shared_solver(&l->system, exact_def());
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    assert_int_equal(shared_step(solver, 24.0, &s, NULL), WN_OK);
    check_pieces(l, y0, solver, kind == RANDOM);
    wn_solver_destroy(solver);
    linear_destroy(l);
  }
}

// doses and infusions that come and go, at times that are no multiples of anything
static void test_restarts(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE], y[MOST_LINEAR * MOST_LANE];
  linear *l = make(ORAL, 8, y0);
  wn_solver *solver = shared_solver(&l->system, exact_def());
  const double time[] = {-3.3, 0.0, 0.1, 1.0 / 3.0, 7.7, 24.0, 48.1, 300.7};
  memcpy(y, y0, sizeof y);
  for (int k = 0; k + 1 < 8; k++) {
    for (int lane = 0; lane < 8; lane++) {
      if (k % 2) y[lane] += 10.0;
      l->b[lane][1] = k % 3 == 0 ? 0.0 : 2.0 + lane;
    }
    memcpy(y0, y, sizeof y);
    assert_int_equal(shared_begin(solver, time[k], y, NULL), WN_OK);
    test_run(solver, time[k], time[k + 1]);
    memcpy(y, wn_solver_state(solver), 24 * sizeof *y);
    for (int lane = 0; lane < 8; lane++) check_lane(l, lane, time[k + 1] - time[k], y0, y, false, 1e-12);
  }
  wn_solver_destroy(solver);
  linear_destroy(l);
}

// the caller changes its mind about where to stop, in the middle of a stretch
static void test_stop_may_change(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE], y[MOST_LINEAR * MOST_LANE], s = 0.0;
  linear *l = make(ORAL, 4, y0);
  wn_solver_def def = exact_def();
  def.max_step = 1.0;
  wn_solver *solver = shared_solver(&l->system, def);
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  const double stop[] = {24.0, 24.0, 3.1, 3.1, 100.0, 17.0, 5.3, 9.9};
  for (int k = 0; k < 8; k++) {
    if (k < 6) assert_int_equal(shared_step(solver, stop[k], &s, NULL), WN_OK);
    if (k >= 6) test_run(solver, s, stop[k]), s = stop[k];
    assert_true(s <= stop[k]);
    for (int lane = 0; lane < 4; lane++) check_lane(l, lane, s, y0, wn_solver_state(solver), false, 1e-12);
  }
  test_run(solver, s, 24.0);
  shared_look(solver, 24.0, y);
  for (int lane = 0; lane < 4; lane++) check_lane(l, lane, 24.0, y0, y, false, 1e-12);
  wn_solver_destroy(solver);
  linear_destroy(l);
}

// pieces begin at the fastest mode and grow as modes die out: neither as many as the fastest would need for ever, nor
// so few that nothing could be seen
static void test_few_pieces(void **state) {
  (void)state;
  const struct {
    family kind;
    int least, most;
  } want[] = {{ORAL, 6, 25}, {STIFF, 12, 40}, {EXCHANGE, 10, 40}, {DEATH, 8, 30}, {NOTHING, 1, 1}};
  for (int k = 0; k < 5; k++) {
    double y0[MOST_LINEAR * MOST_LANE];
    linear *l = make(want[k].kind, 16, y0);
    wn_solver *solver = shared_solver(&l->system, exact_def());
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    assert_int_equal(test_run(solver, 0.0, 24.0), 1);
    const double *from, *to, *node[WN_N_NODES];
    int n = 0;
    while (wn_solver_nodes(solver, &from, &to, node)) n++;
    if (n < want[k].least || n > want[k].most) fail_msg("system %d: %d pieces", want[k].kind, n);
    wn_solver_destroy(solver);
    linear_destroy(l);
  }
}

static void test_max_step(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE], s = 0.0;
  linear *l = make(ORAL, 4, y0);
  wn_solver_def def = exact_def();
  def.max_step = 0.7;
  wn_solver *solver = shared_solver(&l->system, def);
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  while (s < 24.0) {
    assert_int_equal(shared_step(solver, 24.0, &s, NULL), WN_OK);
    assert_true(s - shared_previous(solver) <= 0.7 * (1.0 + 1e-12));
    check_lane(l, 3, s, y0, wn_solver_state(solver), false, 1e-12);
  }
  wn_solver_destroy(solver);
  linear_destroy(l);
}

// ---- bits ----

// a day of lanes that share nothing
static wn_solver *start_lanes(const linear *l, const double *y0) {
  static const double from[MOST_LANE] = {0.0};
  double to[MOST_LANE];
  for (int lane = 0; lane < MOST_LANE; lane++) to[lane] = 24.0;
  const wn_solver_def def = exact_def();
  wn_solver *solver = test_solver(&l->system, def);
  assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
  assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
  return solver;
}

// where a stretch ends, a lane's bits depend on the lane alone: not on its companions, their number, or who looks on
static void test_lanes_stand_alone(void **state) {
  (void)state;
  const family kinds[] = {ORAL, STIFF, TANGLED};
  for (int k = 0; k < 3; k++) {
    double y0[MOST_LINEAR * MOST_LANE], one[MOST_LINEAR * 4];
    linear *many = make(kinds[k], 16, y0);
    const int n = sizes[kinds[k]];
    // a companion with modes a thousand times as fast
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) many->A[5][i][j] *= 1000.0;
    wn_solver *solver = start_lanes(many, y0);
    const double *y = wn_solver_state(solver);
    enum { MOST_PIECE = 2000 };
    static double end[MOST_PIECE][16], middle[MOST_PIECE][MOST_LINEAR * 16];
    const double *from, *to, *node[WN_N_NODES];
    int n_piece = 0;
    for (; wn_solver_nodes(solver, &from, &to, node); n_piece++) {
      assert_true(n_piece < MOST_PIECE);
      memcpy(end[n_piece], to, sizeof end[0]);
      memcpy(middle[n_piece], node[4], (size_t)(n * 16) * sizeof(double));
    }
    for (int lane = 0; lane < 16; lane++) {
      linear *alone = linear_create();
      for (int k4 = 0; k4 < 4; k4++) {
        memcpy(alone->A[k4], many->A[lane], sizeof alone->A[k4]);
        memcpy(alone->b[k4], many->b[lane], sizeof alone->b[k4]);
        for (int i = 0; i < n; i++) one[4 * i + k4] = y0[16 * i + lane];
      }
      // the pattern of all lanes
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
          for (int other = 0; other < 16; other++)
            if (many->A[other][i][j] != 0.0 && alone->A[0][i][j] == 0.0) alone->A[3][i][j] = 1.0;
      linear_ready(alone, n, 4);
      wn_solver *single = start_lanes(alone, one);
      for (int i = 0; i < n; i++) assert_true(wn_solver_state(single)[4 * i] == y[16 * i + lane]);
      // (lanes that fill a batch up go on longer than the one looked at)
      for (int piece = 0; wn_solver_nodes(single, &from, &to, node) && from[0] < 24.0; piece++) {
        assert_true(to[0] == end[piece][lane]);
        for (int i = 0; i < n; i++) assert_true(node[4][4 * i] == middle[piece][16 * i + lane]);
      }
      wn_solver_destroy(single);
      linear_destroy(alone);
    }
    wn_solver_destroy(solver);
    linear_destroy(many);
  }
}

// doses at equal intervals share all exponentials; another A makes new ones, even if it is another by one bit
static void test_exponentials_are_kept(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE];
  linear *l = make(ORAL, 8, y0);
  wn_solver *solver = shared_solver(&l->system, exact_def());
  wn_solver_stats stats;
  for (int k = 0; k < 6; k++) {
    const double from = 24.0 * k + (k == 4 ? 1.0 : 0.0);
    if (k == 5) l->A[7][1][1] = nextafter(l->A[7][1][1], 0.0);
    assert_int_equal(shared_begin(solver, from, y0, NULL), WN_OK);
    assert_int_equal(test_run(solver, from, 24.0 * (k + 1)), 1);
    wn_solver_stats_get(solver, &stats);
    const long want[] = {1, 1, 1, 1, 2, 3};
    assert_int_equal(stats.n_factor, want[k]);
    assert_true(stats.n_restart == k + 1 && stats.n_step == k + 1);
    assert_true(stats.n_rhs == k + 1 && stats.n_jacobian == k + 1);
    check_lane(l, 7, 24.0 * (k + 1) - from, y0, wn_solver_state(solver), false, 1e-12);
  }
  wn_solver_destroy(solver);

  // with pieces, the first interval makes all
  solver = shared_solver(&l->system, exact_def());
  long first = 0;
  for (int k = 0; k < 50; k++) {
    assert_int_equal(shared_begin(solver, 24.0 * k, y0, NULL), WN_OK);
    test_run(solver, 24.0 * k, 24.0 * (k + 1));
    const double *from, *to, *node[WN_N_NODES];
    while (wn_solver_nodes(solver, &from, &to, node))
      ;
    wn_solver_stats_get(solver, &stats);
    if (k == 0) first = stats.n_factor;
  }
  assert_true(first > 0 && stats.n_factor == first);
  wn_solver_destroy(solver);
  linear_destroy(l);
}

static void test_repeats_bit_for_bit(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE], first[MOST_LINEAR * MOST_LANE], y[MOST_LINEAR * MOST_LANE];
  linear *l = make(TANGLED, 16, y0);
  int n_step = 0;
  for (int pass = 0; pass < 2; pass++) {
    wn_solver *solver = shared_solver(&l->system, exact_def());
    assert_int_equal(shared_begin(solver, 5.1, y0, NULL), WN_OK);
    const int n = test_run(solver, 5.1, 29.1);
    shared_look(solver, 29.05, y);
    if (pass == 0) memcpy(first, y, sizeof first), n_step = n;
    assert_int_equal(n, n_step);
    assert_memory_equal(first, y, 8 * 16 * sizeof *y);
    wn_solver_destroy(solver);
  }
  linear_destroy(l);
}

// ---- failures ----

static void expect_step_failure(wn_solver *solver, const double *y0, const char *words, int state, int lane) {
  wn_error err = {0};
  double s = 0.0;
  int at = -2, where = -2;
  assert_int_equal(shared_begin(solver, 0.0, y0, &err), WN_OK);
  assert_int_equal(shared_step(solver, 24.0, &s, &err), WN_ERR_RUN);
  if (!strstr(err.message, words)) fail_msg("'%s' lacks '%s'", err.message, words);
  assert_null(strchr(err.message, '\n'));
  assert_int_equal(wn_solver_worst(solver, &at, &where), state >= 0);
  assert_true(at == state && where == lane);
}

static void test_failures(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE];
  linear *l = make(ORAL, 4, y0);
  wn_solver *solver = shared_solver(&l->system, exact_def());
  const double kept = l->A[2][1][1];
  l->rhs_fails = 1;
  expect_step_failure(solver, y0, "the equations are not finite at t = 0 h", -1, -1);
  l->rhs_fails = 0, l->jacobian_fails = 1;
  expect_step_failure(solver, y0, "the equations are not finite at t = 0 h", -1, -1);
  l->jacobian_fails = 0, l->b[3][2] = INFINITY;
  expect_step_failure(solver, y0, "the equation of state 2 is not finite at t = 0 h (lane 3)", 2, 3);
  l->b[3][2] = 0.0, l->A[2][1][1] = NAN;
  expect_step_failure(solver, y0, "is not finite at t = 0 h (lane 2)", 1, 2);
  l->A[2][1][1] = 100.0;
  expect_step_failure(solver, y0, "state 1 grows without bound between t = 0 h and 24 h (lane 2)", 1, 2);
  l->A[2][1][1] = -1e14;
  expect_step_failure(solver, y0, "is too fast for the 24 h from t = 0 h on; try solver bdf", -1, -1);
  // a failed solver can be used again
  l->A[2][1][1] = kept;
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  test_run(solver, 0.0, 24.0);
  check_lane(l, 2, 24.0, y0, wn_solver_state(solver), false, 1e-12);
  wn_solver_destroy(solver);
  linear_destroy(l);
}

static void expect_refused(const wn_system *system, const char *words) {
  const wn_solver_def def = exact_def();
  wn_solver *solver = NULL;
  wn_error err = {0};
  assert_int_equal(shared_create(system, &def, &solver, &err), WN_ERR_USER);
  assert_null(solver);
  if (!strstr(err.message, words)) fail_msg("'%s' lacks '%s'", err.message, words);
}

static void test_refused(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE];
  linear *l = make(ORAL, 4, y0);
  wn_system system = l->system;
  system.is_linear = false;
  expect_refused(&system, "expected linear equations with constant coefficients");
  system = l->system;
  system.jacobian = NULL;
  expect_refused(&system, "needs the Jacobian");
  linear_destroy(l);
  l = linear_create();
  for (int i = 0; i < 33; i++) l->A[0][i][i] = -1.0;
  linear_ready(l, 33, 4);
  expect_refused(&l->system, "expected at most 32 states, got 33; try solver auto");
  linear_destroy(l);
}

// every allocation of create fails once
static void test_out_of_memory(void **state) {
  (void)state;
  double y0[MOST_LINEAR * MOST_LANE];
  linear *l = make(TANGLED, 16, y0);
  const wn_solver_def def = exact_def();
  long n = 0;
  wn_solver *solver = NULL;
  for (; n < 100; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    const wn_status status = shared_create(&l->system, &def, &solver, &err);
    wn_alloc_fail_after(-1);
    if (status == WN_OK) break;
    assert_int_equal(status, WN_ERR_MEMORY);
    assert_int_equal(err.status, WN_ERR_MEMORY);
    assert_null(solver);
  }
  assert_true(n > 10 && n < 100);
  wn_alloc_fail_after(0);
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  test_run(solver, 0.0, 24.0);
  shared_look(solver, 23.9, y0);
  wn_alloc_fail_after(-1);
  wn_solver_destroy(solver);
  linear_destroy(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_reference),
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_restarts),
      cmocka_unit_test(test_stop_may_change),
      cmocka_unit_test(test_few_pieces),
      cmocka_unit_test(test_max_step),
      cmocka_unit_test(test_lanes_stand_alone),
      cmocka_unit_test(test_exponentials_are_kept),
      cmocka_unit_test(test_repeats_bit_for_bit),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
