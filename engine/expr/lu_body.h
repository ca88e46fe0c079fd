// lu_body.h - factorisation and triangular solves on vectors of lanes, included once by each set of kernels, which
// first includes lanes.h. Private to expr/. Invariant: a lane's numbers depend on nothing but its own column of the
// Jacobian, gamma and right-hand side.

typedef struct lu_lanes {
  const wn_lu_code *code;
  size_t width;
  double *entry;  // [n_fill][width], from the chunk's first lane
} lu_lanes;

static inline vec_at *entry_at(const lu_lanes *lanes, int entry) {
  return (vec_at *)(lanes->entry + (size_t)entry * lanes->width);
}

// I - gamma J, fill-in zero
static inline __attribute__((always_inline)) void form(const lu_lanes *lanes, const double *gamma, const double *jac,
                                                       const int n) {
  const wn_lu_code *code = lanes->code;
  const vec zero = {0}, one = (vec){0} + 1;
  vec minus[CHUNK / VECTOR];
  EACH_VECTOR minus[v] = zero - ((const vec_at *)gamma)[v];
  for (int e = 0; e < code->n_fill; e++) EACH_VECTOR entry_at(lanes, e)[v] = zero;
  for (int i = 0; i < code->n; i++) EACH_VECTOR entry_at(lanes, code->pivot[i])[v] = one;
  for (int k = 0; k < code->n_nz; k++) {
    const vec_at *from = (const vec_at *)(jac + (size_t)k * lanes->width);
    vec_at *to = entry_at(lanes, code->entry[k]);
    EACH_VECTOR to[v] += minus[v] * from[v];
  }
}

// eliminate row i with the rows before it; returns the next unread target
static inline __attribute__((always_inline)) const int *eliminate(const lu_lanes *lanes, int i, const int *target,
                                                                  const int n) {
  const wn_lu_code *code = lanes->code;
  for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
    int k = code->column[e], last = code->row_start[k + 1];
    vec_at *at = entry_at(lanes, e);
    const vec_at *reciprocal = entry_at(lanes, code->pivot[k]);
    vec l[CHUNK / VECTOR];
    EACH_VECTOR at[v] = l[v] = at[v] * reciprocal[v];
    for (int u = code->pivot[k] + 1; u < last; u++) {
      const vec_at *from = entry_at(lanes, u);
      vec_at *to = entry_at(lanes, *target++);
      EACH_VECTOR to[v] -= l[v] * from[v];
    }
  }
  return target;
}

// Is the pivot of row i sound? It must not be what rounding left of the terms it is the sum of, a test that does not
// change with the units of the unknowns; and every entry of the row must be finite.
static inline __attribute__((always_inline)) void check_row(const lu_lanes *lanes, int i, const vec *diagonal,
                                                            bits *good, const int n) {
  const wn_lu_code *code = lanes->code;
  const vec zero = {0}, huge = zero + DBL_MAX, tiny = zero + 1e-14;
  vec terms[CHUNK / VECTOR];
  EACH_VECTOR terms[v] = MAGNITUDE(diagonal[v]);
  for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
    if (code->across[e] < 0) continue;
    const vec_at *l = entry_at(lanes, e), *u = entry_at(lanes, code->across[e]);
    EACH_VECTOR terms[v] += MAGNITUDE(l[v] * u[v]);
  }
  for (int e = code->row_start[i]; e < code->row_start[i + 1]; e++)
    EACH_VECTOR good[v] &= MAGNITUDE(entry_at(lanes, e)[v]) <= huge;
  const vec_at *pivot = entry_at(lanes, code->pivot[i]);
  EACH_VECTOR {
    vec size = MAGNITUDE(pivot[v]);
    good[v] &= (size > zero) & (size >= tiny * terms[v]);
  }
}

// factorise VECTOR * n lanes; returns the first bad one of them or -1
static inline __attribute__((always_inline)) int factor_lanes(const lu_lanes *lanes, const double *gamma,
                                                              const double *jac, const int n) {
  const wn_lu_code *code = lanes->code;
  const vec one = (vec){0} + 1;
  bits good[CHUNK / VECTOR];
  EACH_VECTOR good[v] = one == one;
  const int *target = code->target;
  form(lanes, gamma, jac, n);
  for (int i = 0; i < code->n; i++) {
    vec_at *pivot = entry_at(lanes, code->pivot[i]);
    vec diagonal[CHUNK / VECTOR];
    EACH_VECTOR diagonal[v] = pivot[v];
    target = eliminate(lanes, i, target, n);
    check_row(lanes, i, diagonal, good, n);
    EACH_VECTOR pivot[v] = one / pivot[v];
  }
  for (int lane = 0; lane < VECTOR * n; lane++)
    if (!good[lane / VECTOR][lane % VECTOR]) return lane;
  return -1;
}

static inline __attribute__((always_inline)) void solve_lanes(const lu_lanes *lanes, double *rhs, const int n) {
  const wn_lu_code *code = lanes->code;
#define RHS(i) ((vec_at *)(rhs + (size_t)code->original[i] * lanes->width))
  for (int i = 0; i < code->n; i++) {
    vec_at *at = RHS(i);
    vec sum[CHUNK / VECTOR];
    EACH_VECTOR sum[v] = at[v];
    for (int e = code->row_start[i]; e < code->pivot[i]; e++)
      EACH_VECTOR sum[v] -= entry_at(lanes, e)[v] * RHS(code->column[e])[v];
    EACH_VECTOR at[v] = sum[v];
  }
  for (int i = code->n - 1; i >= 0; i--) {
    vec_at *at = RHS(i);
    vec sum[CHUNK / VECTOR];
    EACH_VECTOR sum[v] = at[v];
    for (int e = code->pivot[i] + 1; e < code->row_start[i + 1]; e++)
      EACH_VECTOR sum[v] -= entry_at(lanes, e)[v] * RHS(code->column[e])[v];
    const vec_at *reciprocal = entry_at(lanes, code->pivot[i]);
    EACH_VECTOR at[v] = sum[v] * reciprocal[v];
  }
#undef RHS
}

static int lu_factor(const wn_lu_code *code, int width, const double *gamma, const double *jac, double *work) {
  int bad = 0;
  for (int lane = 0, step; lane < width; lane += step) {
    int left = width - lane, found;
    lu_lanes lanes = {code, (size_t)width, work + lane};
    step = left >= 16 ? 16 : left >= 8 ? 8 : 4;
    if (step == 16)
      found = factor_lanes(&lanes, gamma + lane, jac ? jac + lane : NULL, 16 / VECTOR);
    else if (step == 8)
      found = factor_lanes(&lanes, gamma + lane, jac ? jac + lane : NULL, 8 / VECTOR);
    else
      found = factor_lanes(&lanes, gamma + lane, jac ? jac + lane : NULL, 4 / VECTOR);
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
      solve_lanes(&lanes, b + lane, 16 / VECTOR);
    else if (step == 8)
      solve_lanes(&lanes, b + lane, 8 / VECTOR);
    else
      solve_lanes(&lanes, b + lane, 4 / VECTOR);
  }
}
