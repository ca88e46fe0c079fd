// lu_body.h - factorisation and triangular solves on vectors of four lanes, included once by each set of kernels, which
// first defines v4. Private to expr/.
// Invariant: a lane's numbers depend on nothing but its own column of the Jacobian, gamma and right-hand side.

typedef struct lu_lanes {
  const wn_lu_code *code;
  size_t width;
  double *entry;  // [n_fill][width], from the chunk's first lane
} lu_lanes;

static inline v4u *entry_at(const lu_lanes *lanes, int entry) {
  return (v4u *)(lanes->entry + (size_t)entry * lanes->width);
}

// I - gamma J, fill-in zero
static inline __attribute__((always_inline)) void form(const lu_lanes *lanes, double gamma, const double *jac,
                                                       const int n) {
  const wn_lu_code *code = lanes->code;
  const v4 zero = {0, 0, 0, 0}, one = {1, 1, 1, 1}, minus = {-gamma, -gamma, -gamma, -gamma};
  for (int e = 0; e < code->n_fill; e++) EACH_VECTOR entry_at(lanes, e)[v] = zero;
  for (int i = 0; i < code->n; i++) EACH_VECTOR entry_at(lanes, code->pivot[i])[v] = one;
  for (int k = 0; k < code->n_nz; k++) {
    const v4u *from = (const v4u *)(jac + (size_t)k * lanes->width);
    v4u *to = entry_at(lanes, code->entry[k]);
    EACH_VECTOR to[v] += minus * from[v];
  }
}

// eliminate row i with the rows before it; returns the next unread target
static inline __attribute__((always_inline)) const int *eliminate(const lu_lanes *lanes, int i, const int *target,
                                                                  const int n) {
  const wn_lu_code *code = lanes->code;
  for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
    int k = code->column[e], last = code->row_start[k + 1];
    v4u *at = entry_at(lanes, e);
    const v4u *reciprocal = entry_at(lanes, code->pivot[k]);
    v4 l[4];
    EACH_VECTOR at[v] = l[v] = at[v] * reciprocal[v];
    for (int u = code->pivot[k] + 1; u < last; u++) {
      const v4u *from = entry_at(lanes, u);
      v4u *to = entry_at(lanes, *target++);
      EACH_VECTOR to[v] -= l[v] * from[v];
    }
  }
  return target;
}

// Is the pivot of row i sound? It must not be what rounding left of the terms it is the sum of, a test that does not
// change with the units of the unknowns; and every entry of the row must be finite.
static inline __attribute__((always_inline)) void check_row(const lu_lanes *lanes, int i, const v4 *diagonal, i4 *good,
                                                            const int n) {
  const wn_lu_code *code = lanes->code;
  const v4 zero = {0, 0, 0, 0}, huge = {DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX}, tiny = {1e-14, 1e-14, 1e-14, 1e-14};
  const i4 magnitude = ~(i4)(-zero);
  v4 terms[4];
  EACH_VECTOR terms[v] = (v4)((i4)diagonal[v] & magnitude);
  for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
    if (code->across[e] < 0) continue;
    const v4u *l = entry_at(lanes, e), *u = entry_at(lanes, code->across[e]);
    EACH_VECTOR terms[v] += (v4)((i4)(l[v] * u[v]) & magnitude);
  }
  for (int e = code->row_start[i]; e < code->row_start[i + 1]; e++)
    EACH_VECTOR good[v] &= (v4)((i4)entry_at(lanes, e)[v] & magnitude) <= huge;
  const v4u *pivot = entry_at(lanes, code->pivot[i]);
  EACH_VECTOR {
    v4 size = (v4)((i4)pivot[v] & magnitude);
    good[v] &= (size > zero) & (size >= tiny * terms[v]);
  }
}

// factorise 4 n lanes; returns the first bad one of them or -1
static inline __attribute__((always_inline)) int factor_lanes(const lu_lanes *lanes, double gamma, const double *jac,
                                                              const int n) {
  const wn_lu_code *code = lanes->code;
  const v4 one = {1, 1, 1, 1};
  const i4 all = one == one;
  i4 good[4] = {all, all, all, all};
  const int *target = code->target;
  form(lanes, gamma, jac, n);
  for (int i = 0; i < code->n; i++) {
    v4u *pivot = entry_at(lanes, code->pivot[i]);
    v4 diagonal[4];
    EACH_VECTOR diagonal[v] = pivot[v];
    target = eliminate(lanes, i, target, n);
    check_row(lanes, i, diagonal, good, n);
    EACH_VECTOR pivot[v] = one / pivot[v];
  }
  for (int lane = 0; lane < 4 * n; lane++)
    if (!good[lane / 4][lane % 4]) return lane;
  return -1;
}

static inline __attribute__((always_inline)) void solve_lanes(const lu_lanes *lanes, double *rhs, const int n) {
  const wn_lu_code *code = lanes->code;
#define RHS(i) ((v4u *)(rhs + (size_t)code->original[i] * lanes->width))
  for (int i = 0; i < code->n; i++) {
    v4u *at = RHS(i);
    v4 sum[4];
    EACH_VECTOR sum[v] = at[v];
    for (int e = code->row_start[i]; e < code->pivot[i]; e++)
      EACH_VECTOR sum[v] -= entry_at(lanes, e)[v] * RHS(code->column[e])[v];
    EACH_VECTOR at[v] = sum[v];
  }
  for (int i = code->n - 1; i >= 0; i--) {
    v4u *at = RHS(i);
    v4 sum[4];
    EACH_VECTOR sum[v] = at[v];
    for (int e = code->pivot[i] + 1; e < code->row_start[i + 1]; e++)
      EACH_VECTOR sum[v] -= entry_at(lanes, e)[v] * RHS(code->column[e])[v];
    const v4u *reciprocal = entry_at(lanes, code->pivot[i]);
    EACH_VECTOR at[v] = sum[v] * reciprocal[v];
  }
#undef RHS
}

static int lu_factor(const wn_lu_code *code, int width, double gamma, const double *jac, double *work) {
  int bad = 0;
  for (int lane = 0, step; lane < width; lane += step) {
    int left = width - lane, found;
    lu_lanes lanes = {code, (size_t)width, work + lane};
    step = left >= 16 ? 16 : left >= 8 ? 8 : 4;
    if (step == 16)
      found = factor_lanes(&lanes, gamma, jac ? jac + lane : NULL, 4);
    else if (step == 8)
      found = factor_lanes(&lanes, gamma, jac ? jac + lane : NULL, 2);
    else
      found = factor_lanes(&lanes, gamma, jac ? jac + lane : NULL, 1);
    if (found >= 0 && !bad) bad = 1 + lane + found;
  }
  return bad;
}

static void lu_solve(const wn_lu_code *code, int width, const double *work, double *b) {
  for (int lane = 0, step; lane < width; lane += step) {
    int left = width - lane;
    // the factors are only read
    lu_lanes lanes = {code, (size_t)width, (double *)work + lane};
    step = left >= 16 ? 16 : left >= 8 ? 8 : 4;
    if (step == 16)
      solve_lanes(&lanes, b + lane, 4);
    else if (step == 8)
      solve_lanes(&lanes, b + lane, 2);
    else
      solve_lanes(&lanes, b + lane, 1);
  }
}
