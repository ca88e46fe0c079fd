// test_pace.c - lanes with clocks of their own: each lane's bits are those it has alone, whatever its neighbours do and
// when they begin; lanes of a group keep the same time; all sets of kernels give the same bits; the methods have the
// order they claim, and so has their dense output.
#include "solve/systems.h"

#include "expr/program.h"
#include "solve/pace_ops.h"
#include <stdio.h>

static const char *const paced[] = {"rk", "rosenbrock", "taylor", "bdf", "explicit"};
enum { N_PACED = 5, N_OURS = 3 };

static wn_solver *own_clocks(const wn_system *system, const char *name, double rtol) {
  wn_solver_def def = test_def(name, rtol, 1e-3 * rtol);
  return test_solver(system, def);
}

// all lanes to their ends; the states there -> y. Counts calls
static int to_the_ends(wn_solver *solver, int width, const double *end, double *y, int n) {
  for (int calls = 1; calls < 100000; calls++) {
    wn_error err = {0};
    if (wn_solver_advance(solver, &err)) fail_msg("%s", err.message);
    const double *now = wn_solver_times(solver), *before = wn_solver_previously(solver);
    bool all = true;
    for (int lane = 0; lane < width; lane++) {
      assert_true(before[lane] <= now[lane] && now[lane] <= end[lane]);
      all &= now[lane] == end[lane];
    }
    if (!all) continue;
    memcpy(y, wn_solver_state(solver), (size_t)(n * width) * sizeof(double));
    return calls;
  }
  fail_msg("lanes do not come to their ends");
  return 0;
}

// eight lanes with rates, beginnings and ends of their own, against each of them in all lanes of a narrow batch
static void test_bits_of_a_lane(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    fixture wide, narrow;
    vdp_init(&wide, 8), vdp_init(&narrow, 4);
    double from[8], to[8], y0[16], y[16], alone[8];
    for (int lane = 0; lane < 8; lane++) {
      wide.rate[lane] = 1.0 + 3.0 * lane;
      from[lane] = 0.25 * lane, to[lane] = 4.0 + lane;
      y0[lane] = 2.0 - 0.1 * lane, y0[8 + lane] = 0.05 * lane;
    }
    wn_solver *solver = own_clocks(&wide.system, paced[k], 1e-6);
    assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
    to_the_ends(solver, 8, to, y, 2);
    for (int lane = 0; lane < 8; lane++) {
      double one_from[4], one_to[4], one[8];
      for (int i = 0; i < 4; i++) {
        narrow.rate[i] = wide.rate[lane], one_from[i] = from[lane], one_to[i] = to[lane];
        one[i] = y0[lane], one[4 + i] = y0[8 + lane];
      }
      wn_solver *single = own_clocks(&narrow.system, paced[k], 1e-6);
      assert_int_equal(wn_solver_begin(single, NULL, one_from, one_to, one, NULL), WN_OK);
      to_the_ends(single, 4, one_to, alone, 2);
      assert_true(alone[0] == y[lane] && alone[4] == y[8 + lane]);
      wn_solver_destroy(single);
    }
    wn_solver_destroy(solver);
    fixture_free(&wide), fixture_free(&narrow);
  }
}

// a lane begun anew while the others are on their way changes nothing for them
static void test_begin_one(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    double y[2][8], first[4] = {0}, last[4] = {8, 8, 8, 8};
    for (int disturbed = 0; disturbed < 2; disturbed++) {
      fixture f;
      vdp_init(&f, 4);
      for (int lane = 0; lane < 4; lane++) f.rate[lane] = 2.0 + lane;
      double y0[8] = {2, 2, 2, 2};
      wn_solver *solver = own_clocks(&f.system, paced[k], 1e-7);
      assert_int_equal(wn_solver_begin(solver, NULL, first, last, y0, NULL), WN_OK);
      for (int i = 0; i < 5; i++) assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      if (disturbed) {
        bool which[4] = {false, false, true, false};
        double now[4], there[8];
        memcpy(now, wn_solver_times(solver), sizeof now);
        memcpy(there, wn_solver_state(solver), sizeof there);
        there[2] += 1.0;
        assert_int_equal(wn_solver_begin(solver, which, now, last, there, NULL), WN_OK);
        // not-a-number in a lane that is not begun is nobody's business; in one that is, it is refused
        there[1] = NAN;
        assert_int_equal(wn_solver_begin(solver, which, now, last, there, NULL), WN_OK);
        which[1] = true;
        assert_int_equal(wn_solver_begin(solver, which, now, last, there, NULL), WN_ERR_RUN);
      }
      to_the_ends(solver, 4, last, y[disturbed], 2);
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
    for (int i = 0; i < 8; i++) assert_true((y[0][i] == y[1][i]) == (i % 4 != 2));
  }
}

// lanes of a group are at the same time after every call; a slow neighbour outside it is not
static void test_groups(void **state) {
  (void)state;
  const int group[4] = {0, 1, 0, 2};
  for (int k = 0; k < N_PACED; k++) {
    fixture f;
    vdp_init(&f, 4);
    for (int lane = 0; lane < 4; lane++) f.rate[lane] = 1.0 + 10.0 * lane;
    f.system.group = group;
    const double y0[8] = {2, 2, 2, 2}, from[4] = {0}, to[4] = {5, 5, 5, 5};
    wn_solver *solver = own_clocks(&f.system, paced[k], 1e-6);
    assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
    bool apart = false;
    const double *now = wn_solver_times(solver);
    while (now[0] < 5 || now[1] < 5 || now[3] < 5) {
      assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      now = wn_solver_times(solver);
      assert_true(now[0] == now[2]);
      apart |= now[0] != now[1];
    }
    assert_true(apart);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// y' = -(y - cos t) from 0 in steps of h, whose error nobody minds: its error at 3, and within the steps
static void steps_of(const char *name, double h, double *at_end, double *within) {
  fixture f;
  forced_init(&f, 4);
  wn_solver_def def = test_def(name, 1e-2, 1e3);
  def.max_step = h;
  wn_solver *solver = test_solver(&f.system, def);
  const double y0[4] = {0}, from[4] = {0}, to[4] = {3, 3, 3, 3};
  assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
  *within = 0;
  for (double now = 0; now < 3;) {
    assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
    const double before = wn_solver_previously(solver)[0];
    now = wn_solver_times(solver)[0];
    for (int part = 1; part < 10 && before > 0.5; part++) {
      double time[4], y[4];
      for (int lane = 0; lane < 4; lane++) time[lane] = before + 0.1 * part * (now - before);
      wn_solver_look(solver, time, y);
      *within = fmax(*within, fabs(y[0] - forced_exact(time[0], 1, 0)));
    }
  }
  *at_end = fabs(wn_solver_state(solver)[0] - forced_exact(3, 1, 0));
  wn_solver_destroy(solver);
  fixture_free(&f);
}

// half the step: about a 32nd of the error at the end of steps, at least about a 16th within them
static void test_order(void **state) {
  (void)state;
  for (int k = 0; k < N_OURS; k++) {
    double end[3], within[3], h[3] = {0.125, 0.0625, 0.03125};
    for (int i = 0; i < 3; i++) steps_of(paced[k], h[i], &end[i], &within[i]);
    const double order = log2(end[0] / end[2]) / 2, dense = log2(within[0] / within[2]) / 2;
    if (!(order > 4.6 && order < 6.5) || !(dense > 3.7 && dense < 6.5))
      fail_msg("%s: order %g at the ends of steps, %g within", paced[k], order, dense);
  }
}

// dense output begins and ends where the step does; a lane that stands gives its state, bit for bit
static void test_look(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    fixture f;
    vdp_init(&f, 4);
    const double y0[8] = {2, 2, 2, 2}, from[4] = {0, 0, 0, 3}, to[4] = {3, 3, 3, 3};
    wn_solver *solver = own_clocks(&f.system, paced[k], 1e-6);
    assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
    double was[8], y[8];
    memcpy(was, y0, sizeof was);
    for (int i = 0; i < 10; i++) {
      assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      wn_solver_look(solver, wn_solver_times(solver), y);
      assert_memory_equal(y, wn_solver_state(solver), sizeof y);
      wn_solver_look(solver, wn_solver_previously(solver), y);
      for (int at = 0; at < 8; at++) assert_close(y[at], was[at], 1e-12);
      memcpy(was, wn_solver_state(solver), sizeof was);
      assert_true(wn_solver_times(solver)[3] == 3 && was[3] == 2);
    }
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// few lanes asked for have the bits of all of them asked for, whoever integrates
static void test_look_at(void **state) {
  (void)state;
  enum { LANES = 8, N_AT = 5 };
  for (int k = 0; k < N_PACED; k++) {
    fixture f;
    vdp_init(&f, LANES);
    for (int lane = 0; lane < LANES; lane++) f.rate[lane] = 1.0 + lane;
    double y0[2 * LANES], from[LANES] = {0}, to[LANES], all[2 * LANES], time[LANES], some[2 * N_AT], at[N_AT],
                          *to_some[N_AT];
    const int lane[N_AT] = {6, 1, 1, 7, 0};
    for (int i = 0; i < 2 * LANES; i++) y0[i] = 2, to[i % LANES] = 3 + i % LANES;
    wn_solver *solver = own_clocks(&f.system, paced[k], 1e-6);
    assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
    for (int i = 0; i < 10; i++) {
      assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      const double *before = wn_solver_previously(solver), *now = wn_solver_times(solver);
      for (int l = 0; l < LANES; l++) time[l] = before[l] + 0.3 * (l % 5) * (now[l] - before[l]);
      wn_solver_look(solver, time, all);
      for (int j = 0; j < N_AT; j++) at[j] = time[lane[j]], to_some[j] = &some[2 * j];
      wn_solver_look_at(solver, N_AT, lane, at, to_some);
      for (int j = 0; j < 2 * N_AT; j++) assert_true(some[j] == all[j % 2 * LANES + lane[j / 2]]);
    }
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// a lane that takes up something new has the bits of a solver that never did anything else
static void test_renew(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    fixture f;
    vdp_init(&f, 4);
    const double y0[8] = {2, 2, 2, 2}, from[4] = {0}, to[4] = {1, 9, 9, 9}, again[8] = {0.1, 2, 2, 2}, end[4] = {5};
    const bool first[4] = {true};
    double y[2][8];
    for (int i = 0; i < 2; i++) {
      wn_solver *solver = own_clocks(&f.system, paced[k], 1e-6);
      assert_int_equal(wn_solver_begin(solver, NULL, from, to, i ? again : y0, NULL), WN_OK);
      while (i == 0 && wn_solver_times(solver)[0] < to[0]) assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      if (i == 0) wn_solver_renew(solver, first);
      assert_int_equal(wn_solver_begin(solver, first, from, end, again, NULL), WN_OK);
      while (wn_solver_times(solver)[0] < end[0]) assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
      memcpy(y[i], wn_solver_state(solver), sizeof y[i]);
      wn_solver_destroy(solver);
    }
    assert_true(y[0][0] == y[1][0] && y[0][4] == y[1][4]);
    fixture_free(&f);
  }
}

// errors far below a state's peak may count for nothing: fewer steps, and the peak itself as good as before
static void test_floor(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    int calls[2];
    for (int i = 0; i < 2; i++) {
      fixture f;
      decay_init(&f, 4);
      wn_solver_def def = test_def(paced[k], 1e-6, 1e-30);
      def.floor = i ? 1e-3 : 0;
      wn_solver *solver = test_solver(&f.system, def);
      const double y0[4] = {1, 1, 1, 1}, from[4] = {0}, to[4] = {40, 40, 40, 40};
      double y[4];
      assert_int_equal(wn_solver_begin(solver, NULL, from, to, y0, NULL), WN_OK);
      calls[i] = to_the_ends(solver, 4, to, y, 1);
      assert_close(y[0], exp(-40.0), i ? 1e-8 : 3e-5 * exp(-40.0));
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
    assert_true(2 * calls[1] < calls[0]);
  }
}

enum { N = 3, W = 16, MOST = N * W };
typedef struct blocks {
  double x[WN_MOST_TERM][MOST], y[MOST], next[MOST], old[MOST], peak[MOST], out[MOST], some[MOST], row[14][W];
  wn_lane_mask mask[3][W];
} blocks;

static double noise(unsigned *seed) { return (double)(int)(*seed = *seed * 1664525u + 1013904223u) / 2147483648.0; }

// one of everything, from the same numbers
static void use_all(const wn_pace_ops *ops, blocks *b) {
  unsigned seed = 3;
  for (size_t i = 0; i < offsetof(blocks, mask) / sizeof(double); i++) ((double *)b)[i] = noise(&seed);
  wn_terms terms = {.n = 7};
  wn_curve curve = {.n = 5};
  for (int k = 0; k < WN_MOST_TERM; k++) {
    terms.x[k] = curve.x[k] = b->x[k], terms.c[k] = noise(&seed);
    for (int j = 0; j < 5; j++) curve.c[k][j] = noise(&seed);
    curve.is_scaled[k] = k % 2;
  }
  wn_clocks c = {b->row[0], b->row[1], b->row[2],  b->row[3],  b->row[4],  b->row[5],  b->row[6], b->row[7],
                 b->row[8], b->row[9], b->row[12], b->row[13], b->mask[0], b->mask[1], b->mask[2]};
  for (int lane = 0; lane < W; lane++) {
    c.time[lane] = lane, c.end[lane] = lane + (lane % 3), c.next_step[lane] = 0.3 * (lane % 5), c.past[lane] = 0.5;
    c.err[lane] = lane == 7 ? NAN : 0.3 * lane, c.n_fail[lane] = lane % 2, c.n_step[lane] = 4, c.first_step[lane] = 0;
    b->mask[1][lane] = 0, b->mask[2][lane] = lane % 2 ? -1 : 0;
  }
  const wn_pacing pacing = {0.17, 0.04, 0.2, 0.2, 5, 1.0};
  const wn_judge judge = {1e-3, 1e-6, 1e-3, b->y, b->next, b->peak};
  ops->plan(W, &pacing, &c);
  ops->settle(W, &pacing, &c);
  ops->sum(N, W, &terms, b->out);
  ops->add(N, W, b->out, &terms, b->out);
  ops->add_scaled(N, W, b->out, c.next_step, &terms, b->x[7]);
  ops->stage(N, W, c.next_step, b->x[7], c.past, b->out, &terms, b->x[7]);
  ops->judge(N, W, c.next_step, &terms, &judge, b->row[10]);
  ops->accept(N, W, c.take, b->next, b->y, b->old, b->peak);
  ops->choose(N, W, c.is_first, b->x[0], b->next);
  ops->look(N, W, &c, b->row[11], b->old, b->y, &curve, b->out);
  const int lane[] = {3, 15, 0, 7, 7, 8, 12, 1, 14, 2, 9};
  double time[11], *some[11];
  for (int k = 0; k < 11; k++) some[k] = &b->some[k * N];
  for (int k = 0; k < 11; k++) time[k] = b->row[11][lane[k]];
  ops->look_at(N, W, &c, 11, lane, time, b->old, b->y, &curve, some);
  for (int k = 0; k < 11; k++)
    for (int i = 0; i < N; i++) assert_memory_equal(&b->some[k * N + i], &b->out[i * W + lane[k]], sizeof(double));
}

static void test_kernels_agree(void **state) {
  (void)state;
  static blocks a __attribute__((aligned(64))), b __attribute__((aligned(64)));
  use_all(&wn_pace_ops_portable, &a);
  int n_set = 1;
  for (int width = 4; width <= W; width += 4) {
    // what this processor would take for the width
    const wn_pace_ops *ops = wn_pace_ops_get(width);
    assert_int_equal(width % ops->vector, 0);
    if (ops == &wn_pace_ops_portable) continue;
    use_all(ops, &b);
    assert_memory_equal(&a, &b, sizeof a);
    n_set++;
  }
  // the numbers are not all the same, and lanes were taken, refused and left standing
  assert_true(n_set == 1 || n_set == W / 4 + 1);
  int taken = 0;
  for (int lane = 0; lane < W; lane++) taken += a.mask[0][lane] != 0;
  assert_in_range(taken, 1, W - 1);
  assert_true(a.mask[0][7] == 0);
}

static void test_memory(void **state) {
  (void)state;
  for (int k = 0; k < N_PACED; k++) {
    fixture f;
    vdp_init(&f, 4);
    wn_solver_def def = test_def(paced[k], 1e-6, 1e-9);
    for (long n = 0;; n++) {
      wn_solver *solver = NULL;
      wn_alloc_fail_after(n);
      const wn_status status = wn_solver_create(&f.system, &def, &solver, NULL);
      wn_alloc_fail_after(-1);
      wn_solver_destroy(solver);
      if (!status) break;
      assert_int_equal(status, WN_ERR_MEMORY);
      assert_null(solver);
      assert_true(n < 20);
    }
    fixture_free(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bits_of_a_lane), cmocka_unit_test(test_begin_one), cmocka_unit_test(test_groups),
      cmocka_unit_test(test_order),          cmocka_unit_test(test_look),      cmocka_unit_test(test_floor),
      cmocka_unit_test(test_kernels_agree),  cmocka_unit_test(test_memory),    cmocka_unit_test(test_look_at),
      cmocka_unit_test(test_renew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
